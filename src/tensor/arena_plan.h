// Memory planned before it is needed: every slot says how large it is and from which to which tick of the step it lives; slots whose
// lives do not meet may share bytes.  Pure arithmetic (first fit by decreasing size), no pointers.
#pragma once

#include <cstddef>
#include <vector>

namespace fgan {

class ArenaPlan {
 public:
  static constexpr std::size_t kAlignment = 256;

  // A new slot; it lives nowhere until it is touched.
  int slot(std::size_t bytes);
  // The slot holds data at `tick`: its life is the smallest interval that contains all its ticks.
  void touch(int slot, int tick);
  // Lives from the first to the last tick of the plan (inputs, results read after the step).
  void keep(int slot);

  // Assigns offsets; call once, after the last touch.
  void solve();
  std::size_t offset(int slot) const;  // a multiple of kAlignment; the slot must have been touched or kept
  std::size_t bytes() const { return total_; }
  std::size_t unshared_bytes() const;  // what it would be without sharing

  struct Slot {
    std::size_t bytes, offset;
    int first, last;
  };
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  std::vector<Slot> slots_;
  std::size_t total_ = 0;
  bool solved_ = false;
};

}  // namespace fgan
