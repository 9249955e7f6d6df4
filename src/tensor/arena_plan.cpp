#include "tensor/arena_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace fgan {
namespace {

constexpr int kNever = std::numeric_limits<int>::max();  // first > last: lives nowhere

std::size_t aligned(std::size_t bytes) { return (bytes + ArenaPlan::kAlignment - 1) / ArenaPlan::kAlignment * ArenaPlan::kAlignment; }

bool lives(const ArenaPlan::Slot& slot) { return slot.first <= slot.last; }

bool meet(const ArenaPlan::Slot& a, const ArenaPlan::Slot& b) { return a.first <= b.last && b.first <= a.last; }

// The lowest offset where `slot` fits between those that live with it.
std::size_t first_fit(const ArenaPlan::Slot& slot, const std::vector<const ArenaPlan::Slot*>& placed_by_offset) {
  std::size_t offset = 0;
  for (const ArenaPlan::Slot* other : placed_by_offset) {
    if (!meet(slot, *other)) continue;
    if (offset + aligned(slot.bytes) <= other->offset) break;
    offset = std::max(offset, other->offset + aligned(other->bytes));
  }
  return offset;
}

}  // namespace

int ArenaPlan::slot(std::size_t bytes) {
  FGAN_CHECK(!solved_, "the plan is solved already");
  FGAN_CHECK(bytes < (std::size_t{1} << 48), "a slot of {} bytes", bytes);
  slots_.push_back({bytes, 0, kNever, -kNever});
  return static_cast<int>(slots_.size()) - 1;
}

void ArenaPlan::touch(int slot, int tick) {
  FGAN_CHECK(!solved_, "the plan is solved already");
  Slot& s = slots_.at(static_cast<std::size_t>(slot));
  s.first = std::min(s.first, tick);
  s.last = std::max(s.last, tick);
}

void ArenaPlan::keep(int slot) {
  touch(slot, -kNever);
  touch(slot, kNever);
}

void ArenaPlan::solve() {
  FGAN_CHECK(!solved_, "the plan is solved already");
  std::vector<Slot*> order;
  for (Slot& slot : slots_) {
    if (lives(slot) && slot.bytes > 0) order.push_back(&slot);
  }
  std::stable_sort(order.begin(), order.end(), [](const Slot* a, const Slot* b) { return a->bytes > b->bytes; });
  std::vector<const Slot*> placed;  // by offset
  for (Slot* slot : order) {
    slot->offset = first_fit(*slot, placed);
    total_ = std::max(total_, slot->offset + aligned(slot->bytes));
    const auto behind = [](std::size_t offset, const Slot* other) { return offset < other->offset; };
    placed.insert(std::upper_bound(placed.begin(), placed.end(), slot->offset, behind), slot);
  }
  solved_ = true;
}

std::size_t ArenaPlan::offset(int slot) const {
  FGAN_CHECK(solved_, "the plan is not solved yet");
  const Slot& s = slots_.at(static_cast<std::size_t>(slot));
  FGAN_CHECK(lives(s), "slot {} was never touched", slot);
  return s.offset;
}

std::size_t ArenaPlan::unshared_bytes() const {
  return std::accumulate(slots_.begin(), slots_.end(), std::size_t{0},
                         [](std::size_t sum, const Slot& slot) { return sum + (lives(slot) ? aligned(slot.bytes) : 0); });
}

}  // namespace fgan
