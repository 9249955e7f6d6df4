// Data sets: a number of samples of one shape, read by index from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/option.h"
#include "tensor/tensor.h"

namespace fgan {

enum class DataKind : int { automatic, gaussian_mixture };
template <>
struct EnumNames<DataKind> {
  static constexpr std::array<std::string_view, 2> names{"auto", "gaussian-mixture"};
};

struct DataOptions {
  DataKind kind = DataKind::automatic;
  std::filesystem::path path;
  std::vector<double> weights;
  std::string means;
  std::vector<double> deviations;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "path", .help = "file or folder; the format is found by content", .short_name = "data"}, path);
    v(Option{.key = "kind", .help = "auto: from the path"}, kind);
    v(Option{.key = "weights", .help = "gaussian-mixture: weights of the components, comma-separated"}, weights);
    v(Option{.key = "means", .help = "gaussian-mixture: means, comma-separated; two numbers apart by a space each in 2-D"}, means);
    v(Option{.key = "deviations", .help = "gaussian-mixture: standard deviations, comma-separated", .min = 0}, deviations);
  }
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::int64_t size() const = 0;
  virtual Shape sample_shape() const = 0;  // n = 1; numbers without spatial extent are 1x1xC
  virtual DType dtype() const = 0;         // u8 pixels, or f32 values
  // Sample `index` (0 <= index < size) into `out` of exactly sample_shape().example() elements.  Thread-safe.
  virtual void read(std::int64_t index, std::span<std::byte> out) const = 0;
  virtual std::string description() const = 0;  // one line for the log
  // The density where it is known in closed form (mixtures): values at points [n, dimensions]; empty otherwise.
  virtual std::vector<double> density(std::span<const double> /*points*/) const { return {}; }
};

// Opens what the options name.  Throws Error(data) for missing, empty, damaged or unknown files, Error(usage) for contradictory options.
std::unique_ptr<Dataset> open_dataset(const DataOptions& options, std::uint64_t seed);

}  // namespace fgan
