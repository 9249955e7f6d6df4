// The pictures of a run: grids of images at latents that stay the same; for numbers of one or two dimensions plots of the densities of
// data and generator and of the critic.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "data/dataset.h"
#include "image/picture.h"
#include "train/critic_probe.h"
#include "train/sampling.h"

namespace fgan {

class Pictures {
 public:
  // samples: images in a grid.  level: the critic's v at P = Q, where its plots are centred.
  // reference: the critic's, see CriticProbe.
  Pictures(Device& device, Players& players, In reference, Sampling& sampling, const Dataset& dataset, int samples, double level);

  Picture reals();
  Picture samples(std::int64_t step);  // throws StopRequested
  // Of the last samples, relative to that of as many real examples (train/health.h); nothing where there are too few, or those are all
  // alike.
  std::optional<double> relative_spread();

 private:
  struct Range {
    double lo, hi;
  };

  bool is_image() const { return dataset_.dtype() == DType::u8; }
  void measure_ranges();
  template <class T>
  std::vector<T> real_examples(std::int64_t count) const;
  std::optional<double> real_spread() const;
  std::vector<float> draw_numbers();
  Picture line_plot(std::optional<std::int64_t> step);
  Picture field_plot(std::optional<std::int64_t> step);
  Picture plot_of(std::optional<std::int64_t> step) { return ranges_.size() == 1 ? line_plot(step) : field_plot(step); }

  Sampling& sampling_;
  const Dataset& dataset_;
  int samples_;
  double level_;
  std::vector<Range> ranges_;  // of the plot, one for each dimension; empty for images
  std::optional<CriticProbe> probe_;
  std::optional<double> spread_;                      // of the last samples
  std::optional<std::optional<double>> real_spread_;  // measured once, when it is asked for
};

// A grid of NHWC pixels; columns 0: near-square.
Picture grid_of(const std::vector<std::uint8_t>& pixels, const Shape& example, int columns = 0);

// About `count` images of a data set, spread over all of it: a row for each class where there are classes and they are few enough.
Picture data_grid(const Dataset& dataset, std::int64_t count);

}  // namespace fgan
