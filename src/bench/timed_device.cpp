#include "bench/timed_device.h"

#include <chrono>

#include "base/error.h"
#include "base/format.h"

namespace fgan {
namespace {

double bytes_of(std::initializer_list<Tensor> operands) {
  double bytes = 0;
  for (const Tensor& operand : operands)
    if (operand) bytes += static_cast<double>(operand.bytes());
  return bytes;
}

double product_flops(double outputs, double inputs_of_one) { return 2 * outputs * inputs_of_one; }

std::string shapes_of(In x, In filter, In y) {
  return format("{} * {} -> {}", to_string(x.shape), to_string(filter.shape), to_string(y.shape));
}

class TimedOps final : public Ops {
 public:
  TimedOps(Ops& ops, OpLog& log) : ops_(ops), log_(log) {}

  void prepare_conv(const ConvJob& job) override { ops_.prepare_conv(job); }
  void prepare_linear(std::int64_t rows, std::int64_t in, std::int64_t out) override { ops_.prepare_linear(rows, in, out); }
  void prepare_channels(const Shape& x) override { ops_.prepare_channels(x); }

  void conv(Queue& q, const ConvSpec& spec, In x, In filter, const Epilogue& epilogue, Out y) override {
    time(
        q, [&] { return convolution("conv", x, filter, y); }, [&] { ops_.conv(q, spec, x, filter, epilogue, y); });
  }
  void conv_grad_input(Queue& q, const ConvSpec& spec, In dy, In filter, const Epilogue& epilogue, Out dx) override {
    time(
        q, [&] { return convolution("conv_grad_input", dx, filter, dy); },
        [&] { ops_.conv_grad_input(q, spec, dy, filter, epilogue, dx); });
  }
  void conv_grad_filter(Queue& q, const ConvSpec& spec, In x, In dy, Out dfilter) override {
    time(
        q, [&] { return convolution("conv_grad_filter", x, dfilter, dy); }, [&] { ops_.conv_grad_filter(q, spec, x, dy, dfilter); });
  }

  void linear(Queue& q, In x, In weight, const Epilogue& epilogue, Out y) override {
    time(
        q, [&] { return dense("linear", x, weight, y); }, [&] { ops_.linear(q, x, weight, epilogue, y); });
  }
  void linear_grad_input(Queue& q, In dy, In weight, Out dx) override {
    time(
        q, [&] { return dense("linear_grad_input", dx, weight, dy); }, [&] { ops_.linear_grad_input(q, dy, weight, dx); });
  }
  void linear_grad_weight(Queue& q, In x, In dy, Out dweight) override {
    time(
        q, [&] { return dense("linear_grad_weight", x, dweight, dy); }, [&] { ops_.linear_grad_weight(q, x, dy, dweight); });
  }

  void bias_act(Queue& q, const math::ActivationSpec& act, In x, In bias, Out y) override {
    time(
        q,
        [&] {
          return pass("bias_act", x.shape, {x, bias, y});
        },
        [&] { ops_.bias_act(q, act, x, bias, y); });
  }
  void bias_act_grad(Queue& q, const math::ActivationSpec& act, In y, In dy, Out dx, Out dbias) override {
    time(
        q,
        [&] {
          return pass("bias_act_grad", y.shape, {y, dy, dx, dbias});
        },
        [&] { ops_.bias_act_grad(q, act, y, dy, dx, dbias); });
  }
  void normalize(Queue& q, const NormSpec& spec, Groups groups, In x, In gain, In bias, Out y, Out moments) override {
    time(
        q,
        [&] {
          return pass("normalize", x.shape, {x, gain, bias, y, moments});
        },
        [&] { ops_.normalize(q, spec, groups, x, gain, bias, y, moments); });
  }
  void normalize_grad(Queue& q, const NormSpec& spec, Groups groups, In x, In y, In dy, In gain, In moments, Out dx, Out dgain,
                      Out dbias) override {
    time(
        q,
        [&] {
          return pass("normalize_grad", x.shape, {x, y, dy, gain, moments, dx, dgain, dbias});
        },
        [&] { ops_.normalize_grad(q, spec, groups, x, y, dy, gain, moments, dx, dgain, dbias); });
  }
  void game(Queue& q, const math::GameSpec& spec, Groups groups, In v, Out dcritic, Out dgenerator, Out statistics, Out capped) override {
    time(
        q,
        [&] {
          return pass("game", v.shape, {v, dcritic, dgenerator, statistics});
        },
        [&] { ops_.game(q, spec, groups, v, dcritic, dgenerator, statistics, capped); });
  }
  void optimizer_step(Queue& q, const math::OptimizerSpec& spec, const OptimizerBlocks& b, Out counters) override {
    const std::initializer_list<Tensor> operands{b.weights, b.weights, b.gradient, b.first,   b.first,
                                                 b.second,  b.second,  b.average,  b.average, b.rounded};
    time(
        q, [&] { return pass("optimizer_step", b.weights.shape, operands); }, [&] { ops_.optimizer_step(q, spec, b, counters); });
  }
  void noise(Queue& q, Noise kind, std::uint64_t seed, math::Purpose purpose, Out counter, std::int64_t advance, Out y) override {
    time(
        q, [&] { return pass("noise", y.shape, {y}); }, [&] { ops_.noise(q, kind, seed, purpose, counter, advance, y); });
  }
  void dropout(Queue& q, const math::DropoutSpec& spec, In counter, In x, Out y) override {
    time(
        q,
        [&] {
          return pass("dropout", x.shape, {x, y});
        },
        [&] { ops_.dropout(q, spec, counter, x, y); });
  }
  void pixels_in(Queue& q, const math::PixelRange& range, const math::Augmentation& how, In counter, In pixels, Out y) override {
    time(
        q,
        [&] {
          return pass("pixels_in", y.shape, {pixels, y});
        },
        [&] { ops_.pixels_in(q, range, how, counter, pixels, y); });
  }
  void pixels_out(Queue& q, const math::PixelRange& range, In x, Out pixels) override {
    time(
        q,
        [&] {
          return pass("pixels_out", x.shape, {x, pixels});
        },
        [&] { ops_.pixels_out(q, range, x, pixels); });
  }
  void copy(Queue& q, In x, Out y) override {
    time(
        q,
        [&] {
          return pass("copy", x.shape, {x, y});
        },
        [&] { ops_.copy(q, x, y); });
  }

