// cuDNN's backend interface: descriptors, a few engines of different merit, and execution.
#include "double/cudnn.h"

#include <algorithm>

namespace fgan::cuda_double {
namespace {

constexpr const char *kHandle = "cuDNN handle", *kDescriptor = "cuDNN descriptor";

struct Handle {
  cudaStream_t stream = nullptr;
};
struct Descriptor {
  std::shared_ptr<Content> content;
};

// The engines of every graph.  Heuristic A offers the first four in this order, the fallback the last two.
struct Engine {
  bool finalizes;
  std::vector<cudnnBackendNumericalNote_t> notes;
  std::vector<std::int64_t> knobs;  // types; each has the value 1
  std::int64_t workspace;
  double milliseconds;
};
const std::vector<Engine> kEngines{
    {true, {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}, {}, 1 << 12, 3},
    {false, {}, {}, 0, 0},
    {true, {CUDNN_NUMERICAL_NOTE_TENSOR_CORE}, {}, 1 << 10, 0.5},
    {true, {}, {CUDNN_KNOB_TYPE_SPLIT_K}, 1 << 16, 1},
    {true, {}, {}, 0, 4},
};

template <class F>
cudnnStatus_t dnn(const char* name, const F& f) {
  return call(name, CUDNN_STATUS_INTERNAL_ERROR, [&]() -> cudnnStatus_t { return f(); });
}

std::vector<int> required(const Content& c) {
  switch (c.type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
      return {CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_ATTR_TENSOR_UNIQUE_ID,
              CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT};
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR:
      return {CUDNN_ATTR_CONVOLUTION_COMP_TYPE,     CUDNN_ATTR_CONVOLUTION_CONV_MODE,     CUDNN_ATTR_CONVOLUTION_DILATIONS,
              CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS,  CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS,
              CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY};
    case CUDNN_BACKEND_POINTWISE_DESCRIPTOR: return {CUDNN_ATTR_POINTWISE_MODE, CUDNN_ATTR_POINTWISE_MATH_PREC};
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_ATTR_OPERATION_POINTWISE_YDESC};
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR: return {CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_ATTR_OPERATIONGRAPH_HANDLE};
    case CUDNN_BACKEND_ENGINE_DESCRIPTOR: return {CUDNN_ATTR_ENGINE_OPERATION_GRAPH, CUDNN_ATTR_ENGINE_GLOBAL_INDEX};
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR: return {CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_ATTR_ENGINEHEUR_MODE};
    case CUDNN_BACKEND_ENGINECFG_DESCRIPTOR: return {CUDNN_ATTR_ENGINECFG_ENGINE};
    case CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR: return {CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE};
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR: return {CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG};
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      return {CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_ATTR_VARIANT_PACK_WORKSPACE};
    default: throw Misuse("a descriptor of a type that is not known here");
  }
}

void put(Content& c, int name, cudnnBackendAttributeType_t type, const void* values, std::size_t bytes) {
  const auto* first = static_cast<const std::byte*>(values);
  c.attributes[name] = {type, {first, first + bytes}, {}};
}
void put(Content& c, int name, std::int64_t value) { put(c, name, CUDNN_TYPE_INT64, &value, sizeof value); }
void put(Content& c, int name, std::vector<ContentPtr> children) {
  c.attributes[name] = {CUDNN_TYPE_BACKEND_DESCRIPTOR, {}, std::move(children)};
}

const Engine& engine_of(const Content& engine) {
  return kEngines.at(static_cast<std::size_t>(engine.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX)));
}

std::shared_ptr<Content> final_content(cudnnBackendDescriptorType_t type) { return std::make_shared<Content>(Content{type, true, {}}); }

void describe_engine(Content& engine) {
  const Engine& e = engine_of(engine);
  put(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, e.notes.data(), e.notes.size() * sizeof e.notes[0]);
  put(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE, nullptr, 0);
}

