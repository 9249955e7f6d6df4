#include "data/formats/pictures.h"

#include <atomic>
#include <cstring>
#include <mutex>
#include <new>

#include "base/error.h"
#include "base/log.h"
#include "data/held_images.h"
#include "data/parallel.h"

namespace fgan {
namespace {

void warn_of_all(const PictureSurvey& survey) {
  for (const auto& [index, reason] : survey.faults) log::warn("an image is left out: {}", reason);
  if (survey.faults.empty()) return;
  log::warn("{} of the {} images in {} cannot be decoded; in place of each the next good one is used (data.bad_images)",
            survey.faults.size(), survey.files.count(), survey.files.given.string());
}

[[noreturn]] void none_is_good(const PictureSurvey& survey) {
  fail(Exit::data, "none of the {} images in '{}' can be decoded; the first: {}", survey.files.count(), survey.files.given.string(),
       survey.faults.begin()->second);
}

[[noreturn]] void refuse(const std::string& reason) {
  fail(Exit::data, "{}; repair or remove it, or set data.bad_images = skip to train without it", reason);
}

Shape shape_of(const PictureSurvey& survey, std::int64_t images) {
  return {images, survey.target.height, survey.target.width, survey.target.channels};
}

void copy(const Picture& picture, std::span<std::byte> out) {
  FGAN_CHECK(picture.pixels.size() == out.size(), "{} bytes of pixels into {}", picture.pixels.size(), out.size());
  std::memcpy(out.data(), picture.pixels.data(), out.size());
}

// Decodes all images whose headers are good, from several threads; the survey learns of further faults.  With BadImages::fail the first
// bad image, by header or by pixels, is the error.
template <class Keep>
void decode_all(PictureSurvey& survey, BadImages policy, Keep&& keep) {
  const Faults known = survey.faults;
  const bool ends = policy == BadImages::fail && !known.empty();
  std::mutex mutex;
  for_each_index(ends ? known.begin()->first : survey.files.count(), [&](std::int64_t index) {
    if (known.contains(index)) return;
    try {
      keep(index, decode_picture(survey, index));
    } catch (const Error& error) {
      if (policy == BadImages::fail) refuse(error.what());
      const std::lock_guard lock(mutex);
      survey.faults.emplace(index, error.what());
    }
  });
  if (ends) refuse(known.begin()->second);
}

// From the last to the first, so that the image after each is a good one or was replaced already.  At least one is good.
void replace_faulty(const Faults& faults, ImageSet& images) {
  const auto bytes = static_cast<std::size_t>(images.shape.example());
  std::int64_t first_good = 0;
  while (faults.contains(first_good)) ++first_good;
  for (auto fault = faults.rbegin(); fault != faults.rend(); ++fault) {
    const auto bad = static_cast<std::size_t>(fault->first);
    const auto good = static_cast<std::size_t>(fault->first + 1 < images.shape.n ? fault->first + 1 : first_good);
    std::memcpy(images.pixels.data() + bad * bytes, images.pixels.data() + good * bytes, bytes);
    if (!images.labels.empty()) images.labels[bad] = images.labels[good];
  }
}

// Every image decoded, those that cannot be replaced.
std::unique_ptr<Dataset> open_held(PictureSurvey& survey, BadImages policy) {
  ImageSet images;
  images.shape = shape_of(survey, survey.files.count());
  const auto bytes = static_cast<std::size_t>(images.shape.example());
  try {
    images.pixels.resize(static_cast<std::size_t>(images.shape.count()));
  } catch (const std::bad_alloc&) {
    fail(Exit::device, "there is no memory for {} MiB of decoded images; lower data.memory or data.size", images.shape.count() >> 20);
  }
  const auto image = [&](std::int64_t index) { return std::span(images.pixels).subspan(static_cast<std::size_t>(index) * bytes, bytes); };
  decode_all(survey, policy, [&](std::int64_t index, const Picture& picture) { copy(picture, image(index)); });
  if (static_cast<std::int64_t>(survey.faults.size()) == survey.files.count()) none_is_good(survey);
  warn_of_all(survey);
  images.labels = survey.files.labels;
  replace_faulty(survey.faults, images);
  images.classes = survey.files.classes;
  images.description = survey.description;
  images.digest = survey.digest;
  return hold(std::move(images));
}

// Decodes on every read, and remembers what cannot be decoded.
class PicturesAsNeeded : public Dataset {
 public:
  PicturesAsNeeded(PictureSurvey survey, BadImages policy)
      : survey_(std::move(survey)), policy_(policy), state_(survey_.files.names.size()), bad_(survey_.faults.size()) {
    for (const auto& [index, reason] : survey_.faults) state(index) = State::bad;
  }

