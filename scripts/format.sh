#!/usr/bin/env bash
# Formats the C++ and CUDA sources in place; --check only says what differs. Uses clang-format 14, whose result other versions change.
set -euo pipefail
cd "$(dirname "$0")/.."

formatter=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format is missing: apt-get install clang-format-14" >&2; exit 1; }
mode=(-i)
[ "${1:-}" = --check ] && mode=(--dry-run --Werror)
find src kernels tests \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print0 | xargs -0 -r "$formatter" "${mode[@]}"
