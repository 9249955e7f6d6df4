#!/usr/bin/env python3
"""Copies a part of the test data: some_data.py DATA OUT.  The first 20,000 pictures of Fashion-MNIST with their labels and its held-out
files, and every fourth emoji."""
import gzip
import shutil
import struct
import sys
from pathlib import Path

PICTURES, EVERY = 20000, 4


def first(source, target, count, header):
    data = gzip.open(source).read()
    numbers = list(struct.unpack(f">{header // 4}I", data[:header]))
    each = (len(data) - header) // numbers[1]
    numbers[1] = count
    with gzip.GzipFile(target, "wb", mtime=0) as file:
        file.write(struct.pack(f">{header // 4}I", *numbers) + data[header:header + count * each])


data, out = map(Path, sys.argv[1:])
fashion, emoji = out / "fashion-mnist", out / "emoji"
for folder in (fashion, emoji):
    folder.mkdir(parents=True, exist_ok=True)
first(data / "fashion-mnist/train-images-idx3-ubyte.gz", fashion / "train-images-idx3-ubyte.gz", PICTURES, 16)
first(data / "fashion-mnist/train-labels-idx1-ubyte.gz", fashion / "train-labels-idx1-ubyte.gz", PICTURES, 8)
for file in (data / "fashion-mnist").glob("t10k-*"):
    shutil.copy(file, fashion)
for file in sorted((data / "noto-emoji-128").glob("*.png"))[::EVERY]:
    shutil.copy(file, emoji)
