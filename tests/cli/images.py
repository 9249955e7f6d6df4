#!/usr/bin/env python3
"""Training on files people have: folders of pictures of mixed sizes and kinds, with damage in them, and CIFAR-10."""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, temporary_folder, test  # noqa: E402
from small_data import noise  # noqa: E402

# 16 by 8 colour pixels
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043001b12141714111b1716171e1c1b2028422b28252528513a3d3042605565645f555d5b6a7899816a71"
    "90735b5d85b586909ea3abadab6780bcc9baa6c799a8aba4ffdb0043011c1e1e2823284e2b2b4ea46e5d6ea4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4"
    "a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4ffc00011080008001003011100021101031101ffc400150001010000000000000000000000"
    "0000000001ffc40014100100000000000000000000000000000000ffc4001501010100000000000000000000000000000004ffc400141101000000000000000000"
    "00000000000000ffda000c03010002110311003f0088d780ffd9")


def train(folder, *words, out="run", expect=0, steps=2):
    return fgan("train", f"--data={folder}", "--model-architecture=mlp", "--model-width=16", f"--steps={steps}", "--batch=16", "--threads=1",
                f"--out={folder.parent / out}", *words, expect=expect)


def checkpoints(run):
    return {path.name: path.read_bytes() for path in sorted((Path(run) / "checkpoints").iterdir())}


@test(label="fast")
def a_folder_of_mixed_sizes_kinds_and_classes_trains():
    with temporary_folder() as folder:
        data = folder / "data"
        for name, shape in {"cat/1.png": (40, 30, 4), "cat/2.PNG": (9, 70, 3), "dog/deep/3.png": (64, 64, 1), "4.png": (1, 1, 2)}.items():
            (data / name).parent.mkdir(parents=True, exist_ok=True)
            (data / name).write_bytes(noise(1, *shape))
        (data / "dog" / "5.jpg").write_bytes(JPEG)
        (data / "notes.txt").write_text("text")
        (data / "test").mkdir()
        (data / "test" / "6.png").write_bytes(b"not looked at")
        log = train(data).stderr
        line = next(line for line in log.splitlines() if line.startswith("data: "))
        for part in ("5 colour images of 64 by 64", "5 sizes", "2 classes", "1 other file ignored", "not trained on: test"):
            assert part in line, (part, line)
        assert (folder / "run" / "reals.png").exists()
        assert "2 classes" in train(data, "--data-size=16", "--data-channels=1", "--data-fit=pad", out="grey").stderr


def with_damage(folder):
    """2,000 good pictures and 200 bad ones, whose names are returned; every third bad one has a good header."""
    data = folder / "data"
    data.mkdir()
    bad = set(range(5, 2200, 11))
    for i in range(2200):
        good = noise(i, 8, 16, 3) if i % 4 else JPEG
        kind = i % 3
        content = good if i not in bad else (b"" if kind == 0 else b"junk" * 20 if kind == 1 else good[:len(good) - 30])
        (data / f"{i:04}.{'png' if i % 4 else 'jpg'}").write_bytes(content)
    assert len(bad) == 200
    return data, [f"{i:04}.{'png' if i % 4 else 'jpg'}" for i in sorted(bad)]


@test(label="fast")
def damaged_images_are_named_once_and_training_goes_on_or_ends_as_asked():
    with temporary_folder() as folder:
        data, bad = with_damage(folder)
        shown = train(data).stderr
        log = (folder / "run" / "log.txt").read_text()
        for name in bad:
            assert shown.count(name) == 1 and log.count(name) == 1, (name, shown.count(name), log.count(name))
        assert shown.count("an image is left out") == 200
        assert "200 of the 2200 images" in log
        refused = train(data, "--data-bad-images=fail", out="none", expect=3)
        assert refused.stderr.count("\n") == 1 and refused.stderr.startswith("fgan: ") and bad[0] in refused.stderr, refused.stderr
        assert not (folder / "none").exists()
        needed = train(data, "--data-bad-images=fail", "--data-memory=0", out="none", expect=3)
        assert needed.stderr == refused.stderr, needed.stderr


@test(label="fast")
def images_held_or_decoded_as_needed_give_equal_checkpoints():
    with temporary_folder() as folder:
        data, bad = with_damage(folder)
        for name in bad[60:]:  # enough damage is left, and the test is short
            (data / name).unlink()
        train(data, out="held", steps=5)
        train(data, "--data-memory=0", out="needed", steps=5)
        assert checkpoints(folder / "held") == checkpoints(folder / "needed")
        assert (folder / "held" / "reals.png").read_bytes() == (folder / "needed" / "reals.png").read_bytes()
        continued = train(data, "--data-memory=0", out="held", steps=8)
        train(data, out="needed", steps=8)
        assert "continuing" in continued.stderr
        assert checkpoints(folder / "held") == checkpoints(folder / "needed")


@test(label="fast")
def cifar_batches_train_without_the_test_batch():
    with temporary_folder() as folder:
        data = folder / "cifar"
        data.mkdir()
        for seed, name in enumerate(("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")):
            records = np.random.default_rng(seed).integers(0, 10, (30, 3073), dtype=np.uint8)
            (data / name).write_bytes(records.tobytes())
        line = next(line for line in train(data).stderr.splitlines() if line.startswith("data: "))
        assert "60 colour images of 32 by 32 pixels from 2 files" in line and "not trained on: test_batch.bin" in line, line


main()