 private:
  static OpCall convolution(const char* name, In x, In filter, In y) {
    const double flops = product_flops(static_cast<double>(y.shape.count()), static_cast<double>(filter.shape.example()));
    return {OpKind::product, name, shapes_of(x, filter, y), flops, bytes_of({x, filter, y}), {}};
  }
  static OpCall dense(const char* name, In x, In weight, In y) {
    const double flops = product_flops(static_cast<double>(y.shape.count()), static_cast<double>(x.shape.example()));
    return {OpKind::product, name, shapes_of(x, weight, y), flops, bytes_of({x, weight, y}), {}};
  }
  static OpCall pass(const char* name, const Shape& shape, std::initializer_list<Tensor> operands) {
    return {OpKind::pass, name, to_string(shape), 0, bytes_of(operands), {}};
  }

  template <class Describe, class Work>
  void time(Queue& queue, const Describe& describe, const Work& work) {
    std::vector<double>& seconds = log_.next(describe);
    queue.wait();
    const auto start = std::chrono::steady_clock::now();
    work();
    queue.wait();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }

  Ops& ops_;
  OpLog& log_;
};

class Unrecorded final : public Recording {
 public:
  Unrecorded(Queue& queue, std::function<void(Queue&)> work) : queue_(queue), work_(std::move(work)) {}
  void replay() override { work_(queue_); }

 private:
  Queue& queue_;
  std::function<void(Queue&)> work_;
};

class TimedDevice final : public Device {
 public:
  TimedDevice(Device& device, OpLog& log) : device_(device), ops_(device.ops(), log) {}
  std::string description() const override { return device_.description(); }
  std::string isa() const override { return device_.isa(); }
  DType activations() const override { return device_.activations(); }
  int threads() const override { return device_.threads(); }
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return device_.allocate(bytes); }
  Queue& queue() override { return device_.queue(); }
  Ops& ops() override { return ops_; }
  std::unique_ptr<Recording> record(std::function<void(Queue&)> work) override {
    return std::make_unique<Unrecorded>(device_.queue(), std::move(work));
  }
  void upload(void* device, const void* host, std::size_t bytes) override { device_.upload(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { device_.download(host, device, bytes); }

 private:
  Device& device_;
  TimedOps ops_;
};

}  // namespace

void OpLog::begin_step() {
  FGAN_CHECK(next_ == calls_.size(), "a step of {} ops after one of {}", next_, calls_.size());
  next_ = 0;
}

void OpLog::forget() {
  calls_.clear();
  next_ = 0;
}

void OpLog::forget_times() {
  for (OpCall& call : calls_) call.seconds.clear();
}

std::unique_ptr<Device> timed(Device& device, OpLog& log) { return std::make_unique<TimedDevice>(device, log); }

}  // namespace fgan
