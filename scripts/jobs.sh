#!/usr/bin/env bash
# How many compilers to run at once: one per core, and 1.5 GiB of free memory for each.
set -euo pipefail
cores=$(nproc)
by_memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
jobs=$((by_memory < cores ? by_memory : cores))
echo $((jobs > 0 ? jobs : 1))
