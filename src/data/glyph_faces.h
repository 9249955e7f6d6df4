// The faces of fonts whose letters and digits make a good data set: readable at the size, told apart, no two alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "data/options.h"
#include "image/glyph_font.h"

namespace fgan {

inline constexpr std::string_view kGlyphClasses = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

using FaceCounts = std::map<std::string_view, int>;  // why faces were left out, and how many

struct FontFace {
  GlyphFace glyphs;
  std::filesystem::path file;

  std::span<const std::uint8_t> picture(std::size_t label) const {
    const std::size_t area = glyphs.pixels.size() / kGlyphClasses.size();
    return std::span(glyphs.pixels).subspan(label * area, area);
  }
};

// Sorted by family, style and file.  Throws Error(data) when there is none.
std::vector<FontFace> choose_faces(const GlyphOptions& options, FaceCounts& left_out);

}  // namespace fgan
