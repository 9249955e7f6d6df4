// Work on many files at once while a data set is opened or checked.
#pragma once

#include <cstdint>
#include <functional>

namespace fgan {

// Calls work(0) ... work(count - 1) from as many threads as there are processors, 16 at most, in no particular order.  When calls
// throw, no further ones begin and the exception of the lowest index comes out: the same one for any number of threads.
void for_each_index(std::int64_t count, const std::function<void(std::int64_t)>& work);

}  // namespace fgan
