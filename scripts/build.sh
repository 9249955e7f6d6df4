#!/usr/bin/env bash
# Sets up, configures and builds into build/<preset>: build.sh [preset] [further arguments of cmake's configuration...]
# target=fgan builds the program alone; several names, apart by a space, build several things.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-release}
shift $(($# > 0))

scripts/setup.sh
cmake --preset "$preset" "$@"
# shellcheck disable=SC2086
cmake --build "build/$preset" --target ${target:-all} --parallel "$(scripts/jobs.sh)"
