#include "train/dump.h"

#include <charconv>

#include "base/error.h"
#include "train/state.h"

namespace fgan {
namespace {

void append(SafeTensors& file, std::vector<StoredTensor> tensors) {
  for (StoredTensor& tensor : tensors) file.tensors.push_back(std::move(tensor));
}

StoredTensor vector_of(Device& device, std::string name, const Tensor& tensor) {
  return store(device, {std::move(name), tensor, StoredLayout::plain({tensor.shape.n})});
}

// What the dropout masks of the passes are a function of.
StoredTensor draws(Device& device, std::string name, const GanStep& step) {
  return store(device, {std::move(name), step.draws(), StoredLayout::plain({1})});
}

// The state a player's update starts from, and its gradient unless it is frozen: with several critic steps, those of the last one.
void before_update(SafeTensors& file, Device& device, const ParamStore& params, const Optimizer& optimizer, const std::string& player) {
  append(file, store(device, block_entries(params, Block::weights, player + ".", ".before")));
  append(file, store(device, block_entries(params, Block::gradient, player + ".", ".grad")));
  append(file, store(device, optimizer_entries(params, optimizer, player + "_optimizer.")));
}

void after_critic_gradient(SafeTensors& file, Device& device, Players& players, const GanStep& step) {
  append(file, {draws(device, "draws", step)});
  append(file, critic_batch(device, step));
  if (step.critic_reference_input().shape.n > 0) append(file, {store_batch(device, "reference_real", step.critic_reference_input())});
  if (step.generator_reference_input().shape.n > 0)
    append(file, {store_batch(device, "reference_latent", step.generator_reference_input())});
  before_update(file, device, players.critic().params(), players.critic_optimizer(), "critic");
}

void statistics_to_metadata(SafeTensors& file, Device& device, const GanStep& step) {
  const std::vector<float> critic = download_floats(device, step.critic_statistics());
  const std::vector<float> generator = download_floats(device, step.generator_statistics());
  const auto put = [&](const char* name, const std::vector<float>& values, GameStat stat) {
    file.metadata[name] = format("{:.9g}", values[static_cast<std::size_t>(stat)]);
  };
  put("bound", critic, GameStat::bound);
  put("bound_se", critic, GameStat::bound_se);
  put("objective", critic, GameStat::objective);
  put("true_positive", critic, GameStat::true_positive);
  put("true_negative", critic, GameStat::true_negative);
  put("critic_mean_real", critic, GameStat::critic_mean_real);
  put("critic_mean_fake", critic, GameStat::critic_mean_fake);
  put("critic_sd_real", critic, GameStat::critic_sd_real);
  put("critic_sd_fake", critic, GameStat::critic_sd_fake);
  put("generator_objective", generator, GameStat::generator_objective);
}

}  // namespace

DumpRequest parse_dump_request(const std::string& text) {
  if (text.empty()) return {};
  DumpRequest request;
  const auto colon = text.find(':');
  const auto [end, error] = std::from_chars(text.data(), text.data() + std::min(colon, text.size()), request.step);
  if (colon == std::string::npos || colon + 1 == text.size() || error != std::errc{} || end != text.data() + colon || request.step < 1)
    fail(Exit::usage, "train.dump_step = {}: expected N:FILE with a step N from 1", text);
  request.file = text.substr(colon + 1);
  return request;
}

std::vector<StoredTensor> critic_batch(Device& device, const GanStep& step) {
  const Tensor v = step.critic_v(), dv = step.critic_dv();
  const std::int64_t n = step.real().shape.n;
  return {store_batch(device, "real", step.real()),   store_batch(device, "latent", step.latent()),
          store_batch(device, "fake", step.fake()),   vector_of(device, "v_real", v.rows(0, n)),
          vector_of(device, "v_fake", v.rows(n, n)),  vector_of(device, "dv_real", dv.rows(0, n)),
          vector_of(device, "dv_fake", dv.rows(n, n))};
}

std::vector<StoredTensor> generator_batch(Device& device, const GanStep& step) {
  return {store_batch(device, "generator_latent", step.latent()), store_batch(device, "generator_fake", step.fake()),
          vector_of(device, "generator_v_fake", step.generator_v()), vector_of(device, "generator_dv_fake", step.generator_dv())};
}

void run_and_dump(Device& device, Players& players, GanStep& step, const CheckpointHeader& header, const std::function<void()>& feed,
                  const std::filesystem::path& path) {
  SafeTensors file;
  file.metadata = to_metadata(header);
  file.metadata["format"] = "fgan step 1";
  const ParamStore& generator = players.generator().params();
  const ParamStore& critic = players.critic().params();
  step.run_observed(feed, [&](Phase phase) {
    switch (phase) {
      case Phase::critic_gradient:
        file.tensors.clear();  // of an earlier critic step
        after_critic_gradient(file, device, players, step);
        break;
      case Phase::critic_update: append(file, store(device, block_entries(critic, Block::weights, "critic.", ".after"))); break;
      case Phase::generator_gradient:
        append(file, {draws(device, "generator_draws", step)});
        append(file, generator_batch(device, step));
        before_update(file, device, generator, players.generator_optimizer(), "generator");
        break;
      case Phase::generator_update:
        append(file, store(device, block_entries(generator, Block::weights, "generator.", ".after")));
        append(file, store(device, block_entries(generator, Block::average, "generator_average.", ".after")));
        break;
    }
  });
  statistics_to_metadata(file, device, step);
  write_safetensors(path, file);
}

}  // namespace fgan
