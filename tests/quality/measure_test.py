#!/usr/bin/env python3
"""The meter of quality, held against samples whose quality is known. The data is drawn here, in MNIST's own format."""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "cli")]
from classifier import trained  # noqa: E402
from harness import main, temporary_folder, test  # noqa: E402
from labelled_data import load  # noqa: E402
from measure import judge  # noqa: E402
from small_data import write_idx  # noqa: E402

import numpy as np  # noqa: E402

CLASSES, COUNT, UPDATES = 4, 1200, 200


def bars(count, seed):
    """Pictures of one bar; its direction is the class, its place and grey level are chance."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    y, x = np.mgrid[0:28, 0:28] - 13.5
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels):
        angle = np.pi * label / CLASSES
        distance = np.abs((x - rng.uniform(-4, 4)) * np.sin(angle) - (y - rng.uniform(-4, 4)) * np.cos(angle))
        image[:] = np.where(distance < 2, rng.integers(150, 256), rng.integers(0, 20, (28, 28)))
    return images, labels.astype(np.uint8)


def colour_records(path, count, seed):
    """CIFAR-10's binary form: a label, then the red, green and blue planes. Red is 10 times the label, green its row, blue its column."""
    labels = np.random.default_rng(seed).integers(0, 10, count).astype(np.uint8)
    planes = np.zeros((count, 3, 32, 32), np.uint8)
    planes[:, 0], planes[:, 1], planes[:, 2] = 10 * labels[:, None, None], np.arange(32)[:, None], np.arange(32)
    path.write_bytes(b"".join(bytes([label]) + picture.tobytes() for label, picture in zip(labels, planes)))


def write_labels(path, labels):
    path.write_bytes(b"\0\0\x08\x01" + len(labels).to_bytes(4, "big") + labels.tobytes())


def write_bars(folder):
    for part, seed in (("train", 1), ("t10k", 2)):
        images, labels = bars(COUNT, seed)
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_labels(folder / f"{part}-labels-idx1-ubyte", labels)


@test(label="fast")
def the_meter_passes_new_data_and_names_what_is_missing_or_repeated():
    with temporary_folder() as folder:
        write_bars(folder)
        data = load(folder)
        classifier = trained(data, folder / "classifier.npz", UPDATES)
        again = trained(data, folder / "classifier.npz", UPDATES)
        assert all((a == b).all() for a, b in zip(classifier.weights, again.weights)), "the cache holds another classifier"
        assert classifier.accuracy(data.held_images, data.held_labels) > 0.97

        fresh, labels = bars(400, 3)
        fresh = fresh[..., None]
        assert judge(fresh, data, classifier)["faults"] == []

        def faults(samples):
            return " ".join(judge(samples, data, classifier)["faults"])

        one_class = faults(fresh[labels == 2])
        assert all(f"class {i} has" in one_class for i in (0, 1, 3)) and "class 2 has" not in one_class, one_class
        assert "class 3 has" in faults(fresh[labels != 3])
        repeated = faults(np.repeat(fresh[:1], 400, axis=0))
        assert "the deviation is 0.0" in repeated and "the distance is 0.0" in repeated, repeated
        grey = (128 + (fresh.astype(float) - 128) * 0.3).astype(np.uint8)
        assert "below half of the data's" in faults(grey)


@test(label="fast")
def measure_py_exits_1_for_samples_of_one_picture_and_0_for_the_data():
    with temporary_folder() as folder:
        write_bars(folder)
        for file in folder.glob("*labels*"):
            file.unlink()                    # without labels only variety is judged, and no classifier is trained
        fresh = bars(400, 3)[0][..., None]
        np.save(folder / "good.npy", fresh)
        np.save(folder / "bad.npy", np.repeat(fresh[:1], 400, axis=0))
        for name, code, word in (("good", 0, "pass"), ("bad", 1, "below half")):
            result = subprocess.run([sys.executable, HERE / "measure.py", folder / f"{name}.npy", "--data", folder], capture_output=True, text=True)
            assert result.returncode == code and word in result.stdout, (name, result)


@test(label="fast")
def colour_pictures_of_several_files_are_read_as_rows_columns_channels():
    with temporary_folder() as folder:
        colour_records(folder / "data_batch_1.bin", 30, 1)
        colour_records(folder / "data_batch_2.bin", 20, 2)
        data = load(folder)   # no test_batch: every tenth picture is held out
        assert data.images.shape == (45, 32, 32, 3) and data.held_images.shape == (5, 32, 32, 3)
        assert (data.images[:, 0, 0, 0] == 10 * data.labels).all() and (data.held_images[:, 9, 9, 0] == 10 * data.held_labels).all()
        assert (data.images[:, 7, 21, 1:] == (7, 21)).all()


if __name__ == "__main__":
    main()
