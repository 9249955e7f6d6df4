// What kernels/ leaves to whoever links it.
#include "base/error.h"
#include "kernels/stream.h"

namespace fgan::kernels {

void launch_failed(const char* kernel, const char* reason) { fail(Exit::device, "the kernel {} could not be started: {}", kernel, reason); }

}  // namespace fgan::kernels
