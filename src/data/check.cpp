#include "data/check.h"

#include <cmath>
#include <mutex>

#include "base/error.h"
#include "data/formats/packed.h"
#include "data/formats/pictures.h"
#include "data/formats/records.h"
#include "data/parallel.h"

namespace fgan {
namespace {

// Sums of whole numbers: the same in any order.
class PixelMoments {
 public:
  explicit PixelMoments(std::size_t channels) : sum_(channels), squares_(channels) {}

  void add(std::span<const std::uint8_t> pixels) {
    std::vector<std::uint64_t> sum(sum_.size()), squares(sum_.size());
    for (std::size_t pixel = 0; pixel < pixels.size(); pixel += sum.size()) {
      for (std::size_t c = 0; c < sum.size(); ++c) {
        const std::uint64_t value = pixels[pixel + c];
        sum[c] += value;
        squares[c] += value * value;
      }
    }
    const std::lock_guard lock(mutex_);
    count_ += pixels.size() / sum.size();
    for (std::size_t c = 0; c < sum.size(); ++c) {
      sum_[c] += sum[c];
      squares_[c] += squares[c];
    }
  }
  void report(DataReport& report) const {
    if (count_ == 0) return;
    const double n = static_cast<double>(count_);
    for (std::size_t c = 0; c < sum_.size(); ++c) {
      const double mean = static_cast<double>(sum_[c]) / n;
      report.mean.push_back(mean);
      report.deviation.push_back(std::sqrt(std::max(0.0, static_cast<double>(squares_[c]) / n - mean * mean)));
    }
  }

