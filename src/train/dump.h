// --dump-step=N:FILE: everything step N computes, under PyTorch's names and in its layouts, so that the mathematics can be checked
// elsewhere.  docs/dump-step.md lists the tensors.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "train/checkpoint.h"
#include "train/step.h"

namespace fgan {

struct DumpRequest {
  std::int64_t step = 0;  // 0: none
  std::filesystem::path file;
};
DumpRequest parse_dump_request(const std::string& text);  // Error(usage)

// The batch of the critic's last update and what the game made of it, after Phase::critic_gradient: real, latent, fake, v_real, v_fake,
// dv_real, dv_fake.
std::vector<StoredTensor> critic_batch(Device& device, const GanStep& step);
// What the generator answers for, after Phase::generator_gradient: generator_latent, generator_fake, generator_v_fake, generator_dv_fake.
std::vector<StoredTensor> generator_batch(Device& device, const GanStep& step);

// Runs one step phase by phase and writes what it leaves behind.  header: of the run at this step.
void run_and_dump(Device& device, Players& players, GanStep& step, const CheckpointHeader& header, const std::function<void()>& feed,
                  const std::filesystem::path& file);

}  // namespace fgan
