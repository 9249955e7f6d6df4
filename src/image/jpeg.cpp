// libjpeg reports errors by calling back, and the callback must not return: ours jumps out by longjmp.  So that no destructor is jumped
// over, libjpeg is called only by steps that own nothing (JpegReader::run); libjpeg-turbo's own memory goes with JpegReader.
//
// Its warnings are mostly news of damaged pixels (it fills in grey and goes on) and are errors here.
#include "image/jpeg.h"

// jpeglib.h needs FILE and size_t but does not include them
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "image/exif.h"

namespace fgan {
namespace {

constexpr int kExif = JPEG_APP0 + 1;
constexpr std::string_view kExifName("Exif\0\0", 6);
// Every scan of a progressive picture passes over all its pixels: a small file of many empty scans would take minutes.  Encoders write
// ten scans, eighteen for CMYK; the largest pictures may have 32.  Passing over 2^31 pixels takes a few seconds.
constexpr std::int64_t kMaxScans = 500, kMaxScannedPixels = std::int64_t{1} << 31;
// Progressive pictures are held as coefficients: two bytes for each of up to four samples a pixel.
constexpr long kMaxMemory = 8 * kMaxPicturePixels + (64l << 20);
// A block of 8x8 samples takes a bit at least, and with the most uneven sampling (4x1 and 1x4) a unit of 32x32 pixels has 8 blocks.
// Arithmetic coding knows no such bound.
constexpr std::int64_t kMaxPixelsPerByte = 1024;

class JpegReader {
 public:
  explicit JpegReader(const ImageFile& file);
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header();  // false: the bytes end before the header does
  ImageInfo info() const;
  void read_pixels(Picture& picture);

 private:
  // `step` must own nothing: where it stops, it is left for good.  False: stopped, and `reason_` says why.
  template <class Step>
  bool run(const Step& step) {
    if (setjmp(jump_) != 0) return false;
    step();
    return true;
  }
  [[noreturn]] void stop() { std::longjmp(jump_, 1); }
  static JpegReader& of(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }
  static void on_error(j_common_ptr info);
  static void on_warning(j_common_ptr info, int level);
  static void on_progress(j_common_ptr info);

  const ImageFile& file_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char reason_[JMSG_LENGTH_MAX] = "";
};

void JpegReader::on_error(j_common_ptr info) {
  info->err->format_message(info, of(info).reason_);
  of(info).stop();
}

// Bytes left over between two parts of a file are common and harmless; between restart markers they are what damage left of a scan.
// What a header of JFIF, Adobe or ICC says oddly does not concern the pixels.
bool is_harmless(const jpeg_error_mgr& warning) {
  switch (warning.msg_code) {
    case JWRN_EXTRANEOUS_DATA: return warning.msg_parm.i[1] < JPEG_RST0 || warning.msg_parm.i[1] > JPEG_RST0 + 7;
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC: return true;
    default: return false;
  }
}

void JpegReader::on_warning(j_common_ptr info, int level) {
  if (level < 0 && !is_harmless(*info->err)) on_error(info);
}

void JpegReader::on_progress(j_common_ptr info) {
  JpegReader& reader = of(info);
  const std::int64_t pixels = std::int64_t{reader.info_.image_width} * reader.info_.image_height;
  const auto most = static_cast<int>(std::min(kMaxScans, kMaxScannedPixels / pixels));
  if (reader.info_.input_scan_number <= most) return;
  std::snprintf(reader.reason_, sizeof reader.reason_, "it has more than %d scans", most);
  reader.stop();
}

JpegReader::JpegReader(const ImageFile& file) : file_(file) {
  info_.err = jpeg_std_error(&errors_);
  info_.client_data = this;
  errors_.error_exit = on_error;
  errors_.emit_message = on_warning;
  progress_.progress_monitor = on_progress;
  const bool made = run([this] {
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    info_.mem->max_memory_to_use = kMaxMemory;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(file_.bytes.data()), file_.bytes.size());
    jpeg_save_markers(&info_, kExif, 0xFFFF);
  });
  if (!made) {
    jpeg_destroy_decompress(&info_);
    file.refuse(reason_);
  }
}

bool JpegReader::read_header() {
  if (!run([this] { jpeg_read_header(&info_, TRUE); })) {
    if (errors_.msg_code == JWRN_JPEG_EOF && !file_.whole()) return false;
    file_.refuse(reason_);
  }
  const std::int64_t width = info_.image_width, height = info_.image_height;
  const std::int64_t least = info_.arith_code ? 0 : width * height / kMaxPixelsPerByte;
  check_extent(file_, width, height, static_cast<std::uintmax_t>(least));
  const int samples = info_.num_components;
  if (samples != 1 && samples != 3 && samples != 4) file_.refuse(format("it has {} samples a pixel", samples));
  info_.out_color_space = samples == 1 ? JCS_GRAYSCALE : samples == 3 ? JCS_RGB : JCS_CMYK;
  return true;
}

ImageInfo JpegReader::info() const {
  ImageInfo found{static_cast<int>(info_.image_width), static_cast<int>(info_.image_height), info_.num_components == 1 ? 1 : 3,
                  Orientation::as_stored};
  for (auto* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
    const std::span data(reinterpret_cast<const std::byte*>(marker->data), marker->data_length);
    if (data.size() < kExifName.size() || std::memcmp(data.data(), kExifName.data(), kExifName.size()) != 0) continue;
    found.orientation = exif_orientation(data.subspan(kExifName.size()));
    break;
  }
  return found;
}

// CMYK in JPEG is stored as light let through, not as ink, since Adobe's programs did: a channel's light is what its ink and black leave.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, int width) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    for (int i = 0; i < 3; ++i) rgb[i] = static_cast<std::uint8_t>(cmyk[3] - ((255 - cmyk[i]) * cmyk[3] + 127) / 255);
  }
}

void JpegReader::read_pixels(Picture& picture) {
  const bool is_cmyk = info_.out_color_space == JCS_CMYK;
  std::vector<std::uint8_t> inks(is_cmyk ? std::size_t{4} * info_.image_width : 0);
  const bool done = run([&] {
    jpeg_start_decompress(&info_);
    for (int y = 0; y < picture.height; ++y) {
      std::uint8_t* const row = picture.pixels.data() + picture.index(0, y);
      JSAMPROW into = is_cmyk ? inks.data() : row;
      jpeg_read_scanlines(&info_, &into, 1);
      if (is_cmyk) cmyk_to_rgb(inks.data(), row, picture.width);
    }
    jpeg_finish_decompress(&info_);
  });
  if (!done) file_.refuse(reason_);
}

}  // namespace

std::optional<ImageInfo> jpeg_info(const ImageFile& file) {
  JpegReader reader(file);
  if (!reader.read_header()) return {};
  return reader.info();
}

Picture decode_jpeg(const ImageFile& file) {
  JpegReader reader(file);
  FGAN_CHECK(reader.read_header(), "'{}' is not whole", file.name);
  const ImageInfo info = reader.info();
  Picture picture{info.width, info.height, info.channels, {}};
  picture.pixels.resize(picture.index(0, info.height));
  reader.read_pixels(picture);
  return picture;
}

}  // namespace fgan
