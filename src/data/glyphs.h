// Makes a data set of the letters and digits of fonts: a folder in the format of MNIST, which every loader of it reads.
//   glyphs-images-idx3-ubyte   grey, light on black, the classes of one face after those of another
//   glyphs-labels-idx1-ubyte   the class of each image: its line in classes.txt, counted from 0
//   classes.txt                A-Z, a-z, 0-9
//   fonts.txt                  a line for each face: family, style and file, apart by tabs
// The same font files give the same bytes (with the same FreeType): faces are sorted by family, style and file.
#pragma once

#include <cstdint>

#include "data/glyph_faces.h"
#include "data/options.h"

namespace fgan {

struct GlyphSummary {
  int faces = 0;            // used
  std::int64_t images = 0;  // of each face kGlyphClasses.size()
  std::int64_t bytes = 0;   // of the files written
  FaceCounts left_out;
};

// Throws Error(data) when there is no usable face, Error(output) when the folder cannot be written.
GlyphSummary make_glyphs(const GlyphOptions& options);

}  // namespace fgan
