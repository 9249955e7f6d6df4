#include "device/cuda/cudnn_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "base/log.h"

namespace fgan::cuda {
namespace {

constexpr std::size_t kNotes = 16, kKnobs = CUDNN_KNOB_TYPE_COUNTS;  // as many as there are kinds of, or more

template <class T>
bool contains(const std::vector<T>& values, T value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::string text_of(const Descriptor& configuration, std::int64_t engine) {
  std::string text = format("{}", engine);
  for (const Descriptor& knob : configuration.children(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, kKnobs)) {
    const auto type = knob.values<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1);
    FGAN_CHECK(type.size() == 1, "a knob has a type");
    text += format(" {}={}", static_cast<int>(type[0]), knob.number(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE));
  }
  return text;
}

Candidate described(Descriptor configuration) {
  const Descriptor engine = configuration.child(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  const std::int64_t number = engine.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
  std::string text = text_of(configuration, number);
  return {std::move(configuration), number, std::move(text),
          engine.values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, kNotes),
          engine.values<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE, kNotes)};
}

std::vector<Descriptor> offers(const Api& api, const Target& target, const Descriptor& graph, cudnnBackendHeurMode_t mode) {
  Descriptor heuristics(api, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph).set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
  if (target.properties != nullptr) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.properties);
  heuristics.finalize();
  return heuristics.children(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                             heuristics.count(CUDNN_ATTR_ENGINEHEUR_RESULTS));
}

struct Knob {
  std::int64_t type, value;
};
struct Choice {
  std::int64_t engine = 0;
  std::vector<Knob> knobs;
};

// "62 2=0 13=0"
Choice parsed(const std::string& text) {
  const char *next = text.data(), *const end = next + text.size();
  const auto number = [&](std::int64_t& value) {
    const auto [after, error] = std::from_chars(next, end, value);
    next = after;
    return error == std::errc{};
  };
  const auto skip = [&](char wanted) { return next != end && *next == wanted && ++next != nullptr; };
  Choice choice;
  bool right = number(choice.engine);
  while (right && next != end) {
    Knob knob{};
    right = skip(' ') && number(knob.type) && skip('=') && number(knob.value);
    choice.knobs.push_back(knob);
  }
  if (!right) fail(Exit::device, "'{}' does not say an engine of cuDNN and its knobs", text);
  return choice;
}

}  // namespace

bool Candidate::has(cudnnBackendNumericalNote_t note) const { return contains(numerics, note); }
bool Candidate::has(cudnnBackendBehaviorNote_t note) const { return contains(behaviour, note); }

bool permitted(const Candidate& candidate, const ConvJob& job, const PlanOptions& options) {
  if (candidate.has(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS) || candidate.has(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION))
    return false;
  if (job.dtype == DType::f32 && !options.tf32 && candidate.has(CUDNN_NUMERICAL_NOTE_TENSOR_CORE)) return false;
  return !options.deterministic || !candidate.has(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC);
}

std::vector<Candidate> candidates(const Api& api, const Target& target, const Descriptor& graph) {
  std::vector<Candidate> found;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    try {
      for (Descriptor& offer : offers(api, target, graph, mode)) {
        Candidate candidate = described(std::move(offer));
        const auto same = [&](const Candidate& other) { return other.text == candidate.text; };
        if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(candidate));
      }
    } catch (const Error& error) {  // one mode may know nothing of a graph that the other knows
      log::debug("{}", error.what());
    }
  }
  return found;
}

Candidate configure(const Api& api, const Target& target, const Descriptor& graph, const std::string& text) {
  const Choice choice = parsed(text);
  Descriptor engine(api, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  engine.set(CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph).set(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, choice.engine);
  if (target.properties != nullptr) engine.set(CUDNN_ATTR_ENGINE_DEVICEPROP, *target.properties);
  engine.finalize();
  std::vector<Descriptor> knobs;
  for (const Knob& knob : choice.knobs) {
    const auto type = static_cast<cudnnBackendKnobType_t>(knob.type);
    knobs.emplace_back(api, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR)
        .set(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &type)
        .set(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, knob.value)
        .finalize();
  }
  Descriptor configuration(api, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  configuration.set(CUDNN_ATTR_ENGINECFG_ENGINE, engine);
  if (!knobs.empty()) configuration.set(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, knobs);
  configuration.finalize();
  return described(std::move(configuration));
}

Plan::Plan(const Api& api, const Target& target, Candidate candidate)
    : candidate_(std::move(candidate)), plan_(api, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
  plan_.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, candidate_.configuration);
  if (target.handle != nullptr) plan_.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, target.handle);
  if (target.properties != nullptr) plan_.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.properties);
  plan_.finalize();
  workspace_bytes_ = static_cast<std::size_t>(plan_.number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
}

void Plan::run(cudnnHandle_t handle, const ConvMemory& memory, void* workspace) const {
  const std::array<std::int64_t, 4> uids{kUidX, kUidFilter, kUidY, kUidBias};
  const std::array<const void*, 4> pointers{memory.x, memory.filter, memory.y, memory.bias};
  const std::int64_t count = memory.bias != nullptr ? 4 : 3;
  Descriptor pack(plan_.api(), CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, uids.data())
      .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointers.data())
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace)
      .finalize();
  FGAN_CALL(plan_.api(), cudnnBackendExecute, handle, plan_.get(), pack.get());
}

}  // namespace fgan::cuda
