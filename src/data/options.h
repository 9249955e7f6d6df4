// [data]: what is trained on; and what `fgan data glyphs` makes.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "image/fit.h"

namespace fgan {

enum class DataKind : int { automatic, gaussian_mixture };
template <>
struct EnumNames<DataKind> {
  static constexpr std::array<std::string_view, 2> names{"auto", "gaussian-mixture"};
};

// What happens to an image that cannot be decoded.
enum class BadImages : int { skip, fail };
template <>
struct EnumNames<BadImages> {
  static constexpr std::array<std::string_view, 2> names{"skip", "fail"};
};

struct DataOptions {
  DataKind kind = DataKind::automatic;
  std::filesystem::path path;
  int size = 0;
  int channels = 0;
  Fit fit = Fit::crop;
  int background = 255;
  BadImages bad_images = BadImages::skip;
  std::int64_t memory = 4096;
  bool mirror = false;
  bool dequantise = false;
  std::vector<double> weights;
  std::string means;
  std::vector<double> deviations;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "path",
             .help = "file or folder of IDX, CIFAR-10, PNG or JPEG, or packed images; the format is found by content",
             .short_name = "data"},
      path);
    v(Option{.key = "kind", .help = "auto: from the path"}, kind);
    v(Option{.key = "size",
             .help = "height and width that images are brought to; 0: their own if all have the same, else 64",
             .unit = "pixels",
             .min = 0,
             .max = 4096},
      size);
    v(Option{.key = "channels", .help = "1: grey, 3: colour; 0: colour if any image has it", .min = 0, .max = 3}, channels);
    v(Option{.key = "fit", .help = "of images to data.size: scaled and cut, scaled with a margin, or stretched"}, fit);
    v(Option{.key = "background", .help = "grey level behind transparent pixels and in margins", .min = 0, .max = 255}, background);
    v(Option{.key = "bad_images", .help = "images that cannot be decoded: named and replaced by the next good one, or the end of the run"},
      bad_images);
    v(Option{.key = "memory",
             .help = "images are held decoded up to this, larger sets read and decoded as they are needed",
             .unit = "MiB",
             .min = 0,
             .max = 1 << 24,
             .affects_result = false},
      memory);
    v(Option{.key = "mirror", .help = "train on each image or its mirror image, left and right exchanged, evenly at random"}, mirror);
    v(Option{.key = "dequantise", .help = "train on bytes plus uniform noise of one grey level, other noise each time"}, dequantise);
    v(Option{.key = "weights", .help = "gaussian-mixture: weights of the components, comma-separated"}, weights);
    v(Option{.key = "means", .help = "gaussian-mixture: means, comma-separated; two numbers apart by a space each in 2-D"}, means);
    v(Option{.key = "deviations", .help = "gaussian-mixture: standard deviations, comma-separated", .min = 0}, deviations);
  }
};

struct GlyphOptions {
  std::filesystem::path output = "glyphs";
  std::filesystem::path fonts;
  int size = 32;
  int faces = 0;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "output", .help = "folder to write", .short_name = "o"}, output);
    v(Option{.key = "fonts", .help = "folder with font files, searched with all below it; empty: the system's and the user's"}, fonts);
    v(Option{.key = "size", .help = "height and width of an image", .unit = "pixels", .min = 8, .max = 256}, size);
    v(Option{.key = "faces", .help = "at most so many, spread evenly over the families; 0: all", .min = 0, .max = 1e6}, faces);
  }
};

}  // namespace fgan
