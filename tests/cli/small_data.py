"""A small data set in MNIST's own format, so that no test depends on a download: strokes on 28x28 pixels, and MNIST itself when it is there."""
import gzip
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from harness import temporary_folder


def strokes(count, size=28, seed=7):
    """Pictures of a few soft strokes: enough structure to train on, no two alike."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / (size - 1)
    images = np.zeros((count, size, size))
    for image in images:
        for _ in range(3):
            a, b = rng.uniform(0.15, 0.85, (2, 2))
            t = np.clip(((x - a[0]) * (b[0] - a[0]) + (y - a[1]) * (b[1] - a[1])) / (np.sum((b - a) ** 2) + 1e-6), 0, 1)
            distance = np.hypot(x - a[0] - t * (b[0] - a[0]), y - a[1] - t * (b[1] - a[1]))
            image[:] = np.maximum(image, np.exp(-((distance / 0.06) ** 2)))
    return np.round(images * 255).astype(np.uint8)


def write_idx(path, images, compressed=False):
    data = struct.pack(">IIII", 0x803, *images.shape) + images.tobytes()
    Path(path).write_bytes(gzip.compress(data, mtime=0) if compressed else data)


def png(pixels):
    """height x width x channels of uint8"""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def noise(seed, height, width, channels):
    """A PNG file."""
    return png(np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8))


def with_configuration(ini, images=120):
    """A decorator: calls the test with a temporary folder that holds strokes as data and the text as config.ini."""
    def decorate(function):
        def run():
            with temporary_folder() as folder:
                write_idx(folder / "train-images-idx3-ubyte", strokes(images))
                (folder / "config.ini").write_text(ini)
                function(folder)
        run.__name__ = function.__name__
        return run
    return decorate


def mnist():
    """The folder of MNIST, or None."""
    for folder in (os.environ.get("FGAN_DATA"), Path(os.environ.get("FGAN_SOURCE", ".")) / "../shared/data"):
        if folder and (Path(folder) / "mnist").is_dir():
            return (Path(folder) / "mnist").resolve()
    return None
