#!/usr/bin/env bash
# Is the GPU back end right on this machine?  Runs from a checkout or from a bundle of gpu_bundle.sh; needs python3 with numpy, no network.
#   gpu_check.sh [--device=cuda] [--only=PART,...] [--again] [--out=gpu-check] [--minutes=8.5]
# Parts that were right are not done again; without time for a part it is left for the next call.  Ends with a table and one archive; exit 1
# when something is wrong, 6 when there is no such device.
here=$(dirname "$0")
. "$here/gpu/python.sh" numpy
exec "$python" "$here/gpu/check.py" "$@"
