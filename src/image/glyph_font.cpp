// FreeType's outlines in font units, scaled here: hinting and the rounding of nominal sizes would move what is to be compared.
#include "image/glyph_font.h"

#include <freetype/freetype.h>
#include <freetype/ftbbox.h>
#include <freetype/ftoutln.h>
#include <freetype/tttables.h>
#include <ft2build.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>

#include "base/error.h"

namespace fgan {
namespace {

struct CloseFace {
  void operator()(FT_FaceRec* face) const { FT_Done_Face(face); }
};
using Face = std::unique_ptr<FT_FaceRec, CloseFace>;

// Null for what FreeType cannot read.
Face open_face(FT_Library library, const std::filesystem::path& file, FT_Long index) {
  FT_Face face = nullptr;
  const FT_Error error = FT_New_Face(library, file.c_str(), index, &face);
  if (error == FT_Err_Out_Of_Memory) throw std::bad_alloc();
  return Face(error == 0 ? face : nullptr);
}

// Fonts that say so themselves: dingbats and the like, whose letters are pictures.
bool is_symbols(FT_Face face) {
  constexpr int kPictorial = 5, kSymbolic = 12;  // PANOSE family kind; IBM font class
  const auto* os2 = static_cast<const TT_OS2*>(FT_Get_Sfnt_Table(face, FT_SFNT_OS2));
  const bool says_so = os2 != nullptr && (os2->panose[0] == kPictorial || os2->sFamilyClass >> 8 == kSymbolic);
  return says_so || FT_Select_Charmap(face, FT_ENCODING_UNICODE) != 0;
}

FaceFault load_outline(FT_Face face, char character, FT_BBox& box) {
  const FT_UInt glyph = FT_Get_Char_Index(face, static_cast<unsigned char>(character));
  if (glyph == 0) return FaceFault::incomplete;
  if (FT_Load_Glyph(face, glyph, FT_LOAD_NO_SCALE) != 0) return FaceFault::damaged;
  if (face->glyph->format != FT_GLYPH_FORMAT_OUTLINE) return FaceFault::not_scalable;
  if (FT_Outline_Get_BBox(&face->glyph->outline, &box) != 0) return FaceFault::damaged;
  return box.xMax > box.xMin && box.yMax > box.yMin ? FaceFault::none : FaceFault::incomplete;
}

// What all characters of a face have in common.
struct Frame {
  double scale;     // pixels per font unit
  double baseline;  // pixels from the lower edge, whole: feet are sharp
};

FaceFault measure(FT_Face face, std::string_view characters, int size, Frame& frame) {
  FT_Pos top = 0, bottom = 0, widest = 0;
  for (const char character : characters) {
    FT_BBox box{};
    if (const FaceFault fault = load_outline(face, character, box); fault != FaceFault::none) return fault;
    top = std::max(top, box.yMax);
    bottom = std::min(bottom, box.yMin);
    widest = std::max(widest, box.xMax - box.xMin);
  }
  const double room = size * (1 - 2.0 / 16), height = static_cast<double>(top - bottom);
  frame.scale = room / std::max(height, static_cast<double>(widest));
  frame.baseline = std::round((size - height * frame.scale) / 2 - static_cast<double>(bottom) * frame.scale);
  return FaceFault::none;
}

FaceFault draw(FT_Library library, FT_Face face, char character, const Frame& frame, int size, std::uint8_t* pixels) {
  FT_BBox box{};
  if (const FaceFault fault = load_outline(face, character, box); fault != FaceFault::none) return fault;
  FT_Outline& outline = face->glyph->outline;
  const double units = 64 * frame.scale;  // FreeType counts 64 to a pixel
  const FT_Matrix matrix{std::lround(units * 65536), 0, 0, std::lround(units * 65536)};
  FT_Outline_Transform(&outline, &matrix);
  FT_Outline_Translate(&outline, std::lround(32.0 * size - units * static_cast<double>(box.xMin + box.xMax) / 2),
                       std::lround(64 * frame.baseline));
  FT_Bitmap bitmap{};
  bitmap.rows = bitmap.width = static_cast<unsigned>(size);
  bitmap.pitch = size;
  bitmap.buffer = pixels;
  bitmap.num_grays = 256;
  bitmap.pixel_mode = FT_PIXEL_MODE_GRAY;
  return FT_Outline_Get_Bitmap(library, &outline, &bitmap) == 0 ? FaceFault::none : FaceFault::damaged;
}

FaceFault draw_all(FT_Library library, FT_Face face, std::string_view characters, int size, std::vector<std::uint8_t>& pixels) {
  if (!FT_IS_SCALABLE(face) || FT_IS_TRICKY(face)) return FaceFault::not_scalable;  // tricky: outlines made by hinting only
  if (is_symbols(face)) return FaceFault::symbols;
  Frame frame{};
  if (const FaceFault fault = measure(face, characters, size, frame); fault != FaceFault::none) return fault;
  const auto area = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  pixels.resize(characters.size() * area);
  for (std::size_t i = 0; i < characters.size(); ++i) {
    std::uint8_t* picture = pixels.data() + i * area;
    if (const FaceFault fault = draw(library, face, characters[i], frame, size, picture); fault != FaceFault::none) return fault;
  }
  return FaceFault::none;
}

}  // namespace

GlyphRenderer::GlyphRenderer(std::string_view characters, int size) : characters_(characters), size_(size) {
  FGAN_CHECK(size >= 8 && !characters.empty(), "{} characters of {} pixels", characters.size(), size);
  if (FT_Init_FreeType(&library_) != 0) throw std::bad_alloc();  // it can fail in no other way
}

GlyphRenderer::~GlyphRenderer() { FT_Done_FreeType(library_); }

std::vector<GlyphFace> GlyphRenderer::render(const std::filesystem::path& file) const {
  std::vector<GlyphFace> faces;
  const auto add = [&](FT_Long index) {
    GlyphFace& result = faces.emplace_back();
    const Face face = open_face(library_, file, index);
    result.fault = face ? draw_all(library_, face.get(), characters_, size_, result.pixels) : FaceFault::damaged;
    if (result.fault != FaceFault::none) result.pixels.clear();
    result.index = static_cast<int>(index);
    if (face && face->family_name != nullptr) result.family = face->family_name;
    if (face && face->style_name != nullptr) result.style = face->style_name;
    if (result.family.empty()) result.family = file.stem().string();
  };
  const Face any = open_face(library_, file, -1);
  if (!any || any->num_faces == 0) return {{.family = file.stem().string(), .style = "", .fault = FaceFault::damaged, .pixels = {}}};
  for (FT_Long i = 0; i < any->num_faces; ++i) {
    const Face face = open_face(library_, file, i);
    const FT_Long instances = face ? face->style_flags >> 16 : 0;
    if (instances == 0) add(i);
    for (FT_Long instance = 1; instance <= instances; ++instance) add(i | instance << 16);
  }
  return faces;
}

}  // namespace fgan
