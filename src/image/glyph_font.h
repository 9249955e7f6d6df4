// Characters of font files as pictures: light on black, anti-aliased and unhinted, so that equal outlines give equal bytes whatever the
// machine's font settings.  Within a face all characters share one scale and one baseline: the tallest and the widest just fit between
// margins of a sixteenth of the side; each is centred by its own width.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

struct FT_LibraryRec_;

namespace fgan {

// Why a face gives no pictures.
enum class FaceFault : int { none, damaged, not_scalable, symbols, incomplete };
template <>
struct EnumNames<FaceFault> {
  static constexpr std::array<std::string_view, 5> names{"usable", "damaged or no font", "without outlines", "of symbols",
                                                         "without all characters"};
};

struct GlyphFace {
  std::string family, style;
  int index = 0;  // of the face in its file, and of the instance above bit 16
  FaceFault fault = FaceFault::none;
  std::vector<std::uint8_t> pixels;  // characters x size x size, rows from the top; empty with a fault
};

class GlyphRenderer {
 public:
  GlyphRenderer(std::string_view characters, int size);  // ASCII characters, which every face must have
  ~GlyphRenderer();
  GlyphRenderer(const GlyphRenderer&) = delete;
  GlyphRenderer& operator=(const GlyphRenderer&) = delete;

  // Every face of a TrueType, OpenType or Type 1 file, and every named instance of a variable one; what is no font is one damaged face.
  std::vector<GlyphFace> render(const std::filesystem::path& file) const;

 private:
  FT_LibraryRec_* library_ = nullptr;
  std::string characters_;
  int size_;
};

}  // namespace fgan
