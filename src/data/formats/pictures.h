// Data sets of picture files.  An image that cannot be decoded is replaced by the next good one in the order of names, after the last by
// the first.  So there are as many images as files, whether or not each has been decoded, and sets that are held decoded in memory and
// sets that are decoded as needed give the same samples.
#pragma once

#include <memory>

#include "data/dataset.h"
#include "data/formats/picture_survey.h"

namespace fgan {

// Throws Error(data) when no image is good, or when one is not and data.bad_images = fail.
std::unique_ptr<Dataset> open_pictures(PictureSurvey survey, const DataOptions& options);

// Image `index` as training sees it.  Throws Error(data).
Picture decode_picture(const PictureSurvey& survey, std::int64_t index);

}  // namespace fgan
