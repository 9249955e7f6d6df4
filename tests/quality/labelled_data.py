"""Pictures with labels, for the classifier that counts classes: IDX pairs, CIFAR-10's binary files, folders of one sub-folder a class.

`load(folder)` returns a Labelled; its pictures are uint8 [N, H, W, C]. Data without labels has `labels` None and no held-out part."""
import gzip
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PICTURES = {".png", ".jpg", ".jpeg", ".bmp"}
CIFAR_RECORD = 1 + 3 * 32 * 32


@dataclass
class Labelled:
    images: np.ndarray
    labels: np.ndarray | None = None
    held_images: np.ndarray | None = None
    held_labels: np.ndarray | None = None
    names: list | None = None


def read_idx(path):
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    zeros, kind, dimensions = struct.unpack(">HBB", data[:4])
    if (zeros, kind) != (0, 8):
        raise SystemExit(f"{path}: not an IDX file of bytes; its first four bytes are {data[:4].hex()}")
    shape = struct.unpack(f">{dimensions}I", data[4:4 + 4 * dimensions])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def idx(folder):
    def one(pattern):
        found = sorted(folder.glob(pattern))
        return read_idx(found[0]) if found else None

    def pictures(array):
        return None if array is None else array[..., None] if array.ndim == 3 else array

    held = one("t10k-images*"), one("t10k-labels*")
    return Labelled(pictures(one("train-images*")), one("train-labels*"), pictures(held[0]), held[1])


def cifar(folder):
    def records(files):
        rows = np.concatenate([np.frombuffer(file.read_bytes(), np.uint8).reshape(-1, CIFAR_RECORD) for file in files])
        return rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), rows[:, 0]

    images, labels = records(sorted(folder.glob("data_batch*.bin")))
    tests, meta = sorted(folder.glob("test_batch*.bin")), folder / "batches.meta.txt"
    names = meta.read_text().split() if meta.is_file() else None
    return Labelled(images, labels, *(records(tests) if tests else (None, None)), names)


def seen_in_training(picture, size):
    """RGB on white, the middle square, scaled: data.size = size and the other defaults of [data]."""
    from PIL import Image, ImageOps
    picture = picture.convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return ImageOps.fit(opaque, (size, size), Image.BICUBIC)


def pictures_of_folder(folder, size):
    """Sub-folders are the classes; without them the pictures have no labels. Without a size all must have one size and kind."""
    from PIL import Image
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURES)
    if not files:
        raise SystemExit(f"{folder}: no train-images* (IDX), data_batch* (CIFAR-10) or pictures were found here.")
    opened = (Image.open(file) for file in files)
    images = np.stack([np.asarray(seen_in_training(picture, size) if size else picture) for picture in opened])
    images = images[..., None] if images.ndim == 3 else images
    names = sorted({file.parent.name for file in files if file.parent != folder})
    labels = np.array([names.index(file.parent.name) for file in files]) if len(names) > 1 else None
    return Labelled(images, labels, names=names or None)


def load(folder, size=0):
    folder = Path(folder)
    data = idx(folder) if list(folder.glob("train-images*")) else cifar(folder) if list(folder.glob("data_batch*.bin")) else \
        pictures_of_folder(folder, size)
    if data.labels is not None and data.held_labels is None:   # every tenth picture is kept from training
        held = np.arange(len(data.labels)) % 10 == 9
        data.held_images, data.held_labels = data.images[held], data.labels[held]
        data.images, data.labels = data.images[~held], data.labels[~held]
    return data
