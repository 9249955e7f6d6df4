#!/usr/bin/env python3
"""Figures of DESIGN's budget table: fails on a file over 500 lines or includes over 15, reports the rest (functions by a heuristic)."""
import pathlib
import re
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_LINES, MEDIAN_LINES, FUNCTION_LINES, INCLUDES = 500, 150, 60, 15
CODE = {".h", ".cpp", ".cu", ".cuh"}
FOLDERS = ("src", "kernels", "tests", "scripts", "cmake")


def long_functions(lines):
    """(first line, length): an unindented (or namespace-level) line that opens a brace, up to the line that closes it in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and re.match(r"\S.*\)[^;]*\{\s*(//.*)?$", line) and not re.match(r"(namespace|struct|class|enum|extern|TEST_SUITE)\b", line):
            start = number
        elif start is not None and line.startswith("}"):
            if number - start + 1 > FUNCTION_LINES:
                yield start, number - start + 1
            start = None


files = {file: file.read_text(encoding="utf-8").splitlines() for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*"))
         if file.suffix in CODE | {".py", ".sh", ".cmake"} and "__pycache__" not in file.parts}
code = {file: lines for file, lines in files.items() if file.suffix in CODE}
failures = []
for file, lines in files.items():
    if len(lines) > FILE_LINES:
        failures.append(f"{file.relative_to(ROOT)}: {len(lines)} lines, at most {FILE_LINES}")
includes = {file: sum(bool(re.match(r"\s*#\s*include", line)) for line in lines) for file, lines in code.items()}
failures += [f"{file.relative_to(ROOT)}: {count} includes, at most {INCLUDES}" for file, count in includes.items() if count > INCLUDES]
sources = {file: len(lines) for file, lines in code.items() if "tests" not in file.parts}
tests = sum(len(lines) for file, lines in files.items() if "tests" in file.relative_to(ROOT).parts)

print(f"files {len(files)}, lines: median {statistics.median(map(len, files.values())):.0f} (target under {MEDIAN_LINES}), "
      f"longest {max(map(len, files.values()))}")
if code:
    print(f"includes per file: mean {statistics.mean(includes.values()):.1f} (target 6), most {max(includes.values())}")
print(f"test lines per source line: {tests / max(1, sum(sources.values())):.2f} (target at least 0.5)")
ops = ROOT / "src/device/ops.h"
if ops.exists():
    print(f"virtual functions in {ops.relative_to(ROOT)}: {len(re.findall(r'virtual (?!~)', ops.read_text()))} (worry above 28)")
for file, lines in code.items():
    for start, length in long_functions(lines):
        print(f"{file.relative_to(ROOT)}:{start}: a function of about {length} lines (target {FUNCTION_LINES})")
print("\n".join(failures))
sys.exit(1 if failures else 0)
