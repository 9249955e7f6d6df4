#!/usr/bin/env bash
# A data set of letters and digits out of the installed fonts, a small DCGAN trained on it, and the path of its pictures as the last word:
#   first_picture.sh [PROGRAM]
# Works in the folder `quickstart` of the current folder; what is finished there is not done again, what was interrupted goes on.
set -euo pipefail
program=${1:-fgan}
command -v "$program" >/dev/null || { echo "there is no program '$program': first_picture.sh PROGRAM" >&2; exit 2; }

[ -s quickstart/glyphs/glyphs-images-idx3-ubyte ] || "$program" data glyphs --output=quickstart/glyphs
"$program" train --preset=glyphs --data=quickstart/glyphs --divergence=kl --out=quickstart/run
grid=$(find quickstart/run/samples -name '*.png' | sort | tail -n 1)
echo "What the generator draws now: $PWD/$grid"
