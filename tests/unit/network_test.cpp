// Whole networks on the oracle device: their gradients against finite differences, through planned and shared memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "device/device.h"
#include "nn/architectures/architectures.h"
#include "nn/layers/dropout.h"
#include "nn/layers/pointwise.h"
#include "nn/network.h"

namespace fgan {
namespace {

constexpr std::int64_t kRows = 3, kReference = 4;

// A network on the naive device with the loss sum(weights * output) over two row groups, behind a reference where it needs one.
struct Bench {
  std::unique_ptr<Device> device = make_device({.name = "naive"});
  std::unique_ptr<Network> network;
  ArenaPlan plan;
  std::unique_ptr<Tape> tape;
  std::unique_ptr<Buffer> arena;
  std::vector<RowGroup> groups;
  std::int64_t rows;
  std::vector<float> input, weights;
  std::int64_t mask_counter = 17;

  explicit Bench(std::unique_ptr<Network> made)
      : network(std::move(made)),
        groups(behind_reference(network->needs_reference() ? kReference : 0, kRows, {Role::real, Role::fake})),
        rows(groups.back().first + kRows) {
    network->params().allocate(*device, {.gradient = true});
    network->params().initialize(*device, 3, 0);
    tape = std::make_unique<Tape>(*network, rows, static_cast<int>(groups.size()), plan);
    int tick = 0;
    tape->plan_forward(plan, tick);
    tape->plan_backward(plan, tick, {0, rows});
    plan.keep(tape->output_place().slot);
    plan.keep(tape->input_place().slot);
    plan.solve();
    arena = device->allocate(plan.bytes());
    tape->bind(plan, static_cast<std::byte*>(arena->data()));
    prepare(device->ops(), *network, rows, {.parameter_gradients = true, .backward = true, .input_gradient_rows = rows});
    input = noise(tape->input().shape.count(), 1);
    weights = noise(tape->output().shape.count(), 2);
  }

  static std::vector<float> noise(std::int64_t count, std::uint64_t step) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = math::normal(9, math::Purpose::bench, step, 0, static_cast<std::uint32_t>(i));
    return values;
  }

  Pass pass(bool gradients) {
    return {.queue = device->queue(),
            .ops = device->ops(),
            .groups = groups,
            .parameter_gradients = gradients,
            .masks = {.seed = 1, .counter = {&mask_counter, Shape{}, DType::i64}}};
  }

  double loss() {
    device->upload(tape->input().data, input.data(), input.size() * sizeof(float));
    forward(pass(false), *tape);
    const float* y = static_cast<const float*>(tape->output().data);
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += static_cast<double>(weights[i]) * y[i];
    return sum;
  }

  void gradients() {
    loss();
    device->upload(tape->output_gradient().data, weights.data(), weights.size() * sizeof(float));
    backward(pass(true), *tape, {0, rows});
  }

  // <gradient, direction> against the difference of the loss along the direction, for the floats at `values`.
  void check_direction(float* values, const float* gradient, std::int64_t count, const std::string& what) {
    const std::vector<float> direction = noise(count, 7), kept(values, values + count);
    double expected = 0, scale = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      expected += static_cast<double>(gradient[i]) * direction[static_cast<std::size_t>(i)];
      scale += std::abs(static_cast<double>(gradient[i]) * direction[static_cast<std::size_t>(i)]);
    }
    const float step = 1e-3f;
    const auto at = [&](float t) {
      for (std::int64_t i = 0; i < count; ++i) values[i] = kept[static_cast<std::size_t>(i)] + t * direction[static_cast<std::size_t>(i)];
      return loss();
    };
    const double difference = (at(step) - at(-step)) / (2 * static_cast<double>(step));
    std::copy(kept.begin(), kept.end(), values);
    CAPTURE(what);
    CHECK(std::abs(difference - expected) <= 5e-3 * (scale / std::sqrt(static_cast<double>(count)) + std::abs(expected) + 1e-3));
  }

  void check_all() {
    gradients();
    const std::vector<float> input_gradient(static_cast<float*>(tape->input_gradient().data),
                                            static_cast<float*>(tape->input_gradient().data) + input.size());
    ParamStore& params = network->params();
    const Tensor flat = params.flat(Block::gradient);
    const std::vector<float> kept(static_cast<float*>(flat.data), static_cast<float*>(flat.data) + flat.shape.count());
    check_direction(input.data(), input_gradient.data(), static_cast<std::int64_t>(input.size()), "input");
    for (std::size_t p = 0; p < params.parameters().size(); ++p) {
      const Parameter& parameter = params.parameters()[p];
      check_direction(static_cast<float*>(params.tensor(Block::weights, static_cast<int>(p)).data), kept.data() + parameter.offset,
                      parameter.shape.count(), parameter.name);
    }
  }
};

std::vector<float> copy(const Tensor& t) {
  return std::vector<float>(static_cast<float*>(t.data), static_cast<float*>(t.data) + t.shape.count());
}

