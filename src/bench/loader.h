// The speed of the loader alone: opening, reading, decoding, shuffling, and no network.
#pragma once

#include "bench/options.h"
#include "bench/report.h"
#include "data/options.h"

namespace fgan {

// Without data.path, of pictures made for it.
BenchText bench_loader(const RepeatOptions& repeats, const MadePictures& made, const DataOptions& data);

}  // namespace fgan
