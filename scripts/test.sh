#!/usr/bin/env bash
# Builds build/release and runs its tests; further arguments go to ctest.
#   --fast   only the label fast
#   --all    first the other builds (Clang, no oneDNN, sanitizers; label fast) and a minute of each fuzz target, then everything, the
#            long forms included
# With CI set, a skipped test without the label gpu or bf16 fails the run.
set -euo pipefail
cd "$(dirname "$0")/.."

all=false
selection=()
arguments=()
for argument in "$@"; do
  case $argument in
    --all) all=true ;;
    --fast) selection=(--label-regex '^fast$') ;;
    *) arguments+=("$argument") ;;
  esac
done

run_tests() {  # preset, arguments of ctest
  local preset=$1 status=0
  shift
  ctest --test-dir "build/$preset" --parallel "$(nproc)" --output-on-failure --no-tests=error --output-junit "$PWD/build/$preset/tests.xml" "$@" ||
    status=$?
  python3 scripts/check_skips.py "build/$preset" "build/$preset/tests.xml" || status=1
  return $status
}

if $all; then
  scripts/setup.sh clang libomp-dev
  export FGAN_LONG=1
  for preset in clang no-onednn asan tsan; do
    scripts/build.sh "$preset"
    run_tests "$preset" --label-regex '^fast$' "${arguments[@]}"
  done
  scripts/fuzz.sh all 60
fi
scripts/build.sh release
run_tests release "${selection[@]}" "${arguments[@]}"