  std::int64_t size() const override { return survey_.files.count(); }
  Shape sample_shape() const override { return shape_of(survey_, 1); }
  DType dtype() const override { return DType::u8; }
  std::string description() const override { return survey_.description + ", decoded as needed (data.memory)"; }
  std::string digest() const override { return survey_.digest; }
  bool costly() const override { return true; }
  std::int64_t replaced() const override { return static_cast<std::int64_t>(bad_.load()); }
  std::vector<std::string> classes() const override { return survey_.files.classes; }

  void read(std::int64_t index, std::span<std::byte> out) const override {
    FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size());
    copy(decode_from(index).second, out);
  }
  // Of the image that is used, which it may take decoding to know.
  int label(std::int64_t index) const override {
    FGAN_CHECK(index >= 0 && index < size(), "image {} of {}", index, size());
    if (survey_.files.labels.empty()) return -1;
    const std::int64_t used = state(index) == State::good ? index : decode_from(index).first;
    return survey_.files.labels[static_cast<std::size_t>(used)];
  }

 private:
  enum class State : std::uint8_t { unknown, good, bad };

  std::atomic<State>& state(std::int64_t index) const { return state_[static_cast<std::size_t>(index)]; }

  // The first good image from `index` on.
  std::pair<std::int64_t, Picture> decode_from(std::int64_t index) const {
    for (std::int64_t tried = 0; tried < size(); ++tried, index = (index + 1) % size()) {
      if (state(index) == State::bad) continue;
      try {
        Picture picture = decode_picture(survey_, index);
        state(index) = State::good;
        return {index, std::move(picture)};
      } catch (const Error& error) {
        if (policy_ == BadImages::fail) refuse(error.what());
        if (state(index).exchange(State::bad) != State::bad)
          log::warn("an image is left out, {} of {} by now: {}", ++bad_, size(), error.what());
      }
    }
    fail(Exit::data, "none of the {} images in '{}' can be decoded any more", size(), survey_.files.given.string());
  }

  const PictureSurvey survey_;
  const BadImages policy_;
  mutable std::vector<std::atomic<State>> state_;
  mutable std::atomic<std::size_t> bad_;
};

// Held or not, a set is refused for the same reasons before training begins: for this every image is decoded once if data.bad_images =
// fail, else until one is good.
std::unique_ptr<Dataset> open_as_needed(PictureSurvey& survey, BadImages policy) {
  if (policy == BadImages::fail) decode_all(survey, policy, [](std::int64_t, const Picture&) {});
  for (std::int64_t index = 0;; ++index) {
    if (index == survey.files.count()) none_is_good(survey);
    if (survey.faults.contains(index)) continue;
    try {
      decode_picture(survey, index);
      break;
    } catch (const Error& error) {
      survey.faults.emplace(index, error.what());
    }
  }
  warn_of_all(survey);
  return std::make_unique<PicturesAsNeeded>(std::move(survey), policy);
}

}  // namespace

Picture decode_picture(const PictureSurvey& survey, std::int64_t index) { return fit(read_image(survey.files.path(index)), survey.target); }

std::unique_ptr<Dataset> open_pictures(PictureSurvey survey, const DataOptions& options) {
  const std::int64_t mib = (shape_of(survey, survey.files.count()).count() + (1 << 20) - 1) >> 20;
  return mib <= options.memory ? open_held(survey, options.bad_images) : open_as_needed(survey, options.bad_images);
}

}  // namespace fgan
