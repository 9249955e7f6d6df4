// The processor this runs on.
#pragma once

#include <string>

namespace fgan {

std::string processor_name();  // as the system gives it, for logs

}  // namespace fgan
