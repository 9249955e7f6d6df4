// The command line: words to what shall be done.  CLI11 splits options from words; their meaning comes from the option table, so that
// a value is checked alike wherever it stands.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "bench/options.h"
#include "config/config.h"
#include "config/sources.h"

namespace fgan {

// --help, --version, --print-config: text for stdout, and done.
struct PrintCommand {
  std::string text;
};

struct TrainCommand {
  ResolvedConfig config;
  bool dry_run = false;
  bool allow_config_change = false;
};

struct SampleOptions {
  std::int64_t count = 64;
  std::int64_t first = 0;
  std::filesystem::path output = "samples.png";
  std::int64_t seed = -1;

  template <class V>
  void describe(V& v) {
    v(Option{.key = "count", .help = "how many", .unit = "images", .min = 1, .max = 1e9, .short_name = "n"}, count);
    v(Option{.key = "first", .help = "number of the first; a number is always the same image", .min = 0, .max = 1e15}, first);
    v(Option{.key = "output", .help = "NAME.png: one grid; NAME.npy: an array; a folder: single pictures", .short_name = "o"}, output);
    v(Option{.key = "seed", .help = "of the latents; -1: the run's", .min = -1, .max = 9e15}, seed);
  }
};

struct SampleCommand {
  std::filesystem::path source;  // a run folder or a checkpoint
  SampleOptions options;
  DeviceOptions device;
};

enum class DataSubject : int { info, check, grid, convert, glyphs };
template <>
struct EnumNames<DataSubject> {
  static constexpr std::array<std::string_view, 5> names{"info", "check", "grid", "convert", "glyphs"};
};

struct GridOptions {
  std::int64_t count = 64;
  std::filesystem::path output = "data.png";

  template <class V>
  void describe(V& v) {
    v(Option{.key = "count", .help = "how many, about", .unit = "images", .min = 1, .max = 1e6, .short_name = "n"}, count);
    v(Option{.key = "output", .help = "picture to write", .short_name = "o"}, output);
  }
};

struct DataCommand {
  DataSubject subject = DataSubject::info;
  DataOptions data;
  GridOptions grid;
  std::filesystem::path packed;  // the file that convert writes
  GlyphOptions glyphs;
};

enum class ListSubject : int { divergences, devices, presets };
template <>
struct EnumNames<ListSubject> {
  static constexpr std::array<std::string_view, 3> names{"divergences", "devices", "presets"};
};

struct ListCommand {
  ListSubject subject = ListSubject::divergences;
  bool json = false;
};

struct BenchCommand {
  BenchSubject subject = BenchSubject::step;
  RepeatOptions repeats;    // ops, step, loader
  StepBenchOptions step;    // ops, step
  DeviceOptions device;     // ops, step
  MadePictures pictures;    // loader
  DataOptions data;         // loader
  ResolvedConfig training;  // train
  bool json = false;
};

using Command = std::variant<PrintCommand, TrainCommand, SampleCommand, DataCommand, ListCommand, BenchCommand>;

struct CommandLine {
  Command command;
  std::vector<std::string> warnings;  // for whoever logs
};

// `words` without the program's name.  Throws Error(usage) with one line that says what is wrong and what would be right.
CommandLine parse_command_line(const std::vector<std::string>& words, const Environment& environment);
CommandLine parse_command_line(int argc, char** argv);

}  // namespace fgan