// Smooth activations, so that differences do not step over kinks.
ModelOptions smooth(Architecture architecture, Player player, const Shape& data, double dropout = 0,
                    Normalization normalization = Normalization::batch) {
  ModelOptions o;
  o.architecture = architecture;
  o.width = 3;
  o.activation = HiddenActivation::tanh;
  o.normalization = normalization;
  o.init_deviation = 0.3;
  o.dropout = dropout;
  return resolved(o, player, architecture, data);
}

// Stands where a product does, and notes what it is told to end with.
struct Product final : Layer {
  mutable Epilogue announced, told;

  Shape declare(ParamStore&, Shape in) override { return in; }
  void prepare(Ops&, const LayerNeeds& needs) const override { announced = needs.epilogue; }
  void forward(const Pass& pass, const ParamStore&, In x, Out y, Out) const override {
    told = pass.epilogue;
    pass.ops.copy(pass.queue, x, y);
  }
  void backward(const Pass&, const ParamStore&, In, In, In, Out, In) const override {}
  bool takes_epilogue() const override { return true; }
};

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("a product ends with the bias and activation behind it, which are then not done again, and with nothing else") {
    const math::ActivationSpec tanh{math::Activation::tanh};
    for (const bool dropped : {false, true}) {
      auto network = std::make_unique<Network>(Shape{1, 2, 2, 3});
      auto made = std::make_unique<Product>();
      const Product& product = *made;
      network->add(std::move(made));
      if (dropped) network->add(std::make_unique<Dropout>(0.5, 0));
      network->add(std::make_unique<BiasActivation>("main.0", true, tanh));
      Bench bench(std::move(network));
      Pass pass = bench.pass(false);
      pass.masks = {};
      bench.device->upload(bench.tape->input().data, bench.input.data(), bench.input.size() * sizeof(float));
      forward(pass, *bench.tape);
      for (const Epilogue& epilogue : {product.announced, product.told}) {
        CHECK(static_cast<bool>(epilogue) == !dropped);
        CHECK(epilogue.activation == (dropped ? math::ActivationSpec{} : tanh));
        CHECK(epilogue.bias.data == (dropped ? nullptr : bench.network->params().tensor(Block::weights, 0).data));
      }
      CHECK((copy(bench.tape->output()) == bench.input) == !dropped);
    }
  }

  TEST_CASE("gradients of both players' networks equal finite differences") {
    const Shape image{1, 28, 28, 1}, colour{1, 32, 32, 3}, numbers{1, 1, 1, 2};
    for (const Shape& data : {image, colour})
      for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
        CAPTURE(to_string(data));
        for (const double dropout : {0.0, 0.4}) {
          Bench(make_generator(smooth(architecture, Player::generator, data, dropout), 5, data)).check_all();
          Bench(make_critic(smooth(architecture, Player::critic, data, dropout), data)).check_all();
        }
      }
    Bench(make_generator(smooth(Architecture::affine, Player::generator, numbers), 2, numbers)).check_all();
  }

  TEST_CASE("gradients through a reference equal finite differences, the reference's own rows included") {
    const Shape data{1, 28, 28, 1};
    for (const Normalization normalization : {Normalization::reference_batch, Normalization::virtual_batch})
      for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
        CAPTURE(to_string(normalization));
        Bench(make_generator(smooth(architecture, Player::generator, data, 0, normalization), 5, data)).check_all();
        Bench(make_critic(smooth(architecture, Player::critic, data, 0.4, normalization), data)).check_all();
      }
  }

  TEST_CASE("without reference_gradient a reference is a constant: only its own outputs lead back to it") {
    const Shape data{1, 28, 28, 1};
    for (const Normalization normalization : {Normalization::reference_batch, Normalization::virtual_batch})
      for (const bool through : {true, false}) {
        ModelOptions options = smooth(Architecture::dcgan, Player::critic, data, 0, normalization);
        options.reference_gradient = through;
        Bench bench(make_critic(options, data));
        std::fill_n(bench.weights.begin(), kReference, 0.0f);  // the loss does not see the reference
        bench.gradients();
        const std::vector<float> gradient = copy(bench.tape->input_gradient());
        const auto reference_end = gradient.begin() + kReference * data.example();
        CHECK(std::any_of(gradient.begin(), reference_end, [](float g) { return g != 0; }) == through);
        CHECK(std::any_of(reference_end, gradient.end(), [](float g) { return g != 0; }));
        // By the other rows, differences do not see the choice.
        const std::int64_t first = kReference * data.example(), count = static_cast<std::int64_t>(bench.input.size()) - first;
        bench.check_direction(bench.input.data() + first, gradient.data() + first, count, "live rows");
      }
  }

  TEST_CASE("with a reference, what comes of a row does not depend on the other live rows") {
    const Shape data{1, 28, 28, 1};
    for (const Normalization normalization : {Normalization::reference_batch, Normalization::virtual_batch, Normalization::batch}) {
      Bench bench(make_critic(smooth(Architecture::dcgan, Player::critic, data, 0, normalization), data));
      bench.loss();
      const std::vector<float> before = copy(bench.tape->output());
      const std::int64_t kept = kReference + 1;  // the reference and one live row, or under batch statistics rows of either group
      for (std::size_t i = static_cast<std::size_t>(kept * data.example()); i < bench.input.size(); ++i) bench.input[i] *= 3;
      bench.loss();
      const std::vector<float> after = copy(bench.tape->output());
      CHECK(std::equal(before.begin(), before.begin() + kept, after.begin()) == (normalization != Normalization::batch));
      CHECK(!std::equal(before.begin() + kept, before.end(), after.begin() + kept));
    }
  }

  TEST_CASE("a pass over the fake rows alone equals their part of the pass over all rows") {
    const Shape data{1, 28, 28, 1};
    Bench bench(make_critic(smooth(Architecture::dcgan, Player::critic, data, 0.3), data));
    bench.gradients();
    const std::vector<float> whole_input = copy(bench.tape->input_gradient()),
                             whole_params = copy(bench.network->params().flat(Block::gradient));
    bench.loss();
    bench.device->upload(bench.tape->output_gradient().data, bench.weights.data(), bench.weights.size() * sizeof(float));
    const RowGroup fakes{0, kRows, Role::fake};
    Pass pass = bench.pass(false);
    pass.groups = {&fakes, 1};
    backward(pass, *bench.tape, {0, kRows}, {.first_row = kRows, .first_group = 1});
    const std::int64_t half = kRows * data.example();
    const float* part = static_cast<const float*>(bench.tape->input_gradient().data);
    for (std::int64_t i = 0; i < half; ++i) REQUIRE(part[i] == whole_input[static_cast<std::size_t>(half + i)]);
    CHECK(copy(bench.network->params().flat(Block::gradient)) == whole_params);
  }

  TEST_CASE("dropout needs masks: without them the network is the one without dropout, and with them every row and step has its own") {
    const Shape data{1, 28, 28, 1};
    for (const Architecture architecture : {Architecture::mlp, Architecture::dcgan}) {
      ModelOptions options = smooth(architecture, Player::critic, data);
      options.width = 16;  // so many units that no two masks are alike
      Bench plain(make_critic(options, data));
      options.dropout = 0.5;
      Bench dropping(make_critic(options, data));
      const auto output = [&data](Bench& bench, bool masked) {
        for (std::int64_t i = data.example(); i < 2 * kRows * data.example(); ++i)  // all rows alike
          bench.input[static_cast<std::size_t>(i)] = bench.input[static_cast<std::size_t>(i - data.example())];
        bench.device->upload(bench.tape->input().data, bench.input.data(), bench.input.size() * sizeof(float));
        Pass pass = bench.pass(false);
        if (!masked) pass.masks = {};
        forward(pass, *bench.tape);
        return copy(bench.tape->output());
      };
      CHECK(output(plain, true) == output(dropping, false));
      const std::vector<float> first = output(dropping, true);
      CHECK(std::set<float>(first.begin(), first.end()).size() == first.size());
      CHECK(output(dropping, true) == first);
      ++dropping.mask_counter;
      CHECK(output(dropping, true) != first);
    }
  }

  TEST_CASE("planned memory is less than the sum of what is planned, and no two live slots overlap") {
    const Shape data{1, 64, 64, 3};
    auto network = make_generator(smooth(Architecture::dcgan, Player::generator, data), 100, data);
    ArenaPlan plan;
    Tape tape(*network, 4, 1, plan);
    int tick = 0;
    tape.plan_forward(plan, tick);
    plan.solve();
    CHECK(plan.bytes() < plan.unshared_bytes() * 3 / 4);
  }

  TEST_CASE("stored layouts give back what they were given, in PyTorch's order") {
    const Shape filter{2, 3, 4, 5};  // o, h, w, i
    std::vector<float> device(static_cast<std::size_t>(filter.count()));
    for (std::size_t i = 0; i < device.size(); ++i) device[i] = static_cast<float>(i);
    const StoredLayout layout = StoredLayout::filter(filter);
    const std::vector<float> stored = to_stored(layout, device.data());
    CHECK(layout.dims == std::vector<std::int64_t>{2, 5, 3, 4});
    CHECK(stored[1] == 5.0f);  // next along w in PyTorch is the next pixel here
    CHECK(from_stored(layout, stored.data()) == device);
    const StoredLayout dense = StoredLayout::dense(Shape{1, 2, 2, 3}, Shape{1, 1, 1, 7});
    std::vector<float> matrix(7 * 12);
    for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] = static_cast<float>(i);
    const std::vector<float> rows = to_stored(dense, matrix.data());
    CHECK(dense.dims == std::vector<std::int64_t>{7, 12});
    CHECK(rows[1] == 3.0f);  // C,H,W: the second column is the second pixel's first channel
    CHECK(rows[12] == 12.0f);
    CHECK(from_stored(dense, rows.data()) == matrix);
  }
}

}  // namespace fgan
