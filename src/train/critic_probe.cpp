#include "train/critic_probe.h"

#include <algorithm>

namespace fgan {

CriticProbe::CriticProbe(Device& device, Players& players) : device_(device), players_(players), tape_(players.critic(), kRows, 1, plan_) {
  int tick = 0;
  tape_.plan_forward(plan_, tick);
  plan_.keep(tape_.output_place().slot);
  plan_.solve();
  prepare(device.ops(), players.critic(), kRows, {});
  arena_ = device.allocate(plan_.bytes());
  tape_.bind(plan_, static_cast<std::byte*>(arena_->data()));
}

std::vector<float> CriticProbe::values(std::span<const float> points) {
  const auto width = static_cast<std::size_t>(players_.data_shape().example());
  const std::size_t count = points.size() / width, rows = static_cast<std::size_t>(kRows);
  const RowGroup group{0, kRows, Role::fake};
  const Pass pass{.queue = device_.queue(), .ops = device_.ops(), .groups = {&group, 1}};
  std::vector<float> v(count), chunk(rows * width);
  for (std::size_t done = 0; done < count; done += rows) {
    const std::size_t now = std::min(rows, count - done);
    std::copy_n(points.begin() + static_cast<std::ptrdiff_t>(done * width), now * width, chunk.begin());
    device_.upload(tape_.input().data, chunk.data(), chunk.size() * sizeof(float));
    forward(pass, tape_);
    device_.download(v.data() + done, tape_.output().data, now * sizeof(float));
  }
  return v;
}

}  // namespace fgan
