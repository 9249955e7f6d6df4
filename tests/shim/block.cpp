#include "shim/block.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace fgan::shim {
namespace {

constexpr unsigned char kNan = 0xff;  // all bytes so: not a number as float, double and bf16, -1 as an integer
constexpr unsigned char kGuardByte = 0x5a;

std::string pair(Index i) { return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ")"; }

std::string whereabouts(const Thread& t) {
  if (t.is(State::finished)) return "left the kernel";
  if (t.is(State::running)) return "run";
  const std::string file = t.file.load();
  return (t.is(State::at_barrier) ? "wait at a barrier, " : "wait at a shuffle, ") + file.substr(file.rfind('/') + 1) + ":" +
         std::to_string(t.line);
}

}  // namespace

thread_local Block* Block::current = nullptr;
thread_local Thread* Block::thread = nullptr;

void Thread::enter(State s, Site site) {
  file.store(site.file, std::memory_order_relaxed);
  line.store(site.line, std::memory_order_relaxed);
  enter(s);
}

std::uint64_t Random::next() {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

Block::Block(const Launch& launch)
    : launch_(launch),
      threads_(launch.shape.threads_x * launch.shape.threads_y),
      exchanged_((threads_.size() / kWarp + 1) * 2 * kWarp),
      shared_(launch.shape.shared + 2 * kGuard, kGuardByte) {
  for (unsigned i = 0; i < count(); ++i) {
    threads_[i].number = i;
    threads_[i].index = {i % launch.shape.threads_x, i / launch.shape.threads_x};
  }
}

Block::~Block() = default;

void Block::prepare(Index block) {
  block_ = block;
  for (Thread& t : threads_) {
    t.exchanges = 0;
    t.enter(State::running);
  }
  std::fill(shared_.begin() + kGuard, shared_.begin() + shared_end(), kNan);
  static const std::vector<StaticArray> arrays = static_shared();
  for (const StaticArray& array : arrays) std::memset(array.data, kNan, array.bytes);
}

void Block::become(Thread& t) {
  current = this;
  thread = &t;
  threadIdx = t.index;
  blockIdx = block_;
  blockDim = {launch_.shape.threads_x, launch_.shape.threads_y};
  gridDim = {launch_.shape.blocks_x, launch_.shape.blocks_y};
}

void Block::inspect() const {
  const auto whole = [](auto first, auto last) { return std::all_of(first, last, [](unsigned char b) { return b == kGuardByte; }); };
  if (!whole(shared_.begin(), shared_.begin() + kGuard) || !whole(shared_.begin() + shared_end(), shared_.end()))
    throw Violation(name() + " wrote outside of its " + std::to_string(launch_.shape.shared) + " bytes of dynamic shared memory");
}

const std::uint64_t* Block::exchange(Thread& t, std::uint64_t bits, unsigned mask, Site site) {
  if (mask != 0xffffffffu) throw violation(t, "shuffles with a mask that is not full");
  std::uint64_t* row = exchanged_.data() + (warp_of(t) * 2 + t.exchanges++ % 2) * kWarp;
  row[t.number % kWarp] = bits;
  wait(t, State::at_shuffle, site);
  return row;
}

std::string Block::name() const { return "kernel " + launch_.kernel + ", block " + pair(block_); }

Violation Block::violation(const Thread& t, const std::string& what) const {
  return Violation(name() + ", thread " + pair(t.index) + " " + what);
}

Violation Block::stuck() const {
  std::map<std::string, std::pair<int, const Thread*>> groups;
  for (const Thread& t : threads_) {
    auto& [members, first] = groups[whereabouts(t)];
    if (++members == 1) first = &t;
  }
  std::string what;
  for (const auto& [where, group] : groups)
    what += (what.empty() ? ": " : "; ") + std::to_string(group.first) + " " + where + " (thread " + pair(group.second->index) + ")";
  return Violation(name() + ", threads that do not meet" + what);
}

}  // namespace fgan::shim
