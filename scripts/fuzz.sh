#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz and runs them: fuzz.sh [TARGET|all [SECONDS]], SECONDS of CPU time each (900 unless told).
# New inputs and findings stay out of the tree, in build/fuzz/runs/TARGET.  fuzz.sh --keep [TARGET|all] adds the few of them to
# tests/fuzz/corpus that reach what is not reached there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

corpus=$PWD/tests/fuzz/corpus
runs=$PWD/build/fuzz/runs
export TMPDIR=/dev/shm UBSAN_OPTIONS=print_stacktrace=1

targets() {
  [ "$1" = all ] && find tests/fuzz -name '*_fuzz.cpp' -printf '%f\n' | sed 's/_fuzz\.cpp$//' | sort || echo "$1"
}

cpu_seconds() {  # of all processes that this shell has waited for
  awk '{print int(($16 + $17) / '"$(getconf CLK_TCK)"')}' "/proc/$$/stat"
}

run() {  # target, seconds
  local target=$1 begin spent=0 folder=$runs/$1
  mkdir -p "$folder/new"
  begin=$(cpu_seconds)
  while [ "$spent" -lt "$2" ]; do
    "build/fuzz/tests/${target}_fuzz" -max_total_time=$(($2 - spent)) -max_len=8192 -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=512 \
      -print_final_stats=1 -artifact_prefix="$folder/" "$folder/new" "$corpus/$target" 2>"$folder/log" ||
      { echo "$target: a finding in $folder:"; tail -n 40 "$folder/log"; return 1; }
    spent=$(($(cpu_seconds) - begin))
    awk '/^stat::number_of_executed_units/ {print $2}' "$folder/log" >>"$folder/executions"
    echo "$spent" >"$folder/seconds"
  done
  echo "$target: $spent s of CPU, $(awk '{n += $1} END {print n}' "$folder/executions") executions, $(grep -o 'cov: [0-9]*' "$folder/log" | tail -1)"
}

keep() {  # target
  "build/fuzz/tests/$1_fuzz" -set_cover_merge=1 -use_counters=0 -max_len=4096 "$corpus/$1" "$runs/$1/new" 2>&1 | tail -n 1
}

scripts/setup.sh clang
cmake --preset fuzz >/dev/null
if [ "${1:-}" = --keep ]; then
  for target in $(targets "${2:-all}"); do keep "$target"; done
  exit
fi
wanted=$(targets "${1:-all}")
cmake --build build/fuzz --parallel "$(scripts/jobs.sh)" --target $(printf '%s_fuzz ' $wanted)
failed=0
for target in $wanted; do
  rm -f "$runs/$target/executions"
  run "$target" "${2:-900}" || failed=1
done
exit $failed
