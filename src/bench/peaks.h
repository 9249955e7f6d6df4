// What a machine can do at most, measured: the bounds of a roofline.
#pragma once

#include "device/device.h"

namespace fgan {

struct Peaks {
  double product_gflops = 0;  // the best dense product of the device's own
  double fma_gflops = 0;      // f32 multiply-adds in registers, all threads; 0 where it is not measured (GPU, naive)
  double copy_gbytes = 0;     // read and written a second, of a copy larger than second-level caches

  double gflops() const { return product_gflops > fma_gflops ? product_gflops : fma_gflops; }
  // Seconds that nothing which computes and moves as much can be faster than, as long as its operands come from memory.
  double bound(double flops, double bytes) const;
};

Peaks measure_peaks(Device& device);

}  // namespace fgan
