#include "train/critic_probe.h"

#include <algorithm>

namespace fgan {

CriticProbe::CriticProbe(Device& device, Players& players, In reference)
    : device_(device),
      players_(players),
      reference_(reference),
      groups_(behind_reference(players.critic_reference(), kRows, {Role::fake})),
      tape_(players.critic(), players.critic_reference() + kRows, static_cast<int>(groups_.size()), plan_) {
  int tick = 0;
  tape_.plan_forward(plan_, tick);
  plan_.keep(tape_.output_place().slot);
  plan_.solve();
  prepare(device.ops(), players.critic(), tape_.rows(), {});
  arena_ = device.allocate(plan_.bytes());
  tape_.bind(plan_, static_cast<std::byte*>(arena_->data()));
}

std::vector<float> CriticProbe::values(std::span<const float> points) {
  const auto width = static_cast<std::size_t>(players_.data_shape().example());
  const std::size_t count = points.size() / width, rows = static_cast<std::size_t>(kRows);
  const std::int64_t reference = players_.critic_reference();
  const Tensor input = tape_.input().rows(reference, kRows), output = tape_.output().rows(reference, kRows);
  const Pass pass{.queue = device_.queue(), .ops = device_.ops(), .groups = groups_};
  std::vector<float> v(count), chunk(rows * width);
  for (std::size_t done = 0; done < count; done += rows) {
    const std::size_t now = std::min(rows, count - done);
    std::copy_n(points.begin() + static_cast<std::ptrdiff_t>(done * width), now * width, chunk.begin());
    if (reference > 0) device_.ops().copy(device_.queue(), reference_, tape_.input().rows(0, reference));
    device_.upload(input.data, chunk.data(), chunk.size() * sizeof(float));
    forward(pass, tape_);
    device_.download(v.data() + done, output.data, now * sizeof(float));
  }
  return v;
}

}  // namespace fgan
