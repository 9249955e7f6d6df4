// What the program does for each verb.
#pragma once

#include "base/error.h"
#include "config/command_line.h"
#include "train/trainer.h"

namespace fgan {

// The training run that a configuration describes.
TrainRun run_of(const ResolvedConfig& resolved);

Exit run_print(const PrintCommand& command);
Exit run_train(const TrainCommand& command);
Exit run_sample(const SampleCommand& command);
Exit run_data(const DataCommand& command);
Exit run_list(const ListCommand& command);
Exit run_bench(const BenchCommand& command);

// Text to stdout, all of it or Error(output): a full disk behind `> file` must not pass for success.
void print(std::string_view text);

}  // namespace fgan
