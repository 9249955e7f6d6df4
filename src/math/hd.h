// The host/device markers: the only thing in src/math that knows nvcc exists.
#pragma once

#if defined(__CUDACC__)
#define FGAN_HD __host__ __device__
// Before a template that is FGAN_HD and calls what it is given: whether that may run on the device is the caller's affair.
#define FGAN_HD_CALLS_GIVEN _Pragma("nv_exec_check_disable")
#else
#define FGAN_HD
#define FGAN_HD_CALLS_GIVEN
#endif
