#include "data/formats/picture_survey.h"

#include <algorithm>
#include <mutex>

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "data/held_images.h"
#include "data/parallel.h"

namespace fgan {
namespace {

constexpr int kSideOfMixed = 64;  // the help of data.size names it

// Of the images without a fault.
std::vector<ImageHeader> read_headers(const PictureFiles& files, Faults& faults) {
  std::vector<ImageHeader> headers(files.names.size(), ImageHeader{0, 0, 0});
  std::mutex mutex;
  for_each_index(files.count(), [&](std::int64_t index) {
    try {
      headers[static_cast<std::size_t>(index)] = read_image_header(files.path(index));
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      faults.emplace(index, error.what());
    }
  });
  std::erase_if(headers, [](const ImageHeader& header) { return header.width == 0; });
  return headers;
}

std::vector<SizeCount> count_sizes(const std::vector<ImageHeader>& headers) {
  std::map<std::pair<int, int>, std::int64_t> counts;
  for (const ImageHeader& header : headers) ++counts[{header.width, header.height}];
  std::vector<SizeCount> sizes;
  for (const auto& [size, images] : counts) sizes.push_back({size.first, size.second, images});
  std::stable_sort(sizes.begin(), sizes.end(), [](const SizeCount& a, const SizeCount& b) { return a.images > b.images; });
  return sizes;
}

FitTarget target_of(const PictureSurvey& survey, bool colour, const DataOptions& options) {
  const bool mixed = survey.sizes.size() > 1;
  const SizeCount& first = survey.sizes.front();
  const FitTarget target =
      fit_target(options, {1, mixed ? kSideOfMixed : first.height, mixed ? kSideOfMixed : first.width, colour ? 3 : 1});
  if (target.width > kMaxImageSide || target.height > kMaxImageSide) {
    fail(Exit::data, "the images in '{}' have {} by {} pixels, at most {} a side are trained on; set data.size",
         survey.files.given.string(), target.height, target.width, kMaxImageSide);
  }
  return target;
}

std::string describe(const PictureSurvey& survey, const DataOptions& options) {
  const FitTarget& target = survey.target;
  const SizeCount& most = survey.sizes.front();
  const bool grey = target.channels == 1;
  std::string text = format("{} of {} by {} pixels from {}",
                            counted(survey.files.count(), grey ? "grey image" : "colour image", grey ? "grey images" : "colour images"),
                            target.height, target.width, survey.files.given.string());
  if (survey.sizes.size() > 1) {
    text += format(" ({}{} sizes, {} by {} most often; data.fit = {})", options.size == 0 ? "because they differ: " : "from ",
                   survey.sizes.size(), most.height, most.width, to_string(options.fit));
  } else if (most.height != target.height || most.width != target.width) {
    text += format(" (from {} by {}; data.fit = {})", most.height, most.width, to_string(options.fit));
  }
  if (!survey.files.classes.empty()) text += ", " + count_classes(survey.files.classes);
  if (survey.files.others > 0) text += ", " + counted(survey.files.others, "other file", "other files") + " ignored";
  return text;
}

std::string digest_of(const PictureFiles& files) {
  Digest digest;
  for (std::int64_t i = 0; i < files.count(); ++i) {
    std::error_code ignored;
    const std::uintmax_t size = std::filesystem::file_size(files.path(i), ignored);
    digest.add(std::as_bytes(std::span(files.names[static_cast<std::size_t>(i)])));
    digest.add(std::as_bytes(std::span(&size, 1)));
  }
  return digest.text();
}

}  // namespace

PictureSurvey survey_pictures(const LocatedData& data, const DataOptions& options) {
  const std::filesystem::path& path = data.files.front();
  PictureSurvey survey;
  survey.files = list_pictures(path);
  const std::vector<ImageHeader> headers = read_headers(survey.files, survey.faults);
  if (headers.empty()) {
    fail(Exit::data, "none of the {} images in '{}' can be read; the first: {}", survey.files.count(), path.string(),
         survey.faults.begin()->second);
  }
  survey.sizes = count_sizes(headers);
  const bool colour = std::any_of(headers.begin(), headers.end(), [](const ImageHeader& header) { return header.channels >= 3; });
  survey.target = target_of(survey, colour, options);
  survey.description = describe(survey, options) + describe_left_out(data);
  survey.digest = digest_of(survey.files);
  return survey;
}

}  // namespace fgan