ContentPtr configuration(const ContentPtr& graph, std::size_t index) {
  const auto engine = final_content(CUDNN_BACKEND_ENGINE_DESCRIPTOR), made = final_content(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  put(*engine, CUDNN_ATTR_ENGINE_OPERATION_GRAPH, {graph});
  put(*engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, static_cast<std::int64_t>(index));
  describe_engine(*engine);
  put(*made, CUDNN_ATTR_ENGINECFG_ENGINE, {engine});
  std::vector<ContentPtr> knobs;
  for (const std::int64_t type : kEngines[index].knobs) {
    const auto knob = final_content(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    const auto as_enum = static_cast<cudnnBackendKnobType_t>(type);
    put(*knob, CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, &as_enum, sizeof as_enum);
    put(*knob, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, 1);
    knobs.push_back(knob);
  }
  put(*made, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, knobs);
  return made;
}

bool has_pointwise(const Content& graph) {
  const auto& operations = graph.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).descriptors;
  return std::any_of(operations.begin(), operations.end(),
                     [](const ContentPtr& o) { return o->type == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR; });
}

void offer_engines(Content& heuristic) {
  const ContentPtr graph = heuristic.attributes.at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH).descriptors.at(0);
  const auto mode = heuristic.value<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE);
  std::vector<ContentPtr> offered;
  if (state().machine.fused_convolutions || !has_pointwise(*graph)) {
    const std::size_t first = mode == CUDNN_HEUR_MODE_FALLBACK ? 3 : 0, end = mode == CUDNN_HEUR_MODE_FALLBACK ? 5 : 4;
    for (std::size_t i = first; i < end; ++i) offered.push_back(configuration(graph, i));
  }
  put(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS, offered);
}

cudnnStatus_t finalize(Content& c) {
  for (const int name : required(c))
    if (!c.has(name)) return CUDNN_STATUS_BAD_PARAM;
  switch (c.type) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
      if (!fits(c)) return CUDNN_STATUS_BAD_PARAM;
      break;
    case CUDNN_BACKEND_ENGINE_DESCRIPTOR: {
      const std::int64_t index = c.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
      if (index < 0 || index >= static_cast<std::int64_t>(kEngines.size())) return CUDNN_STATUS_NOT_SUPPORTED;
      describe_engine(c);
      break;
    }
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR: offer_engines(c); break;
    case CUDNN_BACKEND_ENGINECFG_DESCRIPTOR:
      if (!c.has(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES)) put(c, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, std::vector<ContentPtr>{});
      break;
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR: {
      const Engine& engine = engine_of(c.child(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).child(CUDNN_ATTR_ENGINECFG_ENGINE));
      if (!engine.finalizes) return CUDNN_STATUS_NOT_SUPPORTED;
      put(c, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, engine.workspace);
      break;
    }
    default: break;
  }
  c.final = true;
  return CUDNN_STATUS_SUCCESS;
}

std::size_t size_of_type(cudnnBackendAttributeType_t type) {
  switch (type) {
    case CUDNN_TYPE_BOOLEAN: return sizeof(bool);
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_DOUBLE:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR: return 8;
    case CUDNN_TYPE_CHAR: return 1;
    default: return 4;  // enumerations, float, int32
  }
}

cudnnStatus_t set(cudnnBackendDescriptor_t handle, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                  const void* values) {
  return dnn("cudnnBackendSetAttribute", [&] {
    Content& c = *existing<Descriptor>(handle, kDescriptor).content;
    if (c.final) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
    if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR) {
      put(c, name, type, values, static_cast<std::size_t>(count) * size_of_type(type));
      return CUDNN_STATUS_SUCCESS;
    }
    std::vector<ContentPtr> children;
    for (std::int64_t i = 0; i < count; ++i) {
      children.push_back(existing<Descriptor>(static_cast<const cudnnBackendDescriptor_t*>(values)[i], kDescriptor).content);
      if (!children.back()->final) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
    }
    put(c, name, std::move(children));
    return CUDNN_STATUS_SUCCESS;
  });
}

cudnnStatus_t get(const cudnnBackendDescriptor_t handle, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                  std::int64_t room, std::int64_t* count, void* values) {
  return dnn("cudnnBackendGetAttribute", [&] {
    const Content& c = *existing<Descriptor>(handle, kDescriptor).content;
    if (!c.final || !c.has(name)) return CUDNN_STATUS_BAD_PARAM;
    const Attribute& attribute = c.attributes.at(name);
    if (attribute.type != type) return CUDNN_STATUS_BAD_PARAM;
    if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR) {
      const std::size_t size = size_of_type(type), found = attribute.bytes.size() / size;
      if (count != nullptr) *count = static_cast<std::int64_t>(found);
      if (room > 0 && found > 0) std::memcpy(values, attribute.bytes.data(), std::min(found, static_cast<std::size_t>(room)) * size);
      return CUDNN_STATUS_SUCCESS;
    }
    const auto found = static_cast<std::int64_t>(attribute.descriptors.size());
    if (count != nullptr) *count = found;
    for (std::int64_t i = 0; i < std::min(found, room); ++i) {
      Descriptor& to = existing<Descriptor>(static_cast<cudnnBackendDescriptor_t*>(values)[i], kDescriptor);
      const ContentPtr& from = attribute.descriptors[static_cast<std::size_t>(i)];
      if (to.content->type != from->type) return CUDNN_STATUS_BAD_PARAM;
      to.content = std::make_shared<Content>(*from);
    }
    return CUDNN_STATUS_SUCCESS;
  });
}

