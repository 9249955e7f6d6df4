// JPEG files of every kind that libjpeg writes.
#pragma once

#include <cstdio>

#include <jpeglib.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "image/picture.h"

namespace fgan::test {

struct JpegKind {
  int x_sampling = 1, y_sampling = 1;  // pixels to a sample of colour
  bool progressive = false, arithmetic = false;
  int restart_rows = 0;
  std::vector<jpeg_scan_info> scans;  // progressive: in place of the usual ones
  struct Marker {
    int number;  // of APPn
    std::string_view data;
  };
  std::vector<Marker> markers;
};

// Grey or RGB.
inline std::string jpeg_bytes(const Picture& picture, const JpegKind& kind = {}) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = picture.channels;
  info.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  info.comp_info[0].h_samp_factor = kind.x_sampling;
  info.comp_info[0].v_samp_factor = kind.y_sampling;
  info.restart_in_rows = kind.restart_rows;
  if (kind.progressive) jpeg_simple_progression(&info);
  if (!kind.scans.empty()) {
    info.scan_info = kind.scans.data();
    info.num_scans = static_cast<int>(kind.scans.size());
  }
  info.arith_code = kind.arithmetic ? TRUE : FALSE;
  jpeg_start_compress(&info, TRUE);
  for (const auto& marker : kind.markers) {
    jpeg_write_marker(&info, JPEG_APP0 + marker.number, reinterpret_cast<const JOCTET*>(marker.data.data()),
                      static_cast<unsigned>(marker.data.size()));
  }
  for (int y = 0; y < picture.height; ++y) {
    auto* row = const_cast<JSAMPLE*>(picture.pixels.data() + picture.index(0, y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string file(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return file;
}

}  // namespace fgan::test
