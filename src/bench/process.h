// What this process has used so far.
#pragma once

namespace fgan {

double processor_seconds();  // of all threads
double peak_rss_mib();

}  // namespace fgan