 private:
  std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> sum_, squares_;
};

void count_classes(DataReport& report, const std::vector<std::string>& classes, const std::vector<std::int32_t>& labels) {
  for (const std::string& name : classes) report.classes.push_back({name, 0});
  if (classes.empty()) return;
  for (const std::int32_t label : labels) {
    if (label >= 0) ++report.classes[static_cast<std::size_t>(label)].images;
    else ++report.unlabelled;
  }
}

void list_bad(DataReport& report, const PictureSurvey& survey, const Faults& faults) {
  report.bad.clear();
  for (const auto& [index, reason] : faults) report.bad.push_back({survey.files.path(index).string(), reason});
}

std::vector<NamedCount> count_kinds(const PictureFiles& files) {
  std::vector<NamedCount> kinds{{"PNG", 0}, {"JPEG", 0}, {"other content", 0}};
  std::mutex mutex;
  for_each_index(files.count(), [&](std::int64_t index) {
    const ImageKind kind = image_kind(files.path(index));
    const std::lock_guard lock(mutex);
    ++kinds[kind == ImageKind::png ? 0 : kind == ImageKind::jpeg ? 1 : 2].images;
  });
  std::erase_if(kinds, [](const NamedCount& kind) { return kind.images == 0; });
  return kinds;
}

DataReport report_of(const PictureSurvey& survey) {
  DataReport report;
  report.description = survey.description;
  report.images = survey.files.count();
  report.sample = {1, survey.target.height, survey.target.width, survey.target.channels};
  report.kinds = count_kinds(survey.files);
  count_classes(report, survey.files.classes, survey.files.labels);
  report.sizes = survey.sizes;
  report.other_files = survey.files.others;
  list_bad(report, survey, survey.faults);
  return report;
}

DataReport report_of(const Dataset& data, std::string kind) {
  DataReport report;
  report.description = data.description();
  report.images = data.size();
  report.sample = data.sample_shape();
  report.dtype = data.dtype();
  report.kinds = {{std::move(kind), data.size()}};
  std::vector<std::int32_t> labels;
  if (!data.classes().empty()) {
    for (std::int64_t i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
  }
  count_classes(report, data.classes(), labels);
  return report;
}

void decode(DataReport& report, const PictureSurvey& survey) {
  PixelMoments moments(static_cast<std::size_t>(report.sample.c));
  Faults faults = survey.faults;
  std::mutex mutex;
  for_each_index(survey.files.count(), [&](std::int64_t index) {
    if (survey.faults.contains(index)) return;
    try {
      moments.add(decode_picture(survey, index).pixels);
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      faults.emplace(index, error.what());
    }
  });
  list_bad(report, survey, faults);
  moments.report(report);
}

void decode(DataReport& report, const Dataset& data) {
  PixelMoments moments(static_cast<std::size_t>(report.sample.c));
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(report.sample.example()));
  for (std::int64_t i = 0; i < data.size(); ++i) {
    data.read(i, std::as_writable_bytes(std::span(pixels)));
    moments.add(pixels);
  }
  moments.report(report);
}

enum class Depth { headers, pixels };

DataReport look_at_pictures(const LocatedData& located, const DataOptions& options, Depth depth) {
  const PictureSurvey survey = survey_pictures(located, options);
  DataReport report = report_of(survey);
  if (depth == Depth::pixels) decode(report, survey);
  return report;
}

DataReport look_at_records(const LocatedData& located, const DataOptions& options, Depth depth) {
  ImageSet images = read_records(located);
  const Shape own = images.shape;
  bring_to(options, images);
  const auto data = hold(std::move(images));
  DataReport report = report_of(*data, located.format == DataFormat::idx ? "IDX" : "CIFAR-10");
  report.sizes = {{static_cast<int>(own.w), static_cast<int>(own.h), own.n}};
  if (depth == Depth::pixels) decode(report, *data);
  return report;
}

// "image 3 of ... is damaged ...", and the numbers of some further ones.
std::string list_of(const Faults& faults) {
  constexpr std::size_t kListed = 20;
  std::string text = faults.begin()->second;
  std::size_t listed = 0;
  for (auto fault = std::next(faults.begin()); fault != faults.end() && listed < kListed; ++fault, ++listed)
    text += format("{}{}", listed == 0 ? "; so are " : ", ", fault->first);
  return faults.size() > kListed + 1 ? text + " and more" : text;
}

DataReport look_at_packed(const LocatedData& located, const DataOptions& options, Depth depth) {
  const auto data = open_packed(located.files.front(), options);
  DataReport report = report_of(*data, "packed");
  report.sizes = {{static_cast<int>(report.sample.w), static_cast<int>(report.sample.h), report.images}};
  if (depth == Depth::headers) return report;
  PixelMoments moments(static_cast<std::size_t>(report.sample.c));
  Faults faults;
  std::mutex mutex;
  for_each_index(report.images, [&](std::int64_t index) {
    try {
      std::vector<std::uint8_t> pixels(static_cast<std::size_t>(report.sample.example()));
      data->read(index, std::as_writable_bytes(std::span(pixels)));
      moments.add(pixels);
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      faults.emplace(index, error.what());
    }
  });
  if (!faults.empty()) fail(Exit::data, "{} of {} images are damaged; {}", faults.size(), report.images, list_of(faults));
  moments.report(report);
  return report;
}

DataReport look(const DataOptions& options, std::uint64_t seed, Depth depth) {
  refuse_contradictions(options);
  if (options.kind == DataKind::gaussian_mixture) return report_of(*open_dataset(options, seed), "gaussian-mixture");
  const LocatedData located = locate_data(options.path);
  DataReport report = located.format == DataFormat::pictures ? look_at_pictures(located, options, depth)
                      : located.format == DataFormat::packed ? look_at_packed(located, options, depth)
                                                             : look_at_records(located, options, depth);
  for (const auto& path : located.left_out) report.left_out.push_back(path.string());
  report.decoded_bytes = report.images * report.sample.example();
  return report;
}

}  // namespace

DataReport inspect_data(const DataOptions& options, std::uint64_t seed) { return look(options, seed, Depth::headers); }
DataReport check_data(const DataOptions& options, std::uint64_t seed) { return look(options, seed, Depth::pixels); }

}  // namespace fgan
