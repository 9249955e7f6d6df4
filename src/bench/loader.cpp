#include "bench/loader.h"

#include <chrono>
#include <optional>

#include "bench/process.h"
#include "bench/temporary_folder.h"
#include "data/loader.h"
#include "image/png.h"
#include "math/philox.h"
#include "train/stop.h"

namespace fgan {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Slopes and some noise: about as hard to decode as a photograph.
std::vector<std::uint8_t> picture(const MadePictures& made, int number) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(made.size) * static_cast<std::size_t>(made.size * made.channels));
  for (int y = 0; y < made.size; ++y)
    for (int x = 0; x < made.size; ++x)
      for (int c = 0; c < made.channels; ++c) {
        const std::uint32_t noise = math::bits(1, math::Purpose::bench, number, 0, static_cast<std::uint32_t>(pixels.size())) >> 28;
        pixels.push_back(static_cast<std::uint8_t>((x * (1 + number % 3) + y * (c + 1) + number) / 2 + static_cast<int>(noise)));
      }
  return pixels;
}

void make(const std::filesystem::path& folder, const MadePictures& made) {
  for (int i = 0; i < made.images; ++i) {
    throw_if_stopping();  // the folder vanishes
    write_png(folder / format("{:07d}.png", i), picture(made, i), made.size, made.size, made.channels);
  }
}

}  // namespace

BenchText bench_loader(const RepeatOptions& repeats, const MadePictures& made, const DataOptions& options) {
  DataOptions data = options;
  std::optional<TemporaryFolder> folder;
  if (data.path.empty() && data.kind == DataKind::automatic) {
    folder.emplace();
    make(folder->path(), made);
    data.path = folder->path();
    data.memory = 0;  // what is measured is decoding
  }
  const auto start = Clock::now();
  const std::unique_ptr<Dataset> dataset = open_dataset(data, 1);
  const double open_s = seconds_since(start);
  Loader loader(*dataset, 1, repeats.batch, 0);
  std::vector<double> seconds;  // of a batch
  for (int repeat = 0; repeat <= repeats.repeats; ++repeat) {
    const auto begin = Clock::now();
    for (int i = 0; i < repeats.steps; ++i) {
      throw_if_stopping();
      loader.next();
    }
    if (repeat > 0) seconds.push_back(seconds_since(begin) / repeats.steps);
  }
  const Spread batch = spread_of(std::move(seconds));
  const double images_per_s = static_cast<double>(repeats.batch) / batch.median;

  JsonObject json, open, one;
  json.add("bench", "loader");
  add_machine(json, nullptr);
  json.add("data", folder ? "made" : dataset->description()).add("images", dataset->size()).add("batch", repeats.batch);
  json.add("decodes_each_time", dataset->costly()).add("steps", repeats.steps).add("images_per_s", images_per_s);
  json.add("peak_rss_mib", peak_rss_mib());
  one.add("name", "batch").add("unit", "s").add(batch);
  open.add("name", "open").add("unit", "s").add(spread_of({open_s}));
  json.add("cases", {one, open});
  return {
      format("{}: opened in {:.3f} s, {}\nbatches of {}: {:.0f} images/s ({:.3f} ms a batch, {:.3f} to {:.3f})\n",
             folder ? "pictures made for this" : dataset->description(), open_s, dataset->costly() ? "decoded each time" : "read as pixels",
             repeats.batch, images_per_s, 1e3 * batch.median, 1e3 * batch.min, 1e3 * batch.max),
      json.text() + "\n"};
}

}  // namespace fgan
