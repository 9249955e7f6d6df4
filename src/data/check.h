// What is in a data set, for people who want to know before they train on it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "data/formats/picture_survey.h"

namespace fgan {

struct NamedCount {
  std::string name;
  std::int64_t images;
};

struct BadImage {
  std::string path;
  std::string reason;  // a sentence that names the file
};

struct DataReport {
  std::string description;  // as the log of a training gives it
  std::int64_t images = 0;  // that training counts; bad ones are among them
  Shape sample;             // what training sees of each
  DType dtype = DType::u8;
  std::vector<NamedCount> kinds;      // of files or records: "PNG", "JPEG", "other content", "IDX", "CIFAR-10", "gaussian-mixture"
  std::vector<NamedCount> classes;    // in the order of labels
  std::int64_t unlabelled = 0;        // images of no class where there are classes
  std::vector<SizeCount> sizes;       // that the files have, most frequent first
  std::vector<std::string> left_out;  // paths of test sets beside the data
  std::int64_t other_files = 0;       // beside pictures, ignored
  std::int64_t decoded_bytes = 0;     // of the whole set as training sees it
  std::vector<BadImage> bad;          // in order
  // Of check_data: for each channel over the pixels (0 .. 255) of good images as training sees them.
  std::vector<double> mean, deviation;
};

// Opens the data as training would, but decodes no pictures: bad images are those with unreadable headers.  Throws what open_dataset
// throws.
DataReport inspect_data(const DataOptions& options, std::uint64_t seed);

// Decodes everything.  Bad images are listed, whatever data.bad_images says; damage to a file that holds all images is an Error.
DataReport check_data(const DataOptions& options, std::uint64_t seed);

}  // namespace fgan
