"""Runs of the program on small data, and the dump of one step of each."""
import concurrent.futures
import struct

import numpy as np

import check_step
import safetensors
from harness import fgan


def strokes(count, size, seed=7):
    """Bytes [count, size, size]: a few blurred random strokes each, bright on black as handwritten digits are."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size
    images = np.zeros((count, size, size))
    for image in images:
        for _ in range(random.integers(2, 4)):
            a, b = random.uniform(0.2, 0.8, 2), random.uniform(0.2, 0.8, 2)
            along = np.clip(((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / np.sum((b - a)**2), 0, 1)
            distance = np.hypot(x - a[0] - along * (b - a)[0], y - a[1] - along * (b - a)[1])
            image += np.exp(-(distance / 0.06)**2)
    return np.minimum(255 * images, 255).astype(np.uint8)


def write_idx(path, images):
    """The format of MNIST: magic number (type u8, number of dimensions), the dimensions big-endian, the bytes."""
    with open(path, "wb") as file:
        file.write(struct.pack(f">HBB{images.ndim}I", 0, 8, images.ndim, *images.shape))
        file.write(np.ascontiguousarray(images).tobytes())


def write_ini(path, settings):
    """settings: {"section.key": value}."""
    sections = {}
    for key, value in settings.items():
        section, key = key.split(".")
        sections.setdefault(section, []).append(f"{key} = {value}")
    path.write_text("".join(f"[{section}]\n" + "\n".join(lines) + "\n\n" for section, lines in sections.items()))


# Weights and rates are larger than one would train with: v then spreads from about -4 to 3, so that every branch of the
# curves matters, and a step changes a weight by much more than it is rounded.
MLP = {"model.architecture": "mlp", "model.depth": 2, "model.width": 32, "model.latent": 8, "generator.normalization": "batch",
       "critic.init_deviation": 0.2, "optimizer.learning_rate": 0.001, "train.batch": 32}
DCGAN = {"model.architecture": "dcgan", "model.width": 4, "model.latent": 6, "model.init_deviation": 0.12,
         "optimizer.learning_rate": 0.005, "train.batch": 12}
MIXTURE = {"data.kind": "gaussian-mixture", "data.weights": "0.33, 0.67", "data.means": "-1, 2", "data.deviations": "0.255, 1.415",
           "model.architecture": "affine", "critic.width": 16, "critic.init_deviation": 0.6, "optimizer.learning_rate": 0.02,
           "train.batch": 64}


class Runs:
    """Runs in one folder, on one data set."""

    def __init__(self, folder, base, images=None):
        self.folder, self.base, self.count = folder, {"device.threads": 1, **base}, 0
        folder.mkdir(exist_ok=True)
        if images is not None:
            write_idx(folder / "images-idx3-ubyte", images)
            self.base["data.path"] = "images-idx3-ubyte"

    def settings(self, **changes):
        """The base with changes, whose keys say section__key."""
        return {**self.base, **{key.replace("__", ".", 1): value for key, value in changes.items()}}

    def train(self, settings, steps=3, step=None, expect=0):
        """Trains anew for `steps` steps; the dump of step `step` (the last)."""
        self.count += 1
        name = f"run{self.count}"
        write_ini(self.folder / f"{name}.ini", settings)
        dump = self.folder / f"{name}.safetensors"
        result = fgan("train", f"{name}.ini", f"--steps={steps}", f"--dump-step={step or steps}:{dump}", f"--out={name}",
                      cwd=self.folder, expect=expect)
        return safetensors.read(dump) if expect == 0 else result

    def check(self, cases, steps=3):
        """Trains every case ({title: settings}), two at a time, and fails with what differs."""
        titles = list(cases)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            dumps = pool.map(lambda title: self.train(cases[title], steps), titles)
            failures = [f"{title}: {complaint}" for title, dump in zip(titles, dumps) for complaint in check_step.check(dump)]
        assert not failures, "\n".join([f"{len(failures)} complaints", *failures[:40]])
