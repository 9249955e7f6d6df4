// The limits below were read off 800 faces of 86 packages at 32 pixels.
#include "data/glyph_faces.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "data/font_files.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

// Placeholders for every character, and fonts without small letters: their labels would be wrong.
bool confuses_classes(const FontFace& face) {
  const auto same = [&](char a, char b) {
    return std::ranges::equal(face.picture(kGlyphClasses.find(a)), face.picture(kGlyphClasses.find(b)));
  };
  return same('A', 'B') || same('a', 'A') || same('0', '1');
}

// Keys, signs and light letters on dark: something is bright in all pictures.  In other faces nothing exceeds 16 of 255.
bool has_frame(const FontFace& face) {
  std::vector<std::uint8_t> darkest(face.picture(0).begin(), face.picture(0).end());
  for (std::size_t label = 1; label < kGlyphClasses.size(); ++label) {
    const auto picture = face.picture(label);
    for (std::size_t i = 0; i < darkest.size(); ++i) darkest[i] = std::min(darkest[i], picture[i]);
  }
  return *std::max_element(darkest.begin(), darkest.end()) >= 128;
}

// Strokes of half a pixel: what they touch is grey.  Light weights have 0.5 and more, hairlines and outlined letters 0.35 to 0.4.
bool is_faint(const FontFace& face) {
  std::int64_t sum = 0, touched = 0;
  for (const std::uint8_t pixel : face.glyphs.pixels) {
    sum += pixel;
    touched += pixel != 0;
  }
  return static_cast<double>(sum) < 0.45 * 255 * static_cast<double>(touched);
}

std::string_view objection(const FontFace& face) {
  if (face.glyphs.fault != FaceFault::none) return to_string(face.glyphs.fault);
  if (confuses_classes(face)) return "with one picture for several characters";
  if (has_frame(face)) return "with a frame around every letter";
  if (is_faint(face)) return "too thin for the size";
  return "";
}

// Formats and versions of one font differ by less than one grey level of 255 on average, weights of a family mostly by 3 to 8; what is
// within 2 no eye tells apart.  Names would not do: there are families whose regular, bold and italic faces have the same.
bool looks_like(const FontFace& a, const FontFace& b) {
  const auto limit = static_cast<std::int64_t>(2 * a.glyphs.pixels.size());
  std::int64_t difference = 0;
  for (std::size_t label = 0; label < kGlyphClasses.size() && difference <= limit; ++label) {
    const auto x = a.picture(label), y = b.picture(label);
    std::int32_t sum = 0;  // at most 256 * 256 * 255
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::abs(x[i] - y[i]);
    difference += sum;
  }
  return difference <= limit;
}

std::vector<FontFace> readable_faces(const std::vector<fs::path>& files, int size, FaceCounts& left_out) {
  const GlyphRenderer renderer(kGlyphClasses, size);
  std::vector<FontFace> faces;
  for (const fs::path& file : files) {
    for (GlyphFace& glyphs : renderer.render(file)) {
      FontFace face{std::move(glyphs), file};
      if (const std::string_view reason = objection(face); reason.empty()) {
        faces.push_back(std::move(face));
      } else {
        ++left_out[reason];
      }
    }
  }
  const auto order = [](const FontFace& face) {
    return std::tuple(std::string_view(face.glyphs.family), std::string_view(face.glyphs.style), face.file.filename(), face.file,
                      face.glyphs.index);
  };
  std::sort(faces.begin(), faces.end(), [&](const FontFace& a, const FontFace& b) { return order(a) < order(b); });
  return faces;
}

std::vector<FontFace> without_duplicates(std::vector<FontFace> faces, FaceCounts& left_out) {
  std::vector<FontFace> kept;
  for (FontFace& face : faces) {
    if (std::any_of(kept.begin(), kept.end(), [&](const FontFace& other) { return looks_like(face, other); })) {
      ++left_out["the same as another"];
    } else {
      kept.push_back(std::move(face));
    }
  }
  return kept;
}

// Evenly from the sorted list: many families rather than all of the first ones.
std::vector<FontFace> thin_out(std::vector<FontFace> faces, std::size_t most, FaceCounts& left_out) {
  if (most == 0 || faces.size() <= most) return faces;
  left_out["more than asked for"] += static_cast<int>(faces.size() - most);
  std::vector<FontFace> chosen;
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(std::move(faces[i * faces.size() / most]));
  return chosen;
}

[[noreturn]] void fail_without_faces(const std::vector<fs::path>& folders, const FaceCounts& left_out) {
  std::string where, why;
  for (const fs::path& folder : folders) where += format("{}'{}'", where.empty() ? "" : ", ", folder.string());
  for (const auto& [reason, count] : left_out) why += format("{}{} {}", why.empty() ? " (left out: " : ", ", count, reason);
  fail(Exit::data,
       "no font with readable letters A-Z and a-z and digits in {}{}; install some (packages fonts-dejavu-core, fonts-liberation, "
       "fonts-open-sans, ...) or name a folder that holds TrueType, OpenType or Type 1 files",
       where.empty() ? "the system's folders of fonts" : where, why.empty() ? "" : why + ")");
}

}  // namespace

std::vector<FontFace> choose_faces(const GlyphOptions& options, FaceCounts& left_out) {
  const std::vector<fs::path> folders = options.fonts.empty() ? font_folders() : std::vector{options.fonts};
  std::vector<FontFace> faces = without_duplicates(readable_faces(find_font_files(folders), options.size, left_out), left_out);
  if (faces.empty()) fail_without_faces(folders, left_out);
  return thin_out(std::move(faces), static_cast<std::size_t>(options.faces), left_out);
}

}  // namespace fgan
