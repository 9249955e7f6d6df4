#!/usr/bin/env python3
"""Files are written in src/base alone: streams do not say which write failed, and what is not flushed and renamed is torn by a crash."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WRITERS = {"src/base/file.cpp", "src/base/lock.cpp", "src/base/descriptor.h"}
FORBIDDEN = re.compile(r"\b(std::w?fstream|w?ofstream|basic_filebuf|fopen|fdopen|freopen|fwrite|tmpfile|mkstemp|creat|stbi_write_png)\b"
                       r"|(?<!\w)::(open|openat|write|pwrite|rename|fsync|ftruncate|mkdir|unlink)\("
                       r"|\b(fs|filesystem)::(rename|copy_file|resize_file|copy)\b")
STANDARD_OUTPUT = re.compile(r"\b(stdout|stderr|STDERR_FILENO)\b")  # what goes to the terminal is no file


def complaints():
    for file in sorted((ROOT / "src").rglob("*")):
        name = str(file.relative_to(ROOT))
        if file.suffix not in {".h", ".cpp", ".cu", ".cuh"} or name in WRITERS:
            continue
        for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            code = text.split("//")[0]
            found = FORBIDDEN.search(code)
            if found and not STANDARD_OUTPUT.search(code):
                yield f"{name}:{line}: {found[0].strip()}: files are written by base/file.h"


found = list(complaints())
print("\n".join(found) or "all files are written in src/base")
sys.exit(1 if found else 0)
