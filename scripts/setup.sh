#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that are missing: setup.sh [further packages...]. Needs no root when nothing is missing.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libdnnl-dev libcli11-dev libspdlog-dev libfmt-dev libinih-dev libstb-dev doctest-dev
  nlohmann-json3-dev libxxhash-dev zlib1g-dev libjpeg-dev libfreetype-dev python3 python3-numpy python3-pil "$@")

if ! command -v dpkg-query >/dev/null; then
  echo "setup.sh knows Debian and Ubuntu only; elsewhere install what these packages hold: ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 "$@" </dev/null; }
apt update || { sleep 5; apt update; }
apt install --yes --no-install-recommends "${missing[@]}"
