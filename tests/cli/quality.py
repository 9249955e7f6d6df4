#!/usr/bin/env python3
"""Is what comes out like what went in?  Standard deviation and mean distance between pictures, of 256 samples and of 256 pictures of the data."""
import gzip
import json
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import SOURCE, fgan, main, temporary_folder, test  # noqa: E402
from small_data import mnist, strokes, write_idx  # noqa: E402

COUNT, SIZE, SCALE = 256, 28, 2   # a grid of 16 by 16 pictures, each pixel twice as large, one pixel between pictures


def read_png(path):
    """Pixels [height, width] of an 8-bit grey PNG (W3C Recommendation, section 9: filters)."""
    data = Path(path).read_bytes()
    position, packed = 8, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        body = data[position + 8:position + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 0), "not an 8-bit grey PNG"
        if kind == b"IDAT":
            packed += body
        position += 12 + length
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, width + 1)
    pixels = np.zeros((height + 1, width + 1), np.int32)   # a row above and a column to the left of zeros
    for y in range(height):
        for x in range(width):
            left, up, corner = pixels[y + 1, x], pixels[y, x + 1], pixels[y, x]
            estimate = left + up - corner
            paeth = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))[2]
            pixels[y + 1, x + 1] = (raw[y, x + 1] + (0, left, up, (left + up) // 2, paeth)[raw[y, 0]]) % 256
    return pixels[1:, 1:]


def pictures_of_grid(path):
    pixels, step = read_png(path), SIZE * SCALE + 1
    side = int(np.sqrt(COUNT))
    offset = (pixels.shape[0] - (side * step - 1)) // 2   # with or without a frame
    starts = [offset + i * step for i in range(side)]
    return np.array([pixels[y:y + SIZE * SCALE:SCALE, x:x + SIZE * SCALE:SCALE] for y in starts for x in starts], float)


def figures(pictures):
    """Standard deviation over pictures (root mean square over pixels), and mean distance between two pictures."""
    flat = pictures.reshape(len(pictures), -1)
    squares = (flat**2).sum(1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * flat @ flat.T, 0))
    return np.sqrt(flat.var(0).mean()), distances.sum() / (len(flat) * (len(flat) - 1))


def training_pictures(folder):
    """Path to train on, and 256 of its pictures."""
    if mnist():
        with gzip.open(mnist() / "train-images-idx3-ubyte.gz") as file:
            return mnist(), np.frombuffer(file.read(16 + COUNT * SIZE**2)[16:], np.uint8).reshape(-1, SIZE, SIZE).astype(float)
    images = strokes(2000)
    write_idx(folder / "images-idx3-ubyte", images)
    return folder / "images-idx3-ubyte", images[:COUNT].astype(float)


def samples_are_like_the_data(*options):
    with temporary_folder() as folder:
        path, data = training_pictures(folder)
        fgan("train", f"--data={path}", "--divergence=kl", "--out=run", "--train-average=0.99", *options, cwd=folder, timeout=600)
        fgan("sample", "run", f"--count={COUNT}", "--output=grid.png", cwd=folder)
        (deviation, distance), (of_data, between_data) = figures(pictures_of_grid(folder / "grid.png")), figures(data)
        print(f"standard deviation {deviation:.1f}, of the data {of_data:.1f}; distance {distance:.0f}, in the data {between_data:.0f}")
        assert deviation >= of_data / 2 and distance >= between_data / 2, "the samples vary less than half as much as the data"
        assert deviation <= of_data * 1.5 and distance <= between_data * 1.5, "the samples vary half as much again as the data"


@test(label="slow")
def an_mlp_trained_with_kl_draws_pictures_that_vary_like_the_data():
    samples_are_like_the_data("--model-architecture=mlp", "--generator-width=400", "--batch=128", "--steps=1500")


@test(label="slow")
def a_dcgan_trained_with_kl_draws_pictures_that_vary_like_the_data():
    samples_are_like_the_data("--model-architecture=dcgan", "--model-width=32", "--batch=64", "--steps=800")


@test(label="fast")
def the_figures_tell_pictures_that_vary_from_one_picture_repeated():
    images = strokes(COUNT).astype(float)
    deviation, distance = figures(images)
    same_deviation, same_distance = figures(np.repeat(images[:1], COUNT, axis=0) + 1e-3 * images)
    assert same_deviation < deviation / 2 and same_distance < distance / 2


@test(label="fast")
def curves_have_a_line_for_each_run_through_the_means_of_windows():
    with temporary_folder() as folder:
        for run, bounds in {"a": (1, 3, 1, 3), "b": (4, 4, 0, 0)}.items():
            (folder / run).mkdir()
            lines = (json.dumps({"step": 10 * i, "bound": bound}) + "\n" for i, bound in enumerate((99, *bounds)))
            (folder / run / "metrics.jsonl").write_text("".join(lines))
        command = [sys.executable, SOURCE / "tests/quality/curves.py", "out.svg", "first=a", "second=b", "--windows=2", "--begin=10"]
        subprocess.run(command, cwd=folder, check=True, timeout=60)
        drawn = re.findall(r'<polyline points="([^"]*)"', (folder / "out.svg").read_text())
        (a, b), (c, d) = ([point.split(",") for point in line.split()] for line in drawn)
        assert [p[0] for p in (a, b)] == [p[0] for p in (c, d)], "both runs have the same steps"
        heights = [float(p[1]) for p in (a, b, c, d)]
        assert heights[0] == heights[1] and abs(heights[2] + heights[3] - 2 * heights[0]) < 0.11 and heights[2] < heights[3], heights


if __name__ == "__main__":
    main()
