#!/usr/bin/env bash
# Packs what a machine with a GPU and no network needs: gpu_bundle.sh [OUT.tar.xz] [DATA].  The program and the GPU's op table with the shared
# libraries they need (cuDNN and cuBLAS are found there: in the toolkit, or where Python's packages keep them), the scripts, and of DATA
# (fashion-mnist and noto-emoji-128 in it) as much as gpu_check.sh wants.  There: tar xf, then scripts/gpu_check.sh, scripts/gpu_race.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(realpath -m "${1:-build/fgan-gpu.tar.xz}")
data=${2:-../shared/data}

scripts/setup.sh patchelf xz-utils
target=${FGAN_BUNDLE_TARGETS:-all} scripts/build.sh cuda

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bundle=$folder/fgan-gpu
mkdir -p "$bundle"/{bin,lib,scripts,data/fashion-mnist,data/emoji,tests}

cp build/cuda/fgan build/cuda/tests/test_gpu "$bundle/bin/"
ldd "$bundle"/bin/* | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | sort -u |
  grep -vE '/(libc|libm|libdl|librt|libpthread|ld-linux[^/]*)\.so' | xargs -I{} cp -L {} "$bundle/lib/"
strip "$bundle"/bin/* "$bundle"/lib/*
for file in "$bundle"/bin/*; do patchelf --set-rpath "\$ORIGIN/../lib" "$file"; done
for file in "$bundle"/lib/*; do patchelf --set-rpath "\$ORIGIN" "$file"; done

cp -r scripts/gpu scripts/peers scripts/gpu_check.sh scripts/gpu_race.sh "$bundle/scripts/"
cp -r tests/quality "$bundle/tests/"
git describe --always --dirty >"$bundle/COMMIT"
scripts/gpu/some_data.py "$data" "$bundle/data"
find "$bundle" -name __pycache__ -prune -exec rm -rf {} +

size() { tar c -C "$folder" "${@/#/fgan-gpu/}" | xz -T0 -6 | wc -c; }
mkdir -p "$(dirname "$out")"
tar c -C "$folder" fgan-gpu | xz -T0 -6 >"$out"
echo "$out: $(du -m "$out" | cut -f1) MB, of which data $(($(size data) / 1000000)) MB"
