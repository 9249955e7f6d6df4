#include "train/checkpoint.h"

#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFormat = "fgan checkpoint 2";
constexpr std::string_view kSetting = "setting.", kInitialWeights = "initial_weights", kData = "data.digest", kRollbacks = "rollbacks",
                           kReturnedTo = "rolled_back_to";

std::int64_t whole_number(const SafeTensors& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  std::int64_t value = 0;
  if (found != file.metadata.end()) {
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return value;
  }
  fail(Exit::data, "its metadata has no whole number {}", key);
}

}  // namespace

std::map<std::string, std::string> to_metadata(const CheckpointHeader& header) {
  std::map<std::string, std::string> metadata{
      {"format", std::string(kFormat)},
      {"fgan_version", FGAN_VERSION},
      {"step", std::to_string(header.step)},
      {"data.height", std::to_string(header.data_shape.h)},
      {"data.width", std::to_string(header.data_shape.w)},
      {"data.channels", std::to_string(header.data_shape.c)},
      {"data.pixels", header.data_type == DType::u8 ? "1" : "0"},
      {"threads", std::to_string(header.threads)},
      {"device", header.device},
  };
  if (!header.data.empty()) metadata.emplace(kData, header.data);
  if (!header.initial_weights.empty()) metadata.emplace(kInitialWeights, header.initial_weights);
  if (header.rollbacks > 0) {
    metadata.emplace(kRollbacks, std::to_string(header.rollbacks));
    metadata.emplace(kReturnedTo, std::to_string(header.returned_to));
  }
  for (const auto& [key, value] : header.settings) metadata.emplace(std::string(kSetting) + key, value);
  return metadata;
}

CheckpointHeader header_of(const SafeTensors& file) {
  const auto format_entry = file.metadata.find("format");
  if (format_entry == file.metadata.end() || format_entry->second != kFormat)
    fail(Exit::data, "it is no checkpoint of this version of fgan");
  CheckpointHeader header;
  header.step = whole_number(file, "step");
  header.data_shape = {1, whole_number(file, "data.height"), whole_number(file, "data.width"), whole_number(file, "data.channels")};
  header.data_type = whole_number(file, "data.pixels") ? DType::u8 : DType::f32;
  header.threads = static_cast<int>(whole_number(file, "threads"));
  if (const auto device = file.metadata.find("device"); device != file.metadata.end()) header.device = device->second;
  if (const auto data = file.metadata.find(std::string(kData)); data != file.metadata.end()) header.data = data->second;
  if (const auto weights = file.metadata.find(std::string(kInitialWeights)); weights != file.metadata.end())
    header.initial_weights = weights->second;
  if (file.metadata.contains(std::string(kRollbacks))) {
    header.rollbacks = static_cast<int>(whole_number(file, std::string(kRollbacks)));
    header.returned_to = whole_number(file, std::string(kReturnedTo));
  }
  for (const auto& [key, value] : file.metadata)
    if (key.starts_with(kSetting)) header.settings.emplace(key.substr(kSetting.size()), value);
  const Shape& s = header.data_shape;
  // Networks for it multiply these by a width of at most 65536, in 64 bits.
  constexpr std::int64_t kMaxSide = 65536, kMaxNumbers = 1 << 28;
  const bool possible = s.h >= 1 && s.w >= 1 && s.c >= 1 && s.h <= kMaxSide && s.w <= kMaxSide && s.c <= kMaxSide;
  if (header.step < 0 || !possible || s.count() > kMaxNumbers) fail(Exit::data, "its metadata names an impossible step or image size");
  return header;
}

std::optional<std::int64_t> step_in_name(const fs::path& path) {
  const std::string digits = path.stem().string();
  std::int64_t step = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
  const bool whole = digits.size() >= 8 && error == std::errc{} && end == digits.data() + digits.size() && step >= 0;
  return whole ? std::optional(step) : std::nullopt;
}

std::map<std::int64_t, fs::path> checkpoint_files(const fs::path& run) {
  std::map<std::int64_t, fs::path> files;
  for (const fs::path& path : files_in(run / "checkpoints"))
    if (const auto step = step_in_name(path); step && path.extension() == ".safetensors") files.emplace(*step, path);
  return files;
}

fs::path checkpoint_path(const fs::path& run, std::int64_t step) { return run / "checkpoints" / format("{:08d}.safetensors", step); }

FoundCheckpoint read_checkpoint(const fs::path& path) {
  FoundCheckpoint found{path, read_safetensors(path, Checksums::required), {}};
  try {
    found.header = header_of(found.file);
  } catch (const Error& error) {
    fail(Exit::data, "{} cannot be used: {}", path.string(), error.what());
  }
  return found;
}

std::optional<FoundCheckpoint> newest_checkpoint(const fs::path& run, const std::function<bool(std::int64_t)>& wanted) {
  const auto candidates = [&] {
    std::map<std::int64_t, fs::path> files = checkpoint_files(run);
    if (wanted) std::erase_if(files, [&](const auto& file) { return !wanted(file.first); });
    return files;
  };
  std::map<std::int64_t, fs::path> files = candidates(), seen;
  for (; files != seen; seen = std::exchange(files, candidates())) {  // a run that is being trained replaces them as we look
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
      try {
        return read_checkpoint(file->second);
      } catch (const Error& error) {
        std::error_code ignored;
        if (fs::exists(file->second, ignored)) log::warn("passed over: {}", error.what());
      }
    }
  }
  if (!files.empty()) fail(Exit::data, "none of the {} checkpoints in {} can be read", files.size(), (run / "checkpoints").string());
  return std::nullopt;
}

FoundCheckpoint checkpoint_at(const fs::path& source) {
  std::error_code error;
  if (!fs::exists(source, error)) fail(Exit::data, "{} does not exist: name a run's folder or a checkpoint", source.string());
  if (!fs::is_directory(source, error)) return read_checkpoint(source);
  std::optional<FoundCheckpoint> found = newest_checkpoint(source);
  if (!found) fail(Exit::data, "{} holds no checkpoint (looked in {})", source.string(), (source / "checkpoints").string());
  return std::move(*found);
}

}  // namespace fgan
