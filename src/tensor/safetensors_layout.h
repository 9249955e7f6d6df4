// Where things lie in a safetensors file: for those that are held whole, and for those that are read in parts or written piece by piece.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "tensor/safetensors.h"
#include "tensor/safetensors_header.h"

namespace fgan {

struct StoredHeader {
  std::map<std::string, std::string> metadata;  // the checksums too
  std::vector<HeaderEntry> entries;             // in the order of their data
  std::uint64_t data_begin = 0;                 // in the file

  const HeaderEntry* find(std::string_view name) const;  // null when absent
};

// Errors of the following are Error(data) with a sentence that begins in lower case and does not name the file.

// With `required`, no changed byte of it goes unnoticed.  The entries cover the rest of the file without holes and overlaps.
StoredHeader read_header(const InputFile& file, Checksums checksums);

// The data of one tensor, held to its checksum with `required`.
std::vector<std::byte> read_tensor(const InputFile& file, const StoredHeader& header, const HeaderEntry& entry, Checksums checksums);

// Without the checksums.
std::map<std::string, std::string> without_checksums(std::map<std::string, std::string> metadata);

struct TensorEntry {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> dims;
  std::string checksum;  // Digest::text of the data

  std::uint64_t bytes() const;
};

// Length and header of a file that has the data of `tensors` behind it, in this order: `least` bytes or more, a multiple of 8.
std::string header_bytes(std::span<const TensorEntry> tensors, const std::map<std::string, std::string>& metadata, std::size_t least = 0);

}  // namespace fgan
