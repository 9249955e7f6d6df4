// A driver without a GPU, as little of one as cuDNN needs to finish its plans: it reports no device, and takes every compiled kernel
// without looking at it.  The toolkit's stub driver refuses them, and with them every plan that cuDNN compiles at run time.
#define FGAN_DRIVER(name) extern "C" __attribute__((visibility("default"))) int name

namespace {

constexpr int kSuccess = 0, kNoDevice = 100;  // CUDA_ERROR_NO_DEVICE

int any;  // what handles point at

}  // namespace

FGAN_DRIVER(cuInit)(unsigned) { return kNoDevice; }
FGAN_DRIVER(cuDriverGetVersion)(int* version) {
  *version = 13000;
  return kSuccess;
}
FGAN_DRIVER(cuGetErrorName)(int, const char** text) {
  *text = "an error of the driver's double";
  return kSuccess;
}
FGAN_DRIVER(cuGetErrorString)(int error, const char** text) { return cuGetErrorName(error, text); }
FGAN_DRIVER(cuLibraryLoadData)(void** library, const void*, void*, void**, unsigned, void*, void**, unsigned) {
  *library = &any;
  return kSuccess;
}
FGAN_DRIVER(cuLibraryUnload)(void*) { return kSuccess; }
FGAN_DRIVER(cuLibraryGetKernel)(void** kernel, void*, const char*) {
  *kernel = &any;
  return kSuccess;
}

// Without one of these by name cuDNN offers no engine that it compiles.
#define FGAN_NO_DEVICE(name) \
  FGAN_DRIVER(name)() { return kNoDevice; }
FGAN_NO_DEVICE(cuCtxGetCurrent)
FGAN_NO_DEVICE(cuCtxGetLimit)
FGAN_NO_DEVICE(cuCtxPopCurrent)
FGAN_NO_DEVICE(cuCtxPushCurrent)
FGAN_NO_DEVICE(cuDeviceGet)
FGAN_NO_DEVICE(cuDeviceGetCount)
FGAN_NO_DEVICE(cuKernelGetAttribute)
FGAN_NO_DEVICE(cuKernelSetAttribute)
FGAN_NO_DEVICE(cuLaunchCooperativeKernel)
FGAN_NO_DEVICE(cuLaunchKernel)
FGAN_NO_DEVICE(cuLaunchKernelEx)
FGAN_NO_DEVICE(cuLibraryLoadFromFile)
FGAN_NO_DEVICE(cuLinkAddData)
FGAN_NO_DEVICE(cuLinkComplete)
FGAN_NO_DEVICE(cuLinkCreate)
FGAN_NO_DEVICE(cuLinkDestroy)
FGAN_NO_DEVICE(cuOccupancyMaxPotentialClusterSize)
FGAN_NO_DEVICE(cuStreamGetCtx)
