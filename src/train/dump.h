// --dump-step=N:FILE: everything step N computes, under PyTorch's names and in its layouts, so that the mathematics can be checked
// elsewhere.  docs/dump-step.md lists the tensors.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "train/checkpoint.h"
#include "train/step.h"

namespace fgan {

struct DumpRequest {
  std::int64_t step = 0;  // 0: none
  std::filesystem::path file;
};
DumpRequest parse_dump_request(const std::string& text);  // Error(usage)

// Runs one step phase by phase and writes what it leaves behind.  header: of the run at this step.
void run_and_dump(Device& device, Players& players, GanStep& step, const CheckpointHeader& header, const std::function<void()>& feed,
                  const std::filesystem::path& file);

}  // namespace fgan
