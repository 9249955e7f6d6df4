#!/usr/bin/env python3
"""fgan data convert, and training on what it writes."""
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, temporary_folder, test  # noqa: E402
from small_data import noise  # noqa: E402


def train(data, *words, out, steps, expect=0):
    return fgan("train", f"--data={data}", "--model-architecture=mlp", "--model-width=16", f"--steps={steps}", "--batch=16", "--threads=1",
                f"--out={data.parent / out}", *words, expect=expect)


def checkpoints(run):
    return {path.name: path.read_bytes() for path in sorted((run / "checkpoints").iterdir())}


def pictures(folder, count=60):
    """Of two classes and mixed sizes, two of them damaged."""
    for i in range(count):
        path = folder / "pictures" / ("ab"[i % 2]) / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(noise(i, 8 + i % 3, 10, 3) if i not in (7, 30) else noise(i, 8, 10, 3)[:-30])
    return folder / "pictures"


def sparse_idx(path, images, side=64):
    with open(path, "wb") as file:
        file.write(struct.pack(">IIII", 0x803, images, side, side))
        file.truncate(16 + images * side * side)
    return path


@test(label="fast")
def a_run_on_a_packed_set_is_the_run_on_its_source_to_the_byte_and_the_one_goes_on_with_the_other():
    with temporary_folder() as folder:
        source, packed = pictures(folder), folder / "packed.safetensors"
        said = fgan("data", "convert", source, packed, "--data-size=8", "--data-fit=pad").stderr
        assert said.count("an image is left out") == 2 and "2 of them cannot be decoded" in said, said
        assert "60 colour images of 8 by 8 pixels in" in said, said
        options = ("--data-size=8", "--data-fit=pad", "--data-mirror=true", "--data-dequantise=true")
        train(source, *options, out="source", steps=4)
        (folder / "set").mkdir()
        packed = packed.rename(folder / "set" / packed.name).parent  # alone in a folder, which is as good as its name
        line = train(packed, *options, out="packed", steps=4).stderr
        assert "2 classes, packed from pictures data.fit=pad data.size=8, 2 of them replaced" in line, line
        assert checkpoints(folder / "source") == checkpoints(folder / "packed")
        assert (folder / "source" / "reals.png").read_bytes() == (folder / "packed" / "reals.png").read_bytes()
        train(packed, *options, out="source", steps=7)
        train(source, *options, out="packed", steps=7)
        assert checkpoints(folder / "source") == checkpoints(folder / "packed")
        other = train(packed, *options[2:], out="source", steps=9, expect=2).stderr
        assert "data.size" in other, other
        train(packed, out="alone", steps=2)
        refused = train(source, "--data-size=8", "--allow-config-change", out="alone", steps=4, expect=2).stderr
        assert "was trained on other data" in refused, refused


@test(label="fast")
def what_cannot_be_converted_is_refused_in_words_and_leaves_no_file():
    with temporary_folder() as folder:
        source = sparse_idx(folder / "images", 3, 4)
        os.mkdir(folder / "out")
        out = folder / "out" / "packed"
        for words, code, said in (((), 2, "fgan data convert PATH FILE"), ((source,), 2, f"into which file? fgan data convert {source} FILE"),
                                  ((folder / "none", out), 3, "does not exist"), ((source, folder / "nowhere" / "x"), 4, "cannot write"),
                                  ((out, "--data-kind=gaussian-mixture", "--data-means=1", "--data-deviations=1"), 2, "there is nothing to be packed"),
                                  ((source, out, "x"), 2, "x"), ((source, out, f"--data={source}"), 2, "two sets of data")):
            error = fgan("data", "convert", *words, expect=code).stderr
            assert said in error and error.count("\n") == 1, error
            assert not list((folder / "out").iterdir())
        fgan("data", "convert", f"--data={source}", out)
        assert "exists already and is not overwritten" in fgan("data", "convert", source, out, expect=4).stderr
        assert "was not written by this version of fgan" in fgan("data", "info", write_safetensors(folder / "other.safetensors"), expect=3).stderr


def write_safetensors(path):
    header = b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"x")
    return path


@test(label="fast")
def a_signal_ends_a_conversion_and_leaves_nothing():
    with temporary_folder() as folder:
        source = sparse_idx(folder / "images", 60_000)
        os.mkdir(folder / "out")
        process = subprocess.Popen([os.path.abspath(os.environ["FGAN"]), "data", "convert", source, folder / "out" / "packed"])
        deadline = time.monotonic() + 60
        while not list((folder / "out").iterdir()) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM
        assert not list((folder / "out").iterdir()), list((folder / "out").iterdir())


@test(label="fast")
def a_packed_set_that_is_cut_off_or_damaged_while_it_is_trained_on_ends_the_run_in_words():
    with temporary_folder() as folder:
        records = np.random.default_rng(1).integers(0, 10, (300, 3073), dtype=np.uint8)
        (folder / "data_batch_1.bin").write_bytes(records.tobytes())
        for damage, said in (("cut", "bytes too early"), ("overwrite", "is damaged")):
            packed = folder / f"{damage}.safetensors"
            fgan("data", "convert", folder / "data_batch_1.bin", packed)
            process = subprocess.Popen([os.path.abspath(os.environ["FGAN"]), "train", f"--data={packed}", "--model-architecture=mlp", "--model-width=8",
                                        "--steps=100000000", "--batch=4", "--threads=1", f"--out={folder / damage}"],
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            deadline = time.monotonic() + 60
            while not (folder / damage / "metrics.jsonl").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            if damage == "cut":
                os.truncate(packed, 200_000)
            else:
                with open(packed, "r+b") as file:
                    file.seek(200_000)
                    file.write(bytes(400_000))
            _, error = process.communicate(timeout=60)
            assert process.returncode == 3 and said in error.splitlines()[-1], (process.returncode, error)


if __name__ == "__main__":
    main()
