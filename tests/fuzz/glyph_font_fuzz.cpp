// Font files, which FreeType reads for us.
#include "../unit/scratch.h"
#include "image/glyph_font.h"
#include "target.h"

using namespace fgan;
using namespace fgan::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::Scratch scratch;
  static const GlyphRenderer renderer("Ag", 8);
  const auto faces = renderer.render(scratch.file("font", text_of(data, size)));
  require(!faces.empty(), "a file has a face or is a damaged one");
  for (const GlyphFace& face : faces)
    require(face.pixels.size() == (face.fault == FaceFault::none ? 2 * 8 * 8 : 0), "a usable face has a picture of each character");
  return 0;
}
