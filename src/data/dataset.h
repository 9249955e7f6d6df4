// Data sets: a number of samples of one shape, read by index from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/options.h"
#include "tensor/tensor.h"

namespace fgan {

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::int64_t size() const = 0;
  virtual Shape sample_shape() const = 0;  // n = 1; numbers without spatial extent are 1x1xC
  virtual DType dtype() const = 0;         // u8 pixels, or f32 values
  // Sample `index` (0 <= index < size) into `out` of exactly sample_shape().example() elements.  Thread-safe.
  virtual void read(std::int64_t index, std::span<std::byte> out) const = 0;
  // Says that these samples will be read next, in this order: what lies on a disk is fetched meanwhile.
  virtual void prefetch(std::span<const std::int64_t> /*indices*/) const {}
  virtual std::string description() const = 0;  // one line for the log
  // The same for the same images in the same order, wherever they lie: of the pixels, or of the names and sizes of picture files.  Empty
  // where options say all there is to say (mixtures).
  virtual std::string digest() const { return {}; }
  // Whether read() computes enough (decodes a file) to be worth several threads.
  virtual bool costly() const { return false; }
  // Images that could not be decoded, as far as is known, and in whose places others are read.
  virtual std::int64_t replaced() const { return 0; }
  // Names of the classes, empty where the data has none; label() is an index into them, and -1 for an example without one.
  virtual std::vector<std::string> classes() const { return {}; }
  virtual int label(std::int64_t /*index*/) const { return -1; }
  // The density where it is known in closed form (mixtures): values at points [n, dimensions]; empty otherwise.
  virtual std::vector<double> density(std::span<const double> /*points*/) const { return {}; }
};

// Throws Error(usage) for options that cannot be meant together; open_dataset asks too.
void refuse_contradictions(const DataOptions& options);

// Opens what the options name.  Throws Error(data) for missing, empty, damaged or unknown files, Error(usage) for contradictory options.
std::unique_ptr<Dataset> open_dataset(const DataOptions& options, std::uint64_t seed);

}  // namespace fgan
