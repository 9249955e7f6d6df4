#!/usr/bin/env python3
"""Holds the arrows between the folders of src/ (and kernels/): no include may point where the table has no path, and a third-party header
is included in exactly one folder."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARROWS = {  # folder -> what it points at; an include may follow several arrows
    "math": "", "base": "", "tensor": "base", "device": "tensor math", "image": "base",
    "device/naive": "device", "device/cpu": "device", "device/cuda": "device kernels", "device/check": "device",
    "device/factory.cpp": "device/naive device/cpu device/cuda device/check",
    "nn": "device", "game": "nn", "optim": "nn", "data": "image tensor math", "comm": "device", "metrics": "nn data",
    "report": "image", "train": "game optim data comm metrics report", "bench": "train", "config": "base math",
    "app": "config bench",
    "kernels": "math",
}
OPTION_HEADERS = r".*/options\.h|device/device\.h"  # what config may further include: the descriptions of the modules' options
ONE_FOLDER = {
    r"(oneapi/)?dnnl.*": "device/cpu", r"omp\.h": "device/cpu", r"CLI/.*": "config", r"ini\.h|INIReader\.h": "config",
    r"spdlog/.*|fmt/.*|xxhash\.h": "base", r"(stb/)?stb_.*": "image", r"jpeglib\.h|jerror\.h": "image", r"ft2build\.h|freetype/.*": "image",
    r"nlohmann/.*": "tensor", r"zlib\.h": "data",
    r"cuda_runtime\.h": "kernels", r"cuda(?!_runtime\.h).*|cudnn.*|cublas.*": "device/cuda", r"nccl.*|mpi\.h": "comm", r"doctest/.*": "tests",
}


def folder_of(path):
    """'device/factory.cpp', 'device/cpu', 'nn', ...: the longest name in the table that the path starts with."""
    parts = path.split("/")
    names = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in names if name in ARROWS), parts[0])


def reachable(folder):
    found, todo = {folder}, ARROWS.get(folder, "").split() + folder.split("/")[:1]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += ARROWS[name].split()
    return found


def complaints(root, top):
    for file in sorted((root / top).rglob("*")):
        if file.suffix not in {".h", ".cpp", ".cu", ".cuh"}:
            continue
        name = str(file.relative_to(ROOT / "src" if top == "src" else ROOT))
        folder = folder_of(name)
        if top == "src" and folder not in ARROWS:
            yield f"{file.relative_to(ROOT)}: folder '{folder}' is not in the table of {sys.argv[0]}"
            continue
        for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', text)
            if not match:
                continue
            header, place = match[2], f"{file.relative_to(ROOT)}:{line}"
            target = folder_of(header)
            if target in ARROWS and match[1] == '"':
                options = folder == "config" and re.fullmatch(OPTION_HEADERS, header)
                if target not in reachable(folder) and not options:
                    yield f"{place}: {folder} must not include {target} ({header})"
            for pattern, owner in ONE_FOLDER.items():
                if re.fullmatch(pattern, header) and folder not in owner.split():
                    yield f"{place}: {header} may be included in {owner} only"


found = [text for top in ("src", "kernels") for text in complaints(ROOT, top)]
print("\n".join(found) or "every include follows an arrow")
sys.exit(1 if found else 0)
