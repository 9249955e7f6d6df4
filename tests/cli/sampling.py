#!/usr/bin/env python3
"""fgan sample: grids, arrays and single pictures; an image depends on its number alone."""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, temporary_folder, test  # noqa: E402
from small_data import strokes, write_idx  # noqa: E402


def trained(folder, *options):
    write_idx(folder / "train-images-idx3-ubyte", strokes(64))
    fgan("train", "--data=train-images-idx3-ubyte", "--out=run", "--steps=3", "--batch=8", "--model-architecture=dcgan", "--model-width=4",
         "--threads=1", *options, cwd=folder)


def array(folder, *options):
    fgan("sample", "run", "-o", "x.npy", "--threads=1", *options, cwd=folder)
    return np.load(folder / "x.npy")


@test()
def a_number_is_the_same_image_alone_in_a_batch_as_a_file_and_in_a_grid():
    with temporary_folder() as folder:
        trained(folder)
        images = array(folder, "-n", "150")
        assert images.shape == (150, 28, 28, 1) and images.dtype == np.uint8
        assert images.std(axis=0).max() > 0, "all images are equal"
        for number in (0, 63, 64, 149):
            assert np.array_equal(array(folder, "-n", "1", f"--first={number}")[0], images[number]), number
        fgan("sample", "run", "-n", "20", "--first=60", "-o", "files", "--threads=1", cwd=folder)
        assert sorted(path.name for path in (folder / "files").iterdir()) == [f"{i:08d}.png" for i in range(60, 80)]
        for number in (60, 79):
            assert np.array_equal(np.asarray(Image.open(folder / f"files/{number:08d}.png")), images[number, :, :, 0])
        fgan("sample", "run", "-n", "4", "-o", "grid.png", "--threads=1", cwd=folder)
        grid = np.asarray(Image.open(folder / "grid.png"))  # two by two, enlarged twice, separated by one line
        assert grid.shape == (113, 113)
        assert np.array_equal(grid[57::2, 57::2], images[3, :, :, 0])


@test()
def other_seeds_give_other_images_and_the_same_seed_the_same():
    with temporary_folder() as folder:
        trained(folder)
        own, seven = array(folder, "-n", "3"), array(folder, "-n", "3", "--seed=7")
        assert not np.array_equal(own, seven)
        assert np.array_equal(seven, array(folder, "-n", "3", "--seed=7"))
        assert np.array_equal(own, array(folder, "-n", "3", "--seed=1"))


@test()
def numbers_are_written_as_numbers():
    with temporary_folder() as folder:
        fgan("train", "--preset=mixture", "--steps=3", "--out=run", "--threads=1", cwd=folder)
        numbers = array(folder, "-n", "1000")
        assert numbers.shape == (1000, 1) and numbers.dtype == np.float32 and numbers.std() > 0.1
        refused = fgan("sample", "run", cwd=folder, expect=2).stderr
        assert "NAME.npy" in refused, refused


@test()
def what_names_no_kind_of_output_is_refused():
    with temporary_folder() as folder:
        trained(folder)
        refused = fgan("sample", "run", "-o", "x.jpg", cwd=folder, expect=2).stderr
        assert "x.jpg" in refused and "NAME.png" in refused, refused
        refused = fgan("sample", "run", "-n", "1000000", "-o", "x.png", cwd=folder, expect=2).stderr
        assert "at most 82369" in refused and ".npy" in refused, refused
        assert not list(folder.glob("x.*")), "something was written"
        fgan("sample", "run", "-o", "missing/x.npy", cwd=folder, expect=4)


@test()
def sampling_without_end_is_ended_by_a_signal():
    with temporary_folder() as folder:
        trained(folder)
        for stop in (signal.SIGTERM, signal.SIGINT):
            process = subprocess.Popen([os.path.abspath(os.environ["FGAN"]), "sample", "run", "-n", "1000000000", "-o", "x.npy", "--threads=1"],
                                       cwd=folder)
            time.sleep(1)
            process.send_signal(stop)
            assert process.wait(timeout=20) == -stop
            assert not (folder / "x.npy").exists()


main()
