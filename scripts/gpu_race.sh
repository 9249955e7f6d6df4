#!/usr/bin/env bash
# How fast is fgan beside PyTorch on this machine?  Runs from a checkout or from a bundle of gpu_bundle.sh.
#   gpu_race.sh [--device=cuda] [--only=RACE,...] [--again] [--modes="MODE;..."] [--pairs=5] [--out=gpu-race] [--minutes=8.5] [--peers=FOLDER]
# Needs a python3 with torch for the peers (--python=PATH; without it fgan runs alone); scripts/bench_peers.sh gets one.
# Ends with a table of ratios and one archive.
here=$(dirname "$0")
. "$here/gpu/python.sh" torch
exec "$python" "$here/gpu/race.py" --out=gpu-race "$@"