cudnnStatus_t execute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan_handle, cudnnBackendDescriptor_t pack_handle) {
  return dnn("cudnnBackendExecute", [&] {
    const ContentPtr plan = existing<Descriptor>(plan_handle, kDescriptor).content,
                     pack = existing<Descriptor>(pack_handle, kDescriptor).content;
    if (!plan->final || !pack->final) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
    const auto uids = pack->values<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
    const auto addresses = pack->values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
    if (uids.size() != addresses.size()) return CUDNN_STATUS_BAD_PARAM;
    std::map<std::int64_t, void*> memory;
    for (std::size_t i = 0; i < uids.size(); ++i) memory[uids[i]] = addresses[i];
    enqueue(existing<Handle>(handle, kHandle).stream, [=] {
      ++state().launches;
      const Content& engine = plan->child(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).child(CUDNN_ATTR_ENGINECFG_ENGINE);
      const Content& graph = engine.child(CUDNN_ATTR_ENGINE_OPERATION_GRAPH);
      state().clock += engine_of(engine).milliseconds + (has_pointwise(graph) ? state().machine.fused_milliseconds : 0);
      const auto bytes = static_cast<std::size_t>(plan->number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
      if (bytes > 0) {
        void* workspace = pack->value<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
        check_device_memory(workspace, bytes, "the workspace of a plan");
        std::memset(workspace, 0xff, bytes);
      }
      compute(graph, memory);
    });
    return CUDNN_STATUS_SUCCESS;
  });
}

}  // namespace

void fill_cudnn(cuda::Api& api) {
  api.cudnnGetVersion = []() -> std::size_t { return 91900; };
  api.cudnnGetErrorString = [](cudnnStatus_t status) {
    return status == CUDNN_STATUS_INTERNAL_ERROR ? "CUDNN_STATUS_INTERNAL_ERROR" : "CUDNN_STATUS_BAD_PARAM";
  };
  api.cudnnGetLastErrorString = [](char* text, std::size_t) { *text = 0; };
  api.cudnnCreate = [](cudnnHandle_t* handle) {
    return dnn("cudnnCreate", [&] { return *handle = reinterpret_cast<cudnnHandle_t>(make<Handle>(kHandle)), CUDNN_STATUS_SUCCESS; });
  };
  api.cudnnDestroy = [](cudnnHandle_t handle) {
    return dnn("cudnnDestroy", [&] { return destroy<Handle>(handle, kHandle), CUDNN_STATUS_SUCCESS; });
  };
  api.cudnnSetStream = [](cudnnHandle_t handle, cudaStream_t stream) {
    return dnn("cudnnSetStream", [&] { return existing<Handle>(handle, kHandle).stream = stream, CUDNN_STATUS_SUCCESS; });
  };
  api.cudnnBackendCreateDescriptor = [](cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t* handle) {
    return dnn("cudnnBackendCreateDescriptor", [&] {
      auto* made = make<Descriptor>(kDescriptor);
      made->content = std::make_shared<Content>(Content{type, false, {}});
      *handle = made;
      return CUDNN_STATUS_SUCCESS;
    });
  };
  api.cudnnBackendDestroyDescriptor = [](cudnnBackendDescriptor_t handle) {
    return dnn("cudnnBackendDestroyDescriptor", [&] { return destroy<Descriptor>(handle, kDescriptor), CUDNN_STATUS_SUCCESS; });
  };
  api.cudnnBackendSetAttribute = set;
  api.cudnnBackendGetAttribute = get;
  api.cudnnBackendFinalize = [](cudnnBackendDescriptor_t handle) {
    return dnn("cudnnBackendFinalize", [&] { return finalize(*existing<Descriptor>(handle, kDescriptor).content); });
  };
  api.cudnnBackendExecute = execute;
}

}  // namespace fgan::cuda_double
