#include "device/cuda/cudnn_graph.h"

#include <array>
#include <numeric>
#include <optional>

#include "base/error.h"

namespace fgan::cuda {
namespace {

using math::Activation;

constexpr std::int64_t kAlignment = 16;  // bytes: what the widest loads of engines want

cudnnDataType_t type_of(DType dtype) {
  FGAN_CHECK(dtype == DType::f32 || dtype == DType::bf16, "a convolution of f32 or bf16");
  return dtype == DType::f32 ? CUDNN_DATA_FLOAT : CUDNN_DATA_BFLOAT16;
}

// A tensor may begin at any of its examples.
std::int64_t alignment(const Shape& shape, DType dtype) {
  return std::gcd(kAlignment, shape.example() * static_cast<std::int64_t>(size_of(dtype)));
}

Descriptor unfinished_tensor(const Api& api, std::int64_t uid, const Shape& s, DType dtype) {
  const std::array dimensions{s.n, s.c, s.h, s.w}, strides{s.example(), std::int64_t{1}, s.w * s.c, s.c};
  Descriptor tensor(api, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  tensor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, uid)
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, type_of(dtype))
      .set(CUDNN_ATTR_TENSOR_DIMENSIONS, dimensions)
      .set(CUDNN_ATTR_TENSOR_STRIDES, strides)
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, alignment(s, dtype));
  return tensor;
}

Descriptor tensor(const Api& api, std::int64_t uid, const Shape& shape, DType dtype) {
  Descriptor made = unfinished_tensor(api, uid, shape, dtype);
  made.finalize();
  return made;
}

// What only the next operation sees.
Descriptor virtual_tensor(const Api& api, std::int64_t uid, const Shape& shape) {
  Descriptor made = unfinished_tensor(api, uid, shape, DType::f32);
  made.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, true).finalize();
  return made;
}

Descriptor convolution(const Api& api, const ConvSpec& spec) {
  const std::array<std::int64_t, 2> strides{spec.stride, spec.stride}, paddings{spec.padding, spec.padding}, dilations{1, 1};
  const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
  Descriptor made(api, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  made.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode)
      .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2})
      .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, dilations)
      .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, strides)
      .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, paddings)
      .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, paddings)
      .finalize();
  return made;
}

// What the three passes call the same things.
struct PassNames {
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t convolution, x, filter, y, alpha, beta;
};
PassNames names_of(ConvPass pass) {
  switch (pass) {
    case ConvPass::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    case ConvPass::grad_input:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case ConvPass::grad_filter:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
  }
  broken_contract(__FILE__, __LINE__, "pass", "no such pass");
}

Descriptor pointwise(const Api& api, const math::ActivationSpec& activation) {
  const auto mode = [&] {
    switch (activation.kind) {
      case Activation::none: return CUDNN_POINTWISE_ADD;  // of the bias
      case Activation::relu:
      case Activation::leaky_relu: return CUDNN_POINTWISE_RELU_FWD;
      case Activation::elu: return CUDNN_POINTWISE_ELU_FWD;
      case Activation::tanh: return CUDNN_POINTWISE_TANH_FWD;
      case Activation::sigmoid: return CUDNN_POINTWISE_SIGMOID_FWD;
    }
    return CUDNN_POINTWISE_IDENTITY;
  }();
  Descriptor made(api, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  made.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode).set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
  if (activation.kind == Activation::leaky_relu) made.set(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, double{activation.slope});
  made.finalize();
  return made;
}

Descriptor pointwise_operation(const Api& api, const Descriptor& what, const Descriptor& in, const Descriptor* bias,
                               const Descriptor& out) {
  Descriptor made(api, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  made.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, what)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, in)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, out);
  if (bias != nullptr) made.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *bias);
  made.finalize();
  return made;
}

}  // namespace

Descriptor build_graph(const Api& api, cudnnHandle_t handle, const ConvJob& job) {
  const bool epilogue = has_epilogue(job), activates = epilogue && job.activation.kind != Activation::none;
  const bool transposed = job.pass == ConvPass::grad_input;
  const Shape& result = transposed ? job.x : job.y;
  const std::int64_t result_uid = transposed ? kUidX : kUidY;
  std::int64_t hidden_uid = kUidBias;
  const auto hidden = [&] { return virtual_tensor(api, ++hidden_uid, result); };
  const auto written = [&] { return tensor(api, result_uid, result, job.dtype); };

  const Descriptor x = epilogue && transposed ? hidden() : tensor(api, kUidX, job.x, job.dtype);
  const Descriptor y = epilogue && !transposed ? hidden() : tensor(api, kUidY, job.y, job.dtype);
  const PassNames names = names_of(job.pass);
  std::vector<Descriptor> operations;
  operations.emplace_back(api, names.type)
      .set(names.convolution, convolution(api, job.spec))
      .set(names.x, x)
      .set(names.filter, tensor(api, kUidFilter, job.filter, job.dtype))
      .set(names.y, y)
      .set(names.alpha, 1.0F)
      .set(names.beta, 0.0F)
      .finalize();
  if (epilogue) {
    const Descriptor& sum = transposed ? x : y;
    std::optional<Descriptor> biased;
    if (job.bias) {
      biased = activates ? hidden() : written();
      const Descriptor bias = tensor(api, kUidBias, {1, 1, 1, result.c}, DType::f32);
      operations.push_back(pointwise_operation(api, pointwise(api, {}), sum, &bias, *biased));
    }
    if (activates)
      operations.push_back(pointwise_operation(api, pointwise(api, job.activation), biased ? *biased : sum, nullptr, written()));
  }
  Descriptor graph(api, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations);
  if (handle != nullptr) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle);
  graph.finalize();
  return graph;
}

bool has_epilogue(const ConvJob& job) { return job.pass != ConvPass::grad_filter && (job.bias || job.activation.kind != Activation::none); }

ConvJob without_epilogue(ConvJob job) {
  job.activation = {};
  job.bias = false;
  return job;
}

std::string to_string(const ConvJob& job) {
  constexpr std::array passes{"forward", "grad_input", "grad_filter"};
  constexpr std::array activations{"", " relu", " leaky_relu", " elu", " tanh", " sigmoid"};
  std::string text =
      format("{} x {} filter {} y {} stride {} padding {} {}", passes[static_cast<std::size_t>(job.pass)], to_string(job.x),
             to_string(job.filter), to_string(job.y), job.spec.stride, job.spec.padding, job.dtype == DType::f32 ? "f32" : "bf16");
  if (!has_epilogue(job)) return text;
  if (job.bias) text += " bias";
  text += activations[static_cast<std::size_t>(job.activation.kind)];
  if (job.activation.kind == Activation::leaky_relu) text += format(" {}", job.activation.slope);
  return text;
}

}  // namespace fgan::cuda
