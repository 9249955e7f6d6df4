#include "shim/shim.h"

#include <cstdlib>
#include <mutex>
#include <utility>

#include "shim/block.h"

namespace fgan::shim {
namespace {

constexpr unsigned kMostThreads = 1024, kMostBlocksY = 65535;
constexpr std::size_t kMostShared = 48 << 10;  // more takes a call that launch() does not make

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

Execution from_environment() {
  Execution result;
  const std::string engine = environment("FGAN_SHIM"), seed = environment("FGAN_SHIM_SEED");
  if (!engine.empty() && engine != "fibres" && engine != "threads")
    throw std::invalid_argument("FGAN_SHIM=" + engine + ": fibres or threads?");
  if (engine == "threads") result.engine = Engine::threads;
  if (!seed.empty()) result.seed = std::stoull(seed);
  return result;
}

Execution& chosen() {
  static Execution execution = from_environment();
  return execution;
}

Sink& sink() {
  static Sink sink;
  return sink;
}

const char* refusal(const Shape& s) {
  if (s.blocks_x == 0 || s.blocks_y == 0) return "has a grid without blocks";
  if (s.blocks_y > kMostBlocksY) return "has more than 65535 blocks in y";
  if (s.threads_x == 0 || s.threads_y == 0) return "has blocks without threads";
  if (std::size_t{s.threads_x} * s.threads_y > kMostThreads) return "has blocks of more than 1024 threads";
  if (s.shared > kMostShared) return "wants more than 48 KiB of shared memory";
  return nullptr;
}

// For tests/shim/mutants.py: the barrier that is not there, as a file's name and line.
bool is_left_out(const Site& site) {
  static const std::string left_out = environment("FGAN_SHIM_WITHOUT");
  if (left_out.empty()) return false;
  const std::string place = "/" + std::string(site.file) + ":" + std::to_string(site.line), name = "/" + left_out;
  return place.size() >= name.size() && place.compare(place.size() - name.size(), name.size(), name) == 0;
}

std::vector<Index> shuffled_blocks(const Shape& shape, Random& random) {
  std::vector<Index> order;
  for (unsigned y = 0; y < shape.blocks_y; ++y)
    for (unsigned x = 0; x < shape.blocks_x; ++x) order.push_back({x, y});
  for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[random.next() % left]);
  return order;
}

}  // namespace

Execution execution() { return chosen(); }
void set_execution(Execution e) { chosen() = e; }

Sink set_sink(Sink replacement) { return std::exchange(sink(), std::move(replacement)); }

void launch(const char* kernel, const Shape& shape, CUstream_st* stream, std::function<void()> thread) {
  if (const char* reason = refusal(shape)) throw Violation("kernel " + std::string(kernel) + " " + reason);
  Launch launch{kernel, shape, std::move(thread)};
  if (sink()) sink()(stream, std::move(launch));
  else run(launch);
}

void run(const Launch& launch) {
  static std::mutex one_at_a_time;  // for the sake of static __shared__ arrays
  const std::lock_guard lock(one_at_a_time);
  Random random{execution().seed};
  const auto block = execution().engine == Engine::fibres ? fibre_block(launch) : thread_block(launch);
  block->run(shuffled_blocks(launch.shape, random), random);
}

void* dynamic_shared() { return Block::current->shared(); }

void wait_for_block(Site site) {
  if (!is_left_out(site)) Block::current->wait(*Block::thread, State::at_barrier, site);
}

const std::uint64_t* exchange(std::uint64_t bits, unsigned mask, Site site) {
  return Block::current->exchange(*Block::thread, bits, mask, site);
}

unsigned lane() { return Block::thread->number % kWarp; }

}  // namespace fgan::shim
