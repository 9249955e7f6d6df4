// What a recording does, noted while it is made, in order: every kernel of ours at its launch, every call of a library, every copy.
#pragma once

#include <utility>
#include <vector>

#include "device/cuda/cudnn_graph.h"
#include "device/cuda/products.h"
#include "device/device.h"
#include "kernels/stream.h"

namespace fgan::cuda {

Work work_of(const ConvJob&);
Work work_of(const Product&);

class Tally final : public kernels::Witness {
 public:
  // recording: whether a recording is being made, from now on; only then anything is noted
  explicit Tally(const bool& recording) : recording_(recording) {}
  void launched(const kernels::Work& work) override { add({work.name, work.read, work.written}); }
  void add(const Work& work) {
    if (recording_) list_.push_back(work);
  }
  std::vector<Work> take() { return std::exchange(list_, {}); }

 private:
  const bool& recording_;
  std::vector<Work> list_;
};

}  // namespace fgan::cuda
