#include "tensor/npy.h"

#include "base/format.h"

namespace fgan {
namespace {

const char* descriptor(DType type) {
  switch (type) {
    case DType::f32: return "<f4";
    case DType::bf16: return "<V2";  // numpy has no such number
    case DType::u8: return "|u1";
    case DType::i64: return "<i8";
  }
  return "";
}

}  // namespace

std::string npy_header(DType type, std::span<const std::int64_t> dims) {
  std::string shape;
  for (const std::int64_t dim : dims) shape += format("{}, ", dim);
  std::string dictionary = format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descriptor(type), shape);
  constexpr std::size_t kBefore = 10;  // magic, version, length
  dictionary.append(63 - (kBefore + dictionary.size()) % 64, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

}  // namespace fgan
