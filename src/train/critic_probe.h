// The critic on points of our choice: for plots.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "train/players.h"

namespace fgan {

class CriticProbe {
 public:
  static constexpr std::int64_t kRows = 256;

  // reference: the critic's, numbers as it sees them; null where it needs none.
  CriticProbe(Device& device, Players& players, In reference);
  std::vector<float> values(std::span<const float> points);  // v at points [n, numbers of an example]

 private:
  Device& device_;
  Players& players_;
  ArenaPlan plan_;
  Tensor reference_;
  std::vector<RowGroup> groups_;
  Tape tape_;
  std::unique_ptr<Buffer> arena_;
};

}  // namespace fgan
