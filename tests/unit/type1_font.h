// A Type 1 font made of rectangles: the smallest outlines that FreeType reads, so that no test depends on installed fonts.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace fgan::test {

struct Box {
  int left, bottom, right, top;  // 1000 units to the em, the baseline at 0
};
using Drawing = std::function<std::vector<Box>(char character)>;

// Charstring numbers (five bytes each) and then an operator.
inline std::string charstring(std::initializer_list<int> numbers, std::initializer_list<int> operation) {
  std::string bytes;
  for (const int number : numbers) {
    bytes += '\xFF';
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(static_cast<std::uint32_t>(number) >> shift);
  }
  for (const int byte : operation) bytes += static_cast<char>(byte);
  return bytes;
}

inline std::string outline(const std::vector<Box>& boxes) {
  constexpr int kClose = 9, kLine = 5, kStart = 13, kEnd = 14, kMove = 21;
  std::string bytes = charstring({0, 1000}, {kStart});
  int x = 0, y = 0;
  for (const auto& [left, bottom, right, top] : boxes) {
    bytes += charstring({left - x, bottom - y}, {kMove}) + charstring({0, top - bottom}, {kLine}) + charstring({right - left, 0}, {kLine}) +
             charstring({0, bottom - top}, {kLine}) + charstring({}, {kClose});
    x = right;
    y = bottom;
  }
  return bytes + charstring({}, {kEnd});
}

inline std::string glyph_name(char character) {
  constexpr std::string_view kDigits[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};
  return character >= '0' && character <= '9' ? std::string(kDigits[character - '0']) : std::string(1, character);
}

// The cipher that the format wants for everything but the names.
inline std::string eexec(std::string_view plain) {
  std::uint16_t key = 55665;
  std::string bytes;
  for (const char c : "\0\0\0\0" + std::string(plain)) {
    const auto byte = static_cast<std::uint8_t>(static_cast<std::uint8_t>(c) ^ key >> 8);
    key = static_cast<std::uint16_t>((byte + key) * 52845 + 22719);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

inline std::string type1_font(const std::string& family, const std::string& style, std::string_view characters, const Drawing& draw) {
  std::string secret = "dup /Private 4 dict dup begin\n/RD {string currentfile exch readstring pop} def\n/ND {def} def\n/lenIV -1 def\n";
  secret += "2 index /CharStrings " + std::to_string(characters.size() + 1) + " dict dup begin\n";
  const auto add = [&](const std::string& name, const std::string& bytes) {
    secret += "/" + name + " " + std::to_string(bytes.size()) + " RD " + bytes + " ND\n";
  };
  add(".notdef", outline({}));
  for (const char character : characters) add(glyph_name(character), outline(draw(character)));
  secret += "end end readonly put put dup /FontName get exch definefont pop mark currentfile closefile\n";
  return "%!PS-AdobeFont-1.0: Test 1\n/FontInfo 2 dict dup begin /FamilyName (" + family + ") def /FullName (" + family + " " + style +
         ") def end def\n/FontName /Test def\n/PaintType 0 def\n/FontType 1 def\n/FontMatrix [0.001 0 0 0.001 0 0] def\n"
         "/Encoding StandardEncoding def\n/FontBBox {0 -300 1000 1000} def\ncurrentfile eexec\n" +
         eexec(secret);
}

}  // namespace fgan::test
