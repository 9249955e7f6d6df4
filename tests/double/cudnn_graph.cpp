// What a graph of operations computes, from the dimensions, strides, paddings and unique ids in its descriptors.
#include <array>
#include <cmath>

#include "base/format.h"
#include "double/cudnn.h"

namespace fgan::cuda_double {
namespace {

using Dims = std::array<std::int64_t, 4>;  // N, C, H, W; of a filter K, C, R, S

Dims four(const std::vector<std::int64_t>& v) {
  if (v.size() != 4) throw Misuse("tensors have four dimensions here");
  return {v[0], v[1], v[2], v[3]};
}

struct Geometry {
  Dims dims, strides;
  explicit Geometry(const Content& tensor)
      : dims(four(tensor.values<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS))),
        strides(four(tensor.values<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES))) {}

  std::int64_t count() const { return dims[0] * dims[1] * dims[2] * dims[3]; }
  std::int64_t extent() const {
    std::int64_t last = 0;
    for (std::size_t i = 0; i < 4; ++i) last += (dims[i] - 1) * strides[i];
    return last + 1;
  }
  // f(place among all elements in the order of the dimensions, place in memory)
  template <class F>
  void each(const F& f) const {
    std::int64_t i = 0;
    for (std::int64_t n = 0; n < dims[0]; ++n)
      for (std::int64_t c = 0; c < dims[1]; ++c)
        for (std::int64_t h = 0; h < dims[2]; ++h)
          for (std::int64_t w = 0; w < dims[3]; ++w) f(i++, n * strides[0] + c * strides[1] + h * strides[2] + w * strides[3]);
  }
};

struct Values {
  Dims dims{};
  std::vector<double> at;  // in the order of the dimensions

  explicit Values(const Dims& d) : dims(d), at(static_cast<std::size_t>(d[0] * d[1] * d[2] * d[3])) {}
  double& operator()(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return at[static_cast<std::size_t>(((n * dims[1] + c) * dims[2] + h) * dims[3] + w)];
  }
};

class Machinery {
 public:
  explicit Machinery(const std::map<std::int64_t, void*>& memory) : memory_(memory) {}

  Values read(const Content& tensor) {
    const std::int64_t uid = tensor.number(CUDNN_ATTR_TENSOR_UNIQUE_ID);
    if (is_virtual(tensor)) {
      if (!between_.contains(uid)) throw Misuse(format("virtual tensor {} is read before it is written", uid));
      return between_.at(uid);
    }
    const Geometry g(tensor);
    Values values(g.dims);
    const void* data = address(tensor, g);
    g.each([&](std::int64_t i, std::int64_t place) { values.at[static_cast<std::size_t>(i)] = load(data, bf16(tensor), place); });
    return values;
  }
  void write(const Content& tensor, const Values& values) {
    const Geometry g(tensor);
    if (is_virtual(tensor)) {
      between_.insert_or_assign(tensor.number(CUDNN_ATTR_TENSOR_UNIQUE_ID), values);
      return;
    }
    void* data = address(tensor, g);
    g.each([&](std::int64_t i, std::int64_t place) { store(data, bf16(tensor), place, values.at[static_cast<std::size_t>(i)]); });
  }

 private:
  static bool is_virtual(const Content& t) { return t.has(CUDNN_ATTR_TENSOR_IS_VIRTUAL) && t.value<bool>(CUDNN_ATTR_TENSOR_IS_VIRTUAL); }
  static bool bf16(const Content& t) { return t.value<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE) == CUDNN_DATA_BFLOAT16; }
  void* address(const Content& t, const Geometry& g) const {
    const std::int64_t uid = t.number(CUDNN_ATTR_TENSOR_UNIQUE_ID);
    const auto found = memory_.find(uid);
    if (found == memory_.end()) throw Misuse(format("tensor {} has no memory", uid));
    check_device_memory(found->second, static_cast<std::size_t>(g.extent()) * (bf16(t) ? 2 : 4), "a tensor of a convolution");
    if (reinterpret_cast<std::uintptr_t>(found->second) % static_cast<std::uintptr_t>(t.number(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT)) != 0)
      throw Misuse(format("tensor {} is less aligned than was said", uid));
    state().library_bytes += g.count() * (bf16(t) ? 2 : 4);
    return found->second;
  }

  const std::map<std::int64_t, void*>& memory_;
  std::map<std::int64_t, Values> between_;
};

