# Debian's packages, found where they are installed; nothing is downloaded (docs/decisions/0002). scripts/setup.sh names them.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(Freetype REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(inih REQUIRED IMPORTED_TARGET inih)

if(FGAN_ONEDNN)
  # Not by its own CMake file: Debian's asks for OpenCL, which its package neither brings nor needs.
  find_path(FGAN_DNNL_DIR oneapi/dnnl/dnnl.hpp REQUIRED)
  find_library(FGAN_DNNL_LIBRARY dnnl REQUIRED)
  add_library(DNNL::dnnl UNKNOWN IMPORTED)
  set_target_properties(DNNL::dnnl PROPERTIES IMPORTED_LOCATION ${FGAN_DNNL_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${FGAN_DNNL_DIR})
  find_package(OpenMP REQUIRED COMPONENTS CXX)
endif()

find_path(FGAN_STB_DIR stb_image_write.h PATH_SUFFIXES stb REQUIRED)
add_library(fgan_stb INTERFACE)  # headers only: the one file that uses them compiles the few formats it wants
target_include_directories(fgan_stb SYSTEM INTERFACE ${FGAN_STB_DIR})

find_path(FGAN_XXHASH_DIR xxhash.h REQUIRED)
add_library(fgan_xxhash INTERFACE)  # headers only: compiled into the one file that uses them
target_include_directories(fgan_xxhash SYSTEM INTERFACE ${FGAN_XXHASH_DIR})
