// metrics.jsonl: one JSON object a logged step, its names in the order given, "step" first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"

namespace fgan {

// Whole numbers without a point, others in the shortest form that reads back equal; what is not finite is null and counted in a last
// field "non_finite", for JSON has no such numbers.
std::string metrics_line(std::span<const std::pair<std::string, double>> metrics);

// What remains of a file when training goes on after `step`: lines of later steps, and lines torn by a crash, are left out.
std::string metrics_up_to(std::string_view text, std::int64_t step);

// The finite values of one metric by step.  Throws Error(data) when the file cannot be read.
std::map<std::int64_t, double> read_metric(const std::filesystem::path& path, std::string_view name);

class MetricsFile {
 public:
  // Keeps what metrics_up_to keeps of a file that is there already.  Throws Error(output), as write does.
  MetricsFile(const std::filesystem::path& path, std::int64_t step);
  void write(std::span<const std::pair<std::string, double>> metrics);
  void flush() { file_->flush(); }  // to the disk

 private:
  std::unique_ptr<LineFile> file_;
};

}  // namespace fgan
