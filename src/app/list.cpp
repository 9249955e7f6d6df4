// fgan list: what this build can do.
#include <vector>

#include "app/verbs.h"
#include "base/format.h"
#include "config/presets.h"
#include "game/game.h"

namespace fgan {
namespace {

// With the paper's f (Table 1); MATHS.md has conjugates and activations.
const char* formula(math::DivergenceId id) {
  using enum math::DivergenceId;
  switch (id) {
    case total_variation: return "|u - 1| / 2";
    case kl: return "u log u";
    case reverse_kl: return "-log u";
    case pearson: return "(u - 1)^2";
    case neyman: return "(1 - u)^2 / u";
    case squared_hellinger: return "(sqrt u - 1)^2";
    case jeffrey: return "(u - 1) log u";
    case jensen_shannon: return "u log u - (u + 1) log((1 + u) / 2)";
    case weighted_js: return "pi u log u - (1 - pi + pi u) log(1 - pi + pi u)";
    case gan: return "u log u - (u + 1) log(u + 1)";
    case alpha: return "(u^a - 1 - a (u - 1)) / (a (a - 1))";
  }
  return "";
}

struct DivergenceRow {
  std::string name, f, parametrizations, parameter;
};

DivergenceRow describe(const math::DivergenceInfo& info) {
  DivergenceRow row{info.name, formula(info.id), info.has_log_ratio ? "paper, log-ratio" : "paper", ""};
  if (info.has_parameter) row.parameter = info.id == math::DivergenceId::weighted_js ? "game.pi" : "game.alpha";
  return row;
}

std::string divergence_table() {
  std::string text = format("{:<18} {:<48} {:<17} {}\n", "name", "f(u)", "parametrization", "parameter");
  for (const math::DivergenceInfo& info : math::kDivergences) {
    const DivergenceRow row = describe(info);
    text += format("{:<18} {:<48} {:<17} {}", row.name, row.f, row.parametrizations, row.parameter);
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text + R"(
What the generator descends (--objective) once the critic is at its optimum:
  minimax             the divergence itself
  non-saturating      raises T on the generated examples: for kl this is reverse-kl, for
                      pearson 2 kl, for gan and others a relative that leans to reverse-kl
  maximum-likelihood  kl, whatever the critic measures
  --generator-divergence=NAME: another divergence, of the ratio that the critic has learnt
total-variation teaches the critic no ratio: paper and minimax or non-saturating only.
)";
}

std::string divergence_json() {
  std::string items;
  for (const math::DivergenceInfo& info : math::kDivergences) {
    const DivergenceRow row = describe(info);
    items += format(R"({}{{"name": "{}", "f": "{}", "log_ratio": {}, "parameter": {}}})", items.empty() ? "" : ", ", row.name, row.f,
                    info.has_log_ratio, row.parameter.empty() ? "null" : "\"" + row.parameter + "\"");
  }
  return "{\"divergences\": [" + items + "]}\n";
}

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return json + '"';
}

std::string device_table() {
  std::string text;
  for (const DeviceInfo& device : list_devices())
    text += format("{:<8} {:<13} {}\n", device.name, device.available ? "available" : "not available", device.what);
  return text;
}

std::string device_json() {
  std::string items;
  for (const DeviceInfo& device : list_devices())
    items += format(R"({}{{"name": {}, "available": {}, "what": {}}})", items.empty() ? "" : ", ", quoted(device.name), device.available,
                    quoted(device.what));
  return "{\"devices\": [" + items + "]}\n";
}

std::string preset_table() {
  std::string text;
  for (const Preset& preset : presets()) text += format("{:<14} {}\n", preset.name, preset.summary());
  return text + R"(
fgan train --preset=NAME --data=PATH trains with one; --print-config shows its settings.
Every other source of settings (INI file, environment, command line) goes before it.
)";
}

std::string preset_json() {
  std::string items;
  for (const Preset& preset : presets())
    items += format(R"({}{{"name": {}, "summary": {}}})", items.empty() ? "" : ", ", quoted(std::string(preset.name)),
                    quoted(std::string(preset.summary())));
  return "{\"presets\": [" + items + "]}\n";
}

}  // namespace

Exit run_list(const ListCommand& command) {
  switch (command.subject) {
    case ListSubject::divergences: print(command.json ? divergence_json() : divergence_table()); break;
    case ListSubject::presets: print(command.json ? preset_json() : preset_table()); break;
    case ListSubject::devices: print(command.json ? device_json() : device_table()); break;
  }
  return Exit::done;
}

}  // namespace fgan
