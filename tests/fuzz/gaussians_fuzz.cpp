// Mixtures: means, deviations and weights, apart by line ends.
#include <array>
#include <cmath>
#include <cstring>

#include "config/value.h"
#include "data/formats/gaussians.h"
#include "target.h"

using namespace fgan;
using namespace fgan::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = text_of(data, size);
  DataOptions options;
  options.kind = DataKind::gaussian_mixture;
  std::unique_ptr<Dataset> mixture;
  const bool opened = accepts(Exit::usage, [&] {
    constexpr Option kNumbers{.key = "numbers", .help = "of the components"};
    options.means = take_part(rest, '\n');
    read_value(take_part(rest, '\n'), kNumbers, options.deviations);
    read_value(take_part(rest, '\n'), kNumbers, options.weights);
    mixture = open_gaussians(options, 1);
  });
  if (!opened) return 0;
  const auto dimensions = static_cast<std::size_t>(mixture->sample_shape().example());
  std::array<float, 2> sample{};
  for (std::int64_t index = 0; index < 8; ++index) {
    mixture->read(index, std::as_writable_bytes(std::span(sample).first(dimensions)));
    require(std::isfinite(sample[0]) && std::isfinite(sample[1]), "samples are finite");
  }
  const std::array<double, 2> point{sample[0], sample[1]};
  for (const double density : mixture->density(std::span(point).first(dimensions))) require(density >= 0, "a density is not negative");
  return 0;
}
