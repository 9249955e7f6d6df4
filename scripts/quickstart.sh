#!/usr/bin/env bash
# From a bare Debian or Ubuntu machine to the first picture: installs packages, builds, makes data, trains for about two minutes on two
# cores. The last word is the path of the picture.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck disable=SC2046
scripts/setup.sh $(scripts/fonts.sh)
target=fgan scripts/build.sh release
scripts/first_picture.sh build/release/fgan
