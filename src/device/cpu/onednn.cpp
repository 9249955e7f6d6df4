#include "device/cpu/onednn.h"

#include <array>
#include <dnnl.hpp>
#include <unordered_map>
#include <utility>

#include "base/error.h"

namespace fgan {

using dnnl::memory;

struct OneDnn::State {
  Team team;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  Memory& scratch;  // reordered filter, then the primitive's scratchpad
};

namespace {

// Codes of the library never leave the line they were produced on.
template <class F>
auto guarded(const std::string& what, const F& f) {
  try {
    return f();
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_out_of_memory) fail(Exit::device, "oneDNN ran out of memory trying to {}; a smaller batch needs less", what);
    fail(Exit::device, "oneDNN {} could not {}: {} (status {})", OneDnn::version(), what, e.what(), static_cast<int>(e.status));
  }
}

std::size_t aligned(std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

// One operand: the plain memory of the caller, and when the primitive wants another order, its place in the scratch.
struct Operand {
  int argument;
  memory outside, inside;
  dnnl::reorder reorder;  // into the scratch for inputs, out of it for the result
  bool reordered = false;
};

class Primitive final : public Plan {
 public:
  using Desc = std::pair<int, memory::desc>;  // argument, and how the caller's memory is laid out

  Primitive(OneDnn::State& state, const dnnl::primitive_desc_base& desc, dnnl::primitive primitive, const std::array<Desc, 3>& plain,
            std::string what)
      : state_(state), primitive_(std::move(primitive)), what_(std::move(what)) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const auto [argument, outside] = plain[i];
      const memory::desc inside = desc.query_md(dnnl::query::exec_arg_md, argument);
      Operand& o = operands_[i];
      o.argument = argument;
      o.outside = memory(outside, state.engine, DNNL_MEMORY_NONE);
      if (inside != outside) {
        o.reordered = true;
        o.inside = memory(inside, state.engine, DNNL_MEMORY_NONE);
        const bool result = i == 2;
        o.reorder = result ? dnnl::reorder(o.inside, o.outside) : dnnl::reorder(o.outside, o.inside);
        bytes += aligned(inside.get_size());
      }
      arguments_.emplace(argument, o.reordered ? o.inside : o.outside);
    }
    const memory::desc pad = desc.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD);
    scratchpad_ = memory(pad, state.engine, DNNL_MEMORY_NONE);
    arguments_.emplace(DNNL_ARG_SCRATCHPAD, scratchpad_);
    state.scratch.reserve(bytes + pad.get_size());
  }

  void run(const void* first, const void* second, void* result) override {
    state_.team.adopt();
    guarded(what_, [&] {
      bind_scratch();
      operands_[0].outside.set_data_handle(const_cast<void*>(first));
      operands_[1].outside.set_data_handle(const_cast<void*>(second));
      operands_[2].outside.set_data_handle(result);
      for (std::size_t i = 0; i < 2; ++i)
        if (operands_[i].reordered) operands_[i].reorder.execute(state_.stream, operands_[i].outside, operands_[i].inside);
      primitive_.execute(state_.stream, arguments_);
      if (operands_[2].reordered) operands_[2].reorder.execute(state_.stream, operands_[2].inside, operands_[2].outside);
      state_.stream.wait();
      return 0;
    });
  }

 private:
  // The scratch may have grown, and moved, since the last run.
  void bind_scratch() {
    std::byte* at = state_.scratch.data();
    if (at == bound_) return;
    bound_ = at;
    for (Operand& o : operands_) {
      if (!o.reordered) continue;
      o.inside.set_data_handle(at);
      at += aligned(o.inside.get_desc().get_size());
    }
    scratchpad_.set_data_handle(at);
  }

  OneDnn::State& state_;
  dnnl::primitive primitive_;
  std::array<Operand, 3> operands_;
  memory scratchpad_;
  std::unordered_map<int, memory> arguments_;
  std::byte* bound_ = nullptr;
  std::string what_;
};

