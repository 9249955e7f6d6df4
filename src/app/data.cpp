// fgan data: look at, verify or make a data set.
#include <algorithm>
#include <chrono>
#include <mutex>

#include "app/verbs.h"
#include "base/log.h"
#include "base/text.h"
#include "data/check.h"
#include "data/glyphs.h"
#include "data/pack.h"
#include "image/png.h"
#include "report/console.h"
#include "train/pictures.h"
#include "train/stop.h"

namespace fgan {
namespace {

std::string counts(const std::vector<NamedCount>& all) {
  constexpr std::size_t kShown = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kShown); ++i)
    text += format("{}{} ({})", i == 0 ? "" : ", ", all[i].name, all[i].images);
  return all.size() > kShown ? text + format(" and {} more", all.size() - kShown) : text;
}

std::string numbers(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += format("{}{:.1f}", text.empty() ? "" : " ", value);
  return text;
}

std::string sizes(const std::vector<SizeCount>& all) {
  std::vector<NamedCount> named;
  for (const SizeCount& size : all) named.push_back({format("{}x{}", size.width, size.height), size.images});
  return counts(named);
}

void line(const char* what, const std::string& text) {
  if (!text.empty()) print(format("{:<12} {}\n", what, printable(text)));
}

void describe(const DataReport& report) {
  line("data", report.description);
  line("kinds", counts(report.kinds));
  line("sizes", sizes(report.sizes));
  if (report.dtype == DType::u8)
    line("training",
         format("{} of {} by {}, {}; {:.1f} MiB decoded", counted(report.images, "image", "images"), report.sample.w, report.sample.h,
                report.sample.c == 1 ? "grey" : "colour", static_cast<double>(report.decoded_bytes) / 1048576));
  if (!report.classes.empty()) line("classes", format("{}: {}", report.classes.size(), counts(report.classes)));
  if (report.unlabelled > 0) line("no class", std::to_string(report.unlabelled));
  std::string left_out;
  for (const std::string& name : report.left_out) left_out += (left_out.empty() ? "" : ", ") + name;
  line("left out", left_out);
  if (report.other_files > 0) line("ignored", counted(report.other_files, "other file", "other files"));
  line("mean", numbers(report.mean));
  line("deviation", numbers(report.deviation));
}

Exit info(const DataCommand& command) {
  const DataReport report = inspect_data(command.data, 0);
  describe(report);
  if (!report.bad.empty()) line("bad", format("{} images whose headers cannot be read; fgan data check names all", report.bad.size()));
  return Exit::done;
}

// Bad images are what it was asked for: they are printed, and the exit code says that there are some.
Exit check(const DataCommand& command) {
  const DataReport report = check_data(command.data, 0);
  describe(report);
  for (const BadImage& bad : report.bad) line("bad", bad.reason);
  if (report.bad.empty()) return Exit::done;
  fail(Exit::data, "{} of {} images cannot be decoded; in training the next good one is used in place of each (data.bad_images)",
       report.bad.size(), report.images);
}

Exit grid(const DataCommand& command) {
  const std::unique_ptr<Dataset> dataset = open_dataset(command.data, 0);
  if (dataset->dtype() != DType::u8)
    fail(Exit::usage, "data.kind = gaussian-mixture draws numbers, not images: there is nothing to be shown");
  if (command.grid.output.extension() != ".png")
    fail(Exit::usage, "cannot write a picture to '{}': name it NAME.png", command.grid.output.string());
  write_png(command.grid.output, data_grid(*dataset, command.grid.count));
  log::info("{} in {}", dataset->description(), command.grid.output.string());
  return Exit::done;
}

// A line from time to time; a signal ends what it is told of.  Any thread may tell it of the next image.
class PackingProgress {
 public:
  explicit PackingProgress(std::int64_t images) : images_(images) {}
  void next() {
    throw_if_stopping();
    const std::lock_guard lock(mutex_);
    const std::int64_t done = begun_images_++;
    const auto now = Clock::now();
    if (done == 0 || now - said_ < std::chrono::seconds(5)) return;
    said_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    log::info("{} of {} images, {} left", done, images_,
              duration_text(seconds / static_cast<double>(done) * static_cast<double>(images_ - done)));
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  std::int64_t images_, begun_images_ = 0;
  Clock::time_point begun_ = Clock::now(), said_ = begun_;
};

Exit convert(const DataCommand& command) {
  DataOptions options = command.data;
  options.memory = 0;  // each image is needed once
  const std::unique_ptr<Dataset> source = open_dataset(options, 0);
  install_stop_handlers();
  try {
    PackingProgress progress(source->size());
    pack(*source, options, command.packed, [&] { progress.next(); });
  } catch (const StopRequested&) {  // by now the half file is removed
    leave_at_stop_signals();
    return Exit::stopped;
  }
  const Shape shape = source->sample_shape();
  log::info("{} of {} by {} pixels in {}",
            counted(source->size(), shape.c == 1 ? "grey image" : "colour image", shape.c == 1 ? "grey images" : "colour images"), shape.h,
            shape.w, command.packed.string());
  if (source->replaced() > 0) log::warn("{} of them cannot be decoded; in place of each is the next good one", source->replaced());
  return Exit::done;
}

Exit glyphs(const GlyphOptions& options) {
  const GlyphSummary made = make_glyphs(options);
  std::string left_out;
  for (const auto& [why, count] : made.left_out) left_out += format("{}{} {}", left_out.empty() ? "; left out: " : ", ", count, why);
  log::info("{} of {} in {}{}", counted(made.images, "image", "images"), counted(made.faces, "face", "faces"), options.output.string(),
            left_out);
  return Exit::done;
}

}  // namespace

Exit run_data(const DataCommand& command) {
  switch (command.subject) {
    case DataSubject::grid: return grid(command);
    case DataSubject::convert: return convert(command);
    case DataSubject::glyphs: return glyphs(command.glyphs);
    case DataSubject::info: return info(command);
    case DataSubject::check: return check(command);
  }
  fail(Exit::internal, "unhandled subject of data");
}

}  // namespace fgan
