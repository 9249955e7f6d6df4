# The files of configs/ as text inside the program: src/config/presets.h.
function(fgan_presets target)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/*.ini)
  set(entries "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    cmake_path(GET file STEM name)
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"ini(${text})ini\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/presets.cpp @ONLY CONTENT [[
// Made by cmake/presets.cmake.
#include "config/presets.h"

namespace fgan {
namespace {

constexpr Preset kPresets[] = {
@entries@};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

}  // namespace fgan
]])
  target_sources(${target} PRIVATE ${PROJECT_BINARY_DIR}/presets.cpp)
endfunction()