// Names of the attributes of the three operations that share one sum.
struct Roles {
  int convolution, x, filter, y, result, alpha, beta;
};
Roles roles(cudnnBackendDescriptorType_t type) {
  if (type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
    return {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
  if (type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
    return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
            CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
  return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

// Strides, paddings and dilations of a convolution, down and across.
struct Window {
  std::vector<std::int64_t> stride, before, after, dilation;
  explicit Window(const Content& c)
      : stride(c.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES)),
        before(c.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS)),
        after(c.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS)),
        dilation(c.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_DILATIONS)) {}
};

// f(n, k, c, place in y, place in the filter, place in x) for every product.
template <class F>
void each_product(const Window& window, const Dims& x, const Dims& filter, const Dims& y, const F& f) {
  for (std::int64_t p = 0; p < y[2]; ++p)
    for (std::int64_t q = 0; q < y[3]; ++q)
      for (std::int64_t r = 0; r < filter[2]; ++r)
        for (std::int64_t s = 0; s < filter[3]; ++s) {
          const std::int64_t h = p * window.stride[0] - window.before[0] + r * window.dilation[0];
          const std::int64_t w = q * window.stride[1] - window.before[1] + s * window.dilation[1];
          if (h >= 0 && h < x[2] && w >= 0 && w < x[3]) f(p, q, r, s, h, w);
        }
}

void convolve(const Content& operation, Machinery& machinery) {
  const Roles at = roles(operation.type);
  const Window window(operation.child(at.convolution));
  const auto tensor = [&](int name) {
    return name == at.result ? Values(Geometry(operation.child(name)).dims) : machinery.read(operation.child(name));
  };
  Values x = tensor(at.x), filter = tensor(at.filter), y = tensor(at.y);
  each_product(window, x.dims, filter.dims, y.dims, [&](auto p, auto q, auto r, auto s, auto h, auto w) {
    for (std::int64_t n = 0; n < x.dims[0]; ++n)
      for (std::int64_t k = 0; k < filter.dims[0]; ++k)
        for (std::int64_t c = 0; c < filter.dims[1]; ++c) {
          if (at.result == at.y) y(n, k, p, q) += x(n, c, h, w) * filter(k, c, r, s);
          else if (at.result == at.x) x(n, c, h, w) += y(n, k, p, q) * filter(k, c, r, s);
          else filter(k, c, r, s) += y(n, k, p, q) * x(n, c, h, w);
        }
  });
  machinery.write(operation.child(at.result), at.result == at.y ? y : at.result == at.x ? x : filter);
}

double applied(const Content& pointwise, double x) {
  const auto parameter = [&](int name, double otherwise) {
    if (!pointwise.has(name)) return otherwise;
    const Attribute& attribute = pointwise.attributes.at(name);
    return attribute.type == CUDNN_TYPE_DOUBLE ? pointwise.value<double>(name) : static_cast<double>(pointwise.value<float>(name));
  };
  switch (pointwise.value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE)) {
    case CUDNN_POINTWISE_RELU_FWD: return x < 0 ? parameter(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, 0) * x + 0.0 : x;  // no -0
    case CUDNN_POINTWISE_ELU_FWD: return x < 0 ? parameter(CUDNN_ATTR_POINTWISE_ELU_ALPHA, 1) * std::expm1(x) : x;
    case CUDNN_POINTWISE_TANH_FWD: return std::tanh(x);
    case CUDNN_POINTWISE_SIGMOID_FWD: return 1 / (1 + std::exp(-x));
    default: throw Misuse("this pointwise operation is not known here");
  }
}

