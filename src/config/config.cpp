#include "config/config.h"

#include <algorithm>

#include "base/error.h"
#include "config/sources.h"

namespace fgan {

std::string to_ini(const ResolvedConfig& resolved) {
  constexpr std::size_t kCommentColumn = 44;
  std::string text = "; Resolved configuration of fgan; behind each value: where it comes from.\n";
  std::string section;
  for (const ResolvedValue& value : resolved.values) {
    if (value.section != section) {
      section = value.section;
      text += format("\n[{}]\n", section);
    }
    std::string origin = value.origin;
    std::replace_if(
        origin.begin(), origin.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
    text += format("{:<{}} ; {}\n", format("{} = {}", value.key, value.value), kCommentColumn, origin);
  }
  return text;
}

std::map<std::string, std::string> result_settings(const ResolvedConfig& resolved) {
  std::map<std::string, std::string> settings;
  for (const ResolvedValue& value : resolved.values)
    if (value.in_checkpoint) settings[value.section + "." + value.key] = value.value;
  return settings;
}

std::map<std::string, std::string> default_settings() { return result_settings(resolve({})); }

Config config_from_settings(const std::map<std::string, std::string>& settings) {
  std::vector<Assignment> assignments;
  for (const auto& [name, value] : settings) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string key = dot < name.size() ? name.substr(dot + 1) : std::string();
    assignments.push_back({name.substr(0, dot), key, value, "checkpoint", "", name, " = ", {}});
  }
  try {
    return resolve(assignments).config;
  } catch (const Error& error) {
    fail(Exit::data, "a setting in the checkpoint means nothing to this build: {}", error.what());
  }
}

std::string located(const std::string& message, const ResolvedConfig& resolved) {
  std::size_t first = std::string::npos;
  std::string heading;
  for (const ResolvedValue& value : resolved.values) {
    const std::string name = value.section + "." + value.key;
    const std::size_t at = message.find(name);
    const char after = at != std::string::npos && at + name.size() < message.size() ? message[at + name.size()] : ' ';
    const bool named = at < first && after != '_' && !std::isalnum(static_cast<unsigned char>(after));
    const bool from_user_text = value.origin.find(':') != std::string::npos || value.origin.starts_with("environment ");
    if (!named || !from_user_text) continue;
    first = at;
    heading = value.origin + ": ";
  }
  return message.starts_with(heading) ? message : heading + message;
}

}  // namespace fgan
