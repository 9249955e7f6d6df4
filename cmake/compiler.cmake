# fgan_options: what every translation unit is compiled with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")  # no NDEBUG: assertions stay on

find_program(FGAN_CCACHE ccache)
if(FGAN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FGAN_CCACHE})
endif()

add_library(fgan_options INTERFACE)
target_include_directories(fgan_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(fgan_options INTERFACE FGAN_VERSION="${PROJECT_VERSION}")

# Fused multiply-adds are written where they are meant, never made by the compiler: docs/decisions/0001.
target_compile_options(fgan_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -ffp-contract=off)
# Nobody reads errno of sqrt or traps of comparisons; without these two GCC 12 vectorises neither Adam nor any ReLU.
target_compile_options(fgan_options INTERFACE -fno-math-errno -fno-trapping-math)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(fgan_options INTERFACE -Wno-restrict)  # GCC bug 105651: false alarms on string + string
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  target_compile_options(fgan_options INTERFACE -Wno-pass-failed)  # a loop it did not vectorize is slower, not wrong
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(fgan_options INTERFACE -march=x86-64-v3)
endif()
if(FGAN_WERROR)
  target_compile_options(fgan_options INTERFACE -Werror)
endif()

if(FGAN_HARDEN)
  target_compile_options(fgan_options INTERFACE -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_compile_definitions(fgan_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(fgan_options INTERFACE -pie -Wl,-z,relro,-z,now)
endif()

if(FGAN_SANITIZE)
  set(sanitize -fsanitize=${FGAN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  target_compile_options(fgan_options INTERFACE ${sanitize})
  target_link_options(fgan_options INTERFACE ${sanitize})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(fgan_options INTERFACE -Wno-maybe-uninitialized)  # false alarms on what the sanitizers insert
  endif()
endif()