// What the second operand of a pointwise operation says to an element of the first: a dimension of 1 is repeated.
double repeated(const Values& b, const Dims& dims, std::int64_t i) {
  const std::int64_t w = i % dims[3], h = i / dims[3] % dims[2], c = i / (dims[3] * dims[2]) % dims[1],
                     n = i / (dims[3] * dims[2] * dims[1]);
  const auto at = [&](std::size_t axis, std::int64_t place) { return b.dims[axis] == 1 ? 0 : place; };
  return b.at[static_cast<std::size_t>(((at(0, n) * b.dims[1] + at(1, c)) * b.dims[2] + at(2, h)) * b.dims[3] + at(3, w))];
}

// cuDNN's first comparison operand comes first: x op b.
double combined(cudnnPointwiseMode_t mode, double x, double b) {
  switch (mode) {
    case CUDNN_POINTWISE_ADD: return x + b;
    case CUDNN_POINTWISE_MUL: return x * b;
    case CUDNN_POINTWISE_MAX: return x > b ? x : b;
    case CUDNN_POINTWISE_CMP_GT: return x > b ? 1 : 0;
    default: throw Misuse("this pointwise operation of two operands is not known here");
  }
}

void point_by_point(const Content& operation, Machinery& machinery) {
  const Content& pointwise = operation.child(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
  const auto mode = pointwise.value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE);
  Values x = machinery.read(operation.child(CUDNN_ATTR_OPERATION_POINTWISE_XDESC));
  const bool two = operation.has(CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
  const Values b = two ? machinery.read(operation.child(CUDNN_ATTR_OPERATION_POINTWISE_BDESC)) : Values({});
  for (std::size_t i = 0; i < x.at.size(); ++i)
    x.at[i] = two ? combined(mode, x.at[i], repeated(b, x.dims, static_cast<std::int64_t>(i))) : applied(pointwise, x.at[i]);
  machinery.write(operation.child(CUDNN_ATTR_OPERATION_POINTWISE_YDESC), x);
}

double scale(const Content& operation, int name) {
  return operation.attributes.at(name).type == CUDNN_TYPE_DOUBLE ? operation.value<double>(name)
                                                                 : static_cast<double>(operation.value<float>(name));
}

bool fits_convolution(const Content& operation) {
  const Roles at = roles(operation.type);
  const Content& convolution = operation.child(at.convolution);
  const Window window(convolution);
  const Dims x = Geometry(operation.child(at.x)).dims, filter = Geometry(operation.child(at.filter)).dims,
             y = Geometry(operation.child(at.y)).dims;
  const auto side = [&](std::size_t axis) {
    const std::int64_t reach = (filter[axis + 2] - 1) * window.dilation[axis] + 1;
    return (x[axis + 2] + window.before[axis] + window.after[axis] - reach) / window.stride[axis] + 1;
  };
  return x[0] == y[0] && x[1] == filter[1] && y[1] == filter[0] && y[2] == side(0) && y[3] == side(1) && scale(operation, at.alpha) == 1 &&
         scale(operation, at.beta) == 0 &&
         convolution.value<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) == CUDNN_CROSS_CORRELATION;
}

}  // namespace

bool fits(const Content& operation) {
  if (operation.type == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
    return Geometry(operation.child(CUDNN_ATTR_OPERATION_POINTWISE_XDESC)).dims ==
           Geometry(operation.child(CUDNN_ATTR_OPERATION_POINTWISE_YDESC)).dims;
  return fits_convolution(operation);
}

void compute(const Content& graph, const std::map<std::int64_t, void*>& memory) {
  Machinery machinery(memory);
  for (const ContentPtr& operation : graph.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).descriptors)
    if (operation->type == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR) point_by_point(*operation, machinery);
    else convolve(*operation, machinery);
}

}  // namespace fgan::cuda_double
