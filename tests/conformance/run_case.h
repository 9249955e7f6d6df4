// Runs cases on a device: operands in guarded device memory, filled from seeds, read back.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "conformance/op_cases.h"

namespace fgan::conformance {

using Bytes = std::vector<std::byte>;

// Device memory for one operand between two guards of 64 bytes.
class Guarded {
 public:
  Guarded(Device& device, const Tensor& like);
  Tensor tensor() const;
  void set(const void* host);
  Bytes get() const;
  bool guards_intact() const;

 private:
  Device& device_;
  std::unique_ptr<Buffer> buffer_;
  Tensor like_;
};

// The values an operand starts from, a function of its place and fill only.
Bytes initial_bytes(const Operand& operand, std::size_t place);
std::span<const float> as_floats(const Bytes& bytes);
std::vector<float> to_floats(const Bytes& bytes, DType dtype);  // of f32 or bf16

// What one run left behind: the bytes of each operand, and what it should not have touched ("" when nothing).
struct Outcome {
  std::vector<Bytes> operands;
  std::string trespass;
};
Outcome run(Device& device, const OpCase& c);

// Whether the device computes in the case's type.
bool runs_on(const Device& device, const OpCase& c);

// The case on the oracle: in f32, on the numbers that its operands hold in their own types.
Outcome expected_of(Device& oracle, const OpCase& c);

// How far a number may be from the oracle's.  kSlack * eps * sqrt(length) * terms: `length` roundings, each of a number of size `terms`,
// add up like a random walk.  In bf16 one rounding more, of what is written, by at most half a unit in the last of 8 places, and one of
// what the device may round inside.
double tolerance(const Operand& operand, DType of_case, double expected);

// "" or where and by how much two outcomes of a case differ beyond tolerance.
std::string difference(const OpCase& c, const Outcome& expected, const Outcome& actual);
std::string difference_in_bytes(const OpCase& c, const Outcome& expected, const Outcome& actual);

// "" or what is wrong with the device: numbers unlike the oracle's, bytes that change when the case is run again, writing where it must
// not.  The device must run the case.
std::string check(Device& oracle, Device& device, const OpCase& c);

std::unique_ptr<Device> naive_device(ComputeType dtype = ComputeType::f32);
// Null in a build without oneDNN, where the table runs on the oracle alone, and in bf16 where the processor does not multiply it.
std::unique_ptr<Device> cpu_device(int threads, ComputeType dtype = ComputeType::f32, ConvRoute route = ConvRoute::automatic);

}  // namespace fgan::conformance
