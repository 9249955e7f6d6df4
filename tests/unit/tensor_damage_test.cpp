// Damaged checkpoints.  In the short form every byte and every length of a small file; with FGAN_LONG=1 100,000 damages of a larger one.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "scratch.h"
#include "tensor/safetensors.h"

using namespace fgan;
using namespace fgan::test;

namespace {

SafeTensors contents(std::int64_t numbers) {
  SafeTensors file{{{"format", "a test"}, {"step", "12"}}, {}};
  std::mt19937 random(5);
  for (const char* name : {"generator.main.0.weight", "critic.main.0.weight"}) {
    StoredTensor tensor{name, DType::f32, {numbers, 2}, std::vector<std::byte>(static_cast<std::size_t>(numbers * 8))};
    for (std::byte& byte : tensor.bytes) byte = static_cast<std::byte>(random());
    file.tensors.push_back(std::move(tensor));
  }
  file.tensors.push_back({"state.draws", DType::i64, {1}, std::vector<std::byte>(8, std::byte{3})});
  return file;
}

// A file on the disk that is damaged and mended in place.
class Victim {
 public:
  explicit Victim(std::int64_t numbers) {
    write_safetensors(path_, contents(numbers));
    whole_ = text_of(path_);
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  }
  ~Victim() { ::close(descriptor_); }
  const std::filesystem::path& path() const { return path_; }
  const std::string& whole() const { return whole_; }
  void put(std::size_t at, std::string_view bytes) {
    REQUIRE(::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(bytes.size()));
  }
  void resize(std::size_t size) { REQUIRE(::ftruncate(descriptor_, static_cast<off_t>(size)) == 0); }
  void mend_from(std::size_t at) {
    resize(whole_.size());
    put(at, std::string_view(whole_).substr(at));
  }
  Outcome read() const {
    return outcome([&] { read_safetensors(path_, Checksums::required); });
  }

 private:
  Scratch scratch_;
  std::filesystem::path path_ = scratch_ / "victim";
  std::string whole_;
  int descriptor_ = -1;
};

bool noticed(const Outcome& result) { return result.exit == Exit::data && contains(result.message, "victim"); }

// One random damage: what failing disks, torn writes and careless copies do.  Returns the first byte it may have changed.
std::size_t damage(Victim& victim, std::mt19937_64& random) {
  const std::string& whole = victim.whole();
  const std::size_t size = whole.size(), at = random() % size;
  const std::size_t count = std::min<std::size_t>(1 + random() % 4096, size - at);
  switch (random() % 7) {
    case 0: victim.put(at, std::string(1, static_cast<char>(whole[at] ^ (1 << random() % 8)))); break;
    case 1: victim.resize(at); break;
    case 2: victim.put(at, std::string(count, '\0')); break;
    case 3: victim.put(at, std::string(count, '\xff')); break;
    case 4: victim.put(at, std::string_view(whole).substr(random() % (size - count + 1), count)); break;  // a block of another place
    case 5: victim.put(size, std::string(count, static_cast<char>(random()))); break;                     // longer
    case 6: victim.put(at, std::string_view(whole).substr(at + (size - at > 1 ? 1 : 0))); break;          // a byte lost
  }
  return at;
}

}  // namespace

TEST_SUITE("fast") {
  TEST_CASE("every changed byte of a checkpoint is noticed, whichever of its bits") {
    Victim victim(4);
    REQUIRE(victim.read().exit == Exit::done);
    for (std::size_t at = 0; at < victim.whole().size(); ++at) {
      for (const int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
        CAPTURE(at);
        CAPTURE(change);
        victim.put(at, std::string(1, static_cast<char>(victim.whole()[at] ^ change)));
        REQUIRE(noticed(victim.read()));
      }
      victim.put(at, std::string_view(victim.whole()).substr(at, 1));
    }
    CHECK(victim.read().exit == Exit::done);
  }
  TEST_CASE("every truncation of a checkpoint is noticed") {
    Victim victim(4);
    for (std::size_t length = victim.whole().size(); length-- > 0;) {
      CAPTURE(length);
      victim.resize(length);
      REQUIRE(noticed(victim.read()));
    }
  }
  TEST_CASE("random damage of a larger checkpoint is noticed") {
    const char* all = std::getenv("FGAN_LONG");
    const int rounds = all != nullptr && std::string_view(all) == "1" ? 100'000 : 500;
    Victim victim(65'000);
    std::mt19937_64 random(17);
    int unchanged = 0;
    for (int round = 0; round < rounds; ++round) {
      const std::size_t first = damage(victim, random);
      CAPTURE(round);
      const Outcome result = victim.read();
      if (result.exit == Exit::done) {  // zeros over zeros, a block over itself
        REQUIRE(text_of(victim.path()) == victim.whole());
        ++unchanged;
      } else {
        REQUIRE(noticed(result));
      }
      victim.mend_from(first);
    }
    CHECK(unchanged < rounds / 100);
    CHECK(victim.read().exit == Exit::done);
  }
}
