#!/usr/bin/env bash
# Which lines run, folder by folder: coverage.sh [PROGRAM...].  Programs are those of tests/ (test_shim test_double); without one, all of
# the label fast.  Files with lines that never ran follow.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh gcovr
target=${*:-all} scripts/build.sh coverage
find build/coverage -name '*.gcda' -delete
if [ $# -eq 0 ]; then
  ctest --test-dir build/coverage --parallel "$(nproc)" --output-on-failure --no-tests=error --label-regex '^fast$'
fi
for program in "$@"; do "build/coverage/tests/$program"; done
gcovr --root . --object-directory build/coverage --filter src/ --filter kernels/ --exclude-throw-branches --json build/coverage/lines.json
python3 - build/coverage/lines.json <<'PYTHON'
import collections, json, sys
ran, missed = collections.Counter(), collections.defaultdict(list)
for file in json.load(open(sys.argv[1]))["files"]:
    name = file["file"]
    counts = collections.Counter()
    for line in file["lines"]:
        if not line.get("gcovr/noncode"):
            counts[line["line_number"]] += line["count"]
    folder = name.rpartition("/")[0]
    ran[folder, "all"] += len(counts)
    ran[folder, "run"] += sum(count > 0 for count in counts.values())
    if lines := sorted(number for number, count in counts.items() if count == 0):
        missed[folder].append(f"  {name}: {len(lines)} of {len(counts)} not run: {' '.join(map(str, lines[:40]))}")
for folder in sorted({folder for folder, _ in ran}):
    if ran[folder, "run"]:
        print(f"{folder:24} {100 * ran[folder, 'run'] / ran[folder, 'all']:5.1f} % of {ran[folder, 'all']} lines")
        print(*missed[folder], sep="\n", end="\n" if missed[folder] else "")
PYTHON
