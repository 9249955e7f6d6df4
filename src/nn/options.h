// Options of a network: [model] for both players, [generator] and [critic] for one.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/option.h"
#include "math/activation.h"

namespace fgan {

enum class Architecture : int { mlp, dcgan, affine };
template <>
struct EnumNames<Architecture> {
  static constexpr std::array<std::string_view, 3> names{"mlp", "dcgan", "affine"};
};

enum class Normalization : int { automatic, none, batch, reference_batch, virtual_batch };
template <>
struct EnumNames<Normalization> {
  static constexpr std::array<std::string_view, 5> names{"auto", "none", "batch", "reference-batch", "virtual-batch"};
};

enum class HiddenActivation : int { automatic, relu, leaky_relu, elu, tanh, sigmoid };
template <>
struct EnumNames<HiddenActivation> {
  static constexpr std::array<std::string_view, 6> names{"auto", "relu", "leaky-relu", "elu", "tanh", "sigmoid"};
};

enum class OutputActivation : int { automatic, linear, tanh, sigmoid };
template <>
struct EnumNames<OutputActivation> {
  static constexpr std::array<std::string_view, 4> names{"auto", "linear", "tanh", "sigmoid"};
};

enum class LatentNoise : int { normal, uniform };
template <>
struct EnumNames<LatentNoise> {
  static constexpr std::array<std::string_view, 2> names{"normal", "uniform"};
};

struct ModelOptions {
  Architecture architecture = Architecture::mlp;
  int width = 0;
  int depth = 0;
  Normalization normalization = Normalization::automatic;
  int reference_rows = 0;
  bool reference_gradient = true;
  HiddenActivation activation = HiddenActivation::automatic;
  double slope = 0.2;
  OutputActivation output = OutputActivation::automatic;
  double dropout = 0;
  double init_deviation = -1;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "architecture", .help = "network; affine (x = mu + sigma z) is for the generator, its critic is an mlp"}, architecture);
    v(Option{.key = "width",
             .help = "units of a hidden layer, or channels next to the image; 0: mlp 1200 and 240, dcgan 64, affine's critic 64",
             .min = 0,
             .max = 65536},
      width);
    v(Option{.key = "depth",
             .help = "hidden layers, or stride-2 stages; 0: mlp 2, dcgan from the image size",
             .unit = "layers",
             .min = 0,
             .max = 16},
      depth);
    v(Option{.key = "normalization",
             .help =
                 "between layers, of the batch, a fixed reference batch, or that with each example (virtual-batch); auto: batch for dcgan "
                 "and for generators of images, else none"},
      normalization);
    v(Option{.key = "reference_rows",
             .help = "fixed examples in every pass whose statistics normalise the others (virtual-batch: together with their own); 0: "
                     "train.batch",
             .min = 0,
             .max = 1 << 20},
      reference_rows);
    v(Option{.key = "reference_gradient", .help = "gradients go through the statistics of the reference, or take them as constants"},
      reference_gradient);
    v(Option{.key = "activation", .help = "of hidden layers; auto: generator relu, critic leaky-relu (dcgan), elu (mlp), tanh (affine's)"},
      activation);
    v(Option{.key = "slope", .help = "of leaky-relu below zero", .min = 0, .max = 1}, slope);
    v(Option{.key = "output", .help = "of the generator; auto: tanh for images, linear for numbers"}, output);
    v(Option{.key = "dropout",
             .help = "probability with which training leaves out each hidden value of each example; 0: none",
             .min = 0,
             .max = 0.99},
      dropout);
    v(Option{.key = "init_deviation", .help = "of the initial weights; -1: dcgan 0.02, others 1/sqrt(inputs)", .min = -1, .max = 100},
      init_deviation);
  }
};

// Of the generator's input only.
struct LatentOptions {
  int latent = 0;
  LatentNoise noise = LatentNoise::normal;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "latent",
             .help = "numbers in the generator's input; 0: 100 for images, 16 for numbers, affine as many as the data has",
             .min = 0,
             .max = 65536},
      latent);
    v(Option{.key = "noise", .help = "of the generator's input: standard normal, or uniform on (-1, 1)"}, noise);
  }
};

}  // namespace fgan