// A product whose columns two plans share: those of b and c from `column` on are the right one's.  All f32.
class SideBySide final : public Plan {
 public:
  SideBySide(std::unique_ptr<Plan> left, std::unique_ptr<Plan> right, std::int64_t column)
      : left_(std::move(left)), right_(std::move(right)), column_(column) {}

  void run(const void* a, const void* b, void* c) override {
    left_->run(a, b, c);
    right_->run(a, static_cast<const float*>(b) + column_, static_cast<float*>(c) + column_);
  }

 private:
  std::unique_ptr<Plan> left_, right_;
  std::int64_t column_;
};

bool is_prime(std::int64_t n) {
  for (std::int64_t divisor = 2; divisor * divisor <= n; ++divisor)
    if (n % divisor == 0) return false;
  return n > 1;
}

// Where to cut c's columns, 0: nowhere.  Multiplying by a transposed matrix, oneDNN 2.6 takes blocks of 64 columns, as many at a time as
// divide their number: a prime above 16, as that of 1200 columns, costs it a quarter of its speed.
std::int64_t better_cut(const OneDnn::Matrix& a, const OneDnn::Matrix& b, const OneDnn::Matrix& c) {
  constexpr std::int64_t kColumns = 64, kAtATime = 16;
  const std::int64_t blocks = (c.columns + kColumns - 1) / kColumns;
  const bool affected = a.dtype == DType::f32 && a.column_stride != 1 && b.column_stride == 1 && blocks > kAtATime && is_prime(blocks);
  return affected ? (blocks - 1) * kColumns : 0;
}

memory::data_type type(DType dtype) { return dtype == DType::bf16 ? memory::data_type::bf16 : memory::data_type::f32; }

// Dimensions are named in oneDNN's order, N,C,H,W, whatever lies in memory.
memory::desc tensor(const Shape& s, DType dtype, memory::format_tag tag) { return {{s.n, s.c, s.h, s.w}, type(dtype), tag}; }

memory::desc strided(const OneDnn::Matrix& m) { return {{m.rows, m.columns}, type(m.dtype), {m.row_stride, m.column_stride}}; }

bool has(dnnl_cpu_isa_t isa) { return (dnnl_get_effective_cpu_isa() & isa) == isa; }

#if DNNL_VERSION_MAJOR >= 3
#error "write the three primitive descriptors below in the form of oneDNN 3: without operation descriptors"
#endif

}  // namespace

OneDnn::OneDnn(const Team& team, Memory& scratch)
    : state_(guarded("start", [&] { return std::make_unique<State>(State{.team = team, .scratch = scratch}); })) {}
OneDnn::~OneDnn() = default;

std::string OneDnn::version() {
  const dnnl_version_t* v = dnnl_version();
  return format("{}.{}.{}", v->major, v->minor, v->patch);
}

std::string OneDnn::isa() {
  switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41: return "sse41";
    case dnnl_cpu_isa_avx: return "avx";
    case dnnl_cpu_isa_avx2: return "avx2";
    case dnnl_cpu_isa_avx2_vnni: return "avx2_vnni";
    case dnnl_cpu_isa_avx512_core: return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni: return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16: return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx: return "avx512_core_amx";
    default: return format("isa_{:#x}", static_cast<unsigned>(dnnl_get_effective_cpu_isa()));
  }
}

bool OneDnn::has_amx() { return has(dnnl_cpu_isa_avx512_core_amx); }

bool OneDnn::computes_in_bf16() { return has(dnnl_cpu_isa_avx512_core_bf16); }

