#!/usr/bin/env bash
# How fast is fgan beside the newest PyTorch, in every mode that it offers?
#   bench_peers.sh [--device=cpu] [--only=RACE,...] [--modes="MODE;..."] [--pairs=5] [--threads=0] [--minutes=600] [--out=build/bench-peers] [--again]
# RACE: dcgan-64-64-f32 and others, MODE: eager, channels-last, ...; a wrong name lists them.  PyTorch comes from PyPI into build/peers (some
# gigabytes); where that cannot be had, it says so and exits with 77.  fgan's measurement and PyTorch's stand next to each other in time, pair
# by pair; OUT/table.md has the ratios, OUT/raw.jsonl all figures.  UPGRADE=1: asks for a newer PyTorch.  Exit 1 where the two do not count the same work.
# On a machine that does other things set OMP_WAIT_POLICY=passive: PyTorch's threads spin while they wait, fgan's do so briefly.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/peers/venv
if ! "$venv/bin/python" -c "import torch" 2>/dev/null || [ -n "${UPGRADE:-}" ]; then
  python3 -c "import ensurepip" 2>/dev/null || scripts/setup.sh python3-venv python3-dev
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --retries=1 --upgrade torch numpy || { echo "bench_peers.sh: skipped: PyTorch cannot be had from PyPI here" >&2; exit 77; }
fi
exec python3 scripts/gpu/race.py --device=cpu --minutes=600 --out=build/bench-peers --python="$PWD/$venv/bin/python" "$@"
