// The host/device marker: the only thing in src/math that knows nvcc exists.
#pragma once

#if defined(__CUDACC__)
#define FGAN_HD __host__ __device__
#else
#define FGAN_HD
#endif