std::unique_ptr<Plan> OneDnn::convolution(const ConvSpec& spec, ConvPass pass, const Shape& x, const Shape& filter, const Shape& y,
                                          DType dtype) {
  state_->team.adopt();  // primitives are built for a number of threads
  const std::string what = format("convolve {} with {} to {}", to_string(x), to_string(filter), to_string(y));
  return guarded(what, [&]() -> std::unique_ptr<Plan> {
    using tag = memory::format_tag;
    const auto nhwc_x = tensor(x, dtype, tag::nhwc), nhwc_y = tensor(y, dtype, tag::nhwc);
    const auto any = tensor(filter, dtype, tag::any), ohwi = tensor(filter, dtype, tag::ohwi);
    const auto any_gradient = tensor(filter, DType::f32, tag::any), gradient = tensor(filter, DType::f32, tag::ohwi);
    const memory::dims stride{spec.stride, spec.stride}, padding{spec.padding, spec.padding};
    const auto direct = dnnl::algorithm::convolution_direct;
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    // What lies beyond the last window (sizes that the stride does not divide) is cut off by a smaller padding on the far side.
    const memory::dims far{(y.h - 1) * spec.stride + spec.kernel - x.h - spec.padding,
                           (y.w - 1) * spec.stride + spec.kernel - x.w - spec.padding};
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, nhwc_x, any, nhwc_y, stride, padding, far}, attr, state_->engine);
    if (pass == ConvPass::forward)
      return std::make_unique<Primitive>(
          *state_, forward, dnnl::convolution_forward(forward),
          std::array<Primitive::Desc, 3>{{{DNNL_ARG_SRC, nhwc_x}, {DNNL_ARG_WEIGHTS, ohwi}, {DNNL_ARG_DST, nhwc_y}}}, what);
    if (pass == ConvPass::grad_input) {
      const dnnl::convolution_backward_data::primitive_desc desc({direct, nhwc_x, any, nhwc_y, stride, padding, far}, attr, state_->engine,
                                                                 forward);
      return std::make_unique<Primitive>(
          *state_, desc, dnnl::convolution_backward_data(desc),
          std::array<Primitive::Desc, 3>{{{DNNL_ARG_DIFF_DST, nhwc_y}, {DNNL_ARG_WEIGHTS, ohwi}, {DNNL_ARG_DIFF_SRC, nhwc_x}}}, what);
    }
    const dnnl::convolution_backward_weights::primitive_desc desc({direct, nhwc_x, any_gradient, nhwc_y, stride, padding, far}, attr,
                                                                  state_->engine, forward);
    return std::make_unique<Primitive>(
        *state_, desc, dnnl::convolution_backward_weights(desc),
        std::array<Primitive::Desc, 3>{{{DNNL_ARG_SRC, nhwc_x}, {DNNL_ARG_DIFF_DST, nhwc_y}, {DNNL_ARG_DIFF_WEIGHTS, gradient}}}, what);
  });
}

std::unique_ptr<Plan> OneDnn::product(const Matrix& a, const Matrix& b, const Matrix& c, Result result) {
  const std::int64_t cut = has(dnnl_cpu_isa_avx512_core) ? better_cut(a, b, c) : 0;
  if (cut > 0)
    return std::make_unique<SideBySide>(product(a, b.first(cut), c.first(cut), result),
                                        product(a, b.first(b.columns - cut), c.first(c.columns - cut), result), cut);
  state_->team.adopt();
  const std::string what = format("multiply {}x{} by {}x{}", a.rows, a.columns, b.rows, b.columns);
  return guarded(what, [&]() -> std::unique_ptr<Plan> {
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (result == Result::added) {
      dnnl::post_ops add;
      add.append_sum();
      attr.set_post_ops(add);
    }
    const dnnl::matmul::primitive_desc desc({strided(a), strided(b), strided(c)}, attr, state_->engine);
    return std::make_unique<Primitive>(
        *state_, desc, dnnl::matmul(desc),
        std::array<Primitive::Desc, 3>{{{DNNL_ARG_SRC, strided(a)}, {DNNL_ARG_WEIGHTS, strided(b)}, {DNNL_ARG_DST, strided(c)}}}, what);
  });
}

}  // namespace fgan
