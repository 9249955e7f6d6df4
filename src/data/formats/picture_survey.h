// What is known of a set of picture files before any is decoded: their headers, and from these what training will see.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/formats/picture_files.h"
#include "data/locate.h"
#include "data/options.h"
#include "image/decode.h"

namespace fgan {

using Faults = std::map<std::int64_t, std::string>;  // image -> why it cannot be used: a sentence that names the file

struct SizeCount {
  int width, height;
  std::int64_t images;
};

struct PictureSurvey {
  PictureFiles files;
  Faults faults;                 // unreadable headers
  std::vector<SizeCount> sizes;  // of the others, most frequent first
  FitTarget target;
  std::string description;
  std::string digest;  // Dataset::digest
};

// Throws Error(data) when no header is good.
PictureSurvey survey_pictures(const LocatedData& data, const DataOptions& options);

}  // namespace fgan
