#include "data/glyphs.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "data/formats/idx_write.h"

namespace fgan {
namespace {

namespace fs = std::filesystem;

std::int64_t write_text(const fs::path& path, const std::string& text) {
  write_file(path, text);
  return static_cast<std::int64_t>(text.size());
}

// Names come from the fonts: whatever they hold, a face is one line of three columns.
std::string column(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

std::string table_of(const std::vector<FontFace>& faces) {
  std::string table;
  for (const auto& [glyphs, file] : faces) {
    table += format("{}\t{}\t{}\n", column(glyphs.family), column(glyphs.style), column(file.filename().string()));
  }
  return table;
}

constexpr std::array<std::string_view, 4> kFiles{"classes.txt", "fonts.txt", "glyphs-images-idx3-ubyte", "glyphs-labels-idx1-ubyte"};

// What lies in a folder of somebody else's data would be taken for a part of this.
void refuse_foreign(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    const std::string name = i->path().filename().string();
    if (std::find(kFiles.begin(), kFiles.end(), name) == kFiles.end() && !name.starts_with('.'))
      fail(Exit::usage, "'{}' holds something else ('{}'); name a new folder for the glyphs, or an empty one", folder.string(), name);
  }
}

// The images come last, and older ones go first: a folder with images is complete.
std::int64_t write_all(const fs::path& folder, const std::vector<FontFace>& faces, int size) {
  refuse_foreign(folder);
  make_folder(folder);
  const fs::path images = folder / "glyphs-images-idx3-ubyte";
  std::error_code error;
  if (fs::remove(images, error); error) fail(Exit::output, "cannot replace '{}': {}", images.string(), error.message());
  std::string classes;
  for (const char character : kGlyphClasses) classes += {character, '\n'};
  std::vector<std::uint8_t> labels;
  std::vector<std::span<const std::uint8_t>> pixels;
  for (const FontFace& face : faces) {
    for (std::size_t label = 0; label < kGlyphClasses.size(); ++label) labels.push_back(static_cast<std::uint8_t>(label));
    pixels.emplace_back(face.glyphs.pixels);
  }
  const auto count = static_cast<std::uint32_t>(labels.size()), side = static_cast<std::uint32_t>(size);
  std::int64_t bytes = write_text(folder / "classes.txt", classes);
  bytes += write_text(folder / "fonts.txt", table_of(faces));
  bytes += write_idx(folder / "glyphs-labels-idx1-ubyte", std::array{count}, std::array{std::span<const std::uint8_t>(labels)});
  return bytes + write_idx(images, std::array{count, side, side}, pixels);
}

}  // namespace

GlyphSummary make_glyphs(const GlyphOptions& options) {
  FGAN_CHECK(options.size >= 8 && options.size <= 256 && options.faces >= 0, "size {}, faces {}", options.size, options.faces);
  GlyphSummary summary;
  const std::vector<FontFace> faces = choose_faces(options, summary.left_out);
  summary.faces = static_cast<int>(faces.size());
  summary.images = static_cast<std::int64_t>(faces.size() * kGlyphClasses.size());
  summary.bytes = write_all(options.output, faces, options.size);
  return summary;
}

}  // namespace fgan
