// Files: whole reads, crash-safe whole writes, folders.  All output of the program that must not be torn goes through write_file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fgan {

// The whole file.  Throws Error(data) when it is missing, unreadable, or larger than `limit` bytes.
std::vector<std::byte> read_file(const std::filesystem::path& path, std::uintmax_t limit);

// A file open for reading pieces of it.  Everything that goes wrong is Error(data) with the path and the reason.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);  // a regular file
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  std::uintmax_t size() const { return size_; }                      // when it was opened
  void read(std::uintmax_t offset, std::span<std::byte> out) const;  // all of `out`, or Error(data)
  // Says that these bytes will be read soon: the system fetches them from the disk meanwhile.
  void prefetch(std::uintmax_t offset, std::uintmax_t bytes) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uintmax_t size_ = 0;
};

// A file written piece by piece that appears whole or not at all: a hidden temporary beside `path`, which commit() flushes to the disk and
// renames, flushing the folder too.  Without commit() the temporary is removed and `path` is as it was.  What is no file (a terminal, a
// pipe, /dev/null) is written to at once, not replaced.  Throws Error(output).  One thread at a time writes a given path.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(std::span<const std::byte> bytes);                            // behind what was written so far
  void write_at(std::uintmax_t offset, std::span<const std::byte> bytes);  // over it
  void commit();

 private:
  std::filesystem::path path_, temporary_;  // no temporary: nothing to be renamed or removed
  int descriptor_ = -1;
};

// Throws Error(output) when the disk has no room for a file of so many bytes and a tenth more.  Where it does not say how much is free, the
// write will tell.
void check_room(const std::filesystem::path& path, std::uintmax_t bytes);

// The whole of an OutputFile at once; begun only where there is room for it.
void write_file(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts);
void write_file(const std::filesystem::path& path, std::string_view text);

// Appends lines to a log-like file, each by one write call with the newline.  A torn last line, which a crash left, is ended when the file
// is opened.  Throws Error(output).
class LineFile {
 public:
  explicit LineFile(const std::filesystem::path& path);  // created when missing, opened for appending
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  void append(std::string_view line);
  void flush();  // to the disk, at the first time its name too

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  bool name_flushed_ = false;
};

// Everything in the folder, by name; nothing when there is no such folder.  Throws Error(data) when it cannot be listed.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

// Whether the name is that of an OutputFile's temporary.
bool is_temporary(const std::filesystem::path& path);
// Removes the temporaries that killed processes left in the folder; one that is being written stays.
void remove_temporaries(const std::filesystem::path& folder);

// Creates the folder and its parents, on the disk when it returns; throws Error(output) when that is not allowed.
void make_folder(const std::filesystem::path& path);

}  // namespace fgan
