// safetensors files: u64 header length, JSON header, data.  Readable by Python as they are; the one parser for checkpoints and dumps.
// Those we write carry checksums (base/digest.h) in their metadata: "checksum" of length and header, "checksum.NAME" of each tensor's data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace fgan {

// A tensor on the host, dimensions outermost first, row-major, little endian.
struct StoredTensor {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> dims;
  std::vector<std::byte> bytes;
};

struct SafeTensors {
  std::map<std::string, std::string> metadata;
  std::vector<StoredTensor> tensors;

  const StoredTensor* find(std::string_view name) const;  // null when absent
};

enum class Checksums { required, ignored };  // ignored: for files that others wrote

// The contents, without the checksums.  With `required`, no changed byte goes unnoticed (but for one chance in 2^64).
// Throws Error(data) naming the file and what is wrong with it; nothing is allocated before the header has been checked against the
// file's size (header <= 16 MiB, <= 100,000 tensors, rank <= 8, no holes, no overlap, no duplicate, only F32, U8 and I64).
SafeTensors read_safetensors(const std::filesystem::path& path, Checksums checksums);

// Crash-safe (base/file.h).  Equal contents give equal bytes: tensors sorted by alignment, then name.  Throws Error(output).
void write_safetensors(const std::filesystem::path& path, const SafeTensors& contents);

}  // namespace fgan
