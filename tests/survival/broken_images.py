#!/usr/bin/env python3
"""Folders of damaged pictures: training goes on, each is named once, memory stays what the good ones need."""
import io
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import LONG, fgan, main, temporary_folder, test  # noqa: E402
from small_run import FAST  # noqa: E402

BAD, GOOD = (5000, 500) if LONG else (400, 100)
MEGABYTES = 64  # that memory may grow by
STEERING = "two\nlines\x1b[31m\x9b.png"


def pictures(count, seed=3):
    """(suffix, bytes) of PNG and baseline and progressive JPEG in turn."""
    numbers = np.random.default_rng(seed)
    for number in range(count):
        side = int(numbers.integers(20, 90))
        image = Image.fromarray(numbers.integers(0, 256, (side, side + 5, 3), dtype=np.uint8)).resize((side + 9, side))
        file = io.BytesIO()
        image.save(file, *(("PNG",) if number % 2 else ("JPEG",)), **({} if number % 2 else {"progressive": number % 4 == 0}))
        yield ("png" if number % 2 else "jpg"), file.getvalue()


def flipped(bytes_, numbers, _):
    damaged = bytearray(bytes_)
    for _ in range(numbers.randint(1, 20)):
        damaged[numbers.randrange(len(damaged))] ^= 1 << numbers.randrange(8)
    return bytes(damaged)


def huge(bytes_, numbers, _):
    """Sides of up to 65535 in the header; a PNG's checksum does not hold any more."""
    frame = 16 if bytes_[:4] == b"\x89PNG" else re.search(rb"\xff[\xc0\xc2]\0\x11\x08", bytes_).end() - 2
    size = bytes(numbers.randrange(256) for _ in range(4))
    return bytes_[:frame + 2] + size + bytes_[frame + 6:]


DAMAGES = {  # name: (what is made of a good file, whether it is bad for certain)
    "flipped": (flipped, False),
    "huge": (huge, False),
    "spliced": (lambda b, n, other: b[:n.randrange(len(b))] + other[n.randrange(len(other)):], False),
    "cut": (lambda b, n, _: b[:n.randrange(len(b) - 2)], True),
    "empty": (lambda *_: b"", True),
    "text": (lambda b, n, _: b"<html>404 not found</html>\n" * n.randint(1, 9), True),
    "zeros": (lambda b, n, _: bytes(len(b)), True),
    "shuffled": (lambda b, n, _: b[:2] + bytes(n.randrange(256) for _ in b[2:]), True),
}


def fill(folder, bad):
    """Writes GOOD good pictures and `bad` others.  Returns the names of those that are bad for certain and of those that may be."""
    folder.mkdir()
    files = list(pictures(GOOD))
    for number, (suffix, content) in enumerate(files):
        (folder / f"good-{number}.{suffix}").write_bytes(content)
    numbers, certain, possible = random.Random(5), set(), set()
    for number in range(bad):
        kind = list(DAMAGES)[number % len(DAMAGES)]
        damage, is_certain = DAMAGES[kind]
        suffix, content = numbers.choice(files)
        name = f"bad-{number}-{kind}.{suffix}"
        (folder / name).write_bytes(damage(content, numbers, numbers.choice(files)[1]))
        (certain if is_certain else possible).add(name)
    return certain, possible


def add_oddities(folder):
    """What is no file.  Returns the names of those that count as pictures."""
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    (folder / "gone.png").symlink_to("nowhere")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "again").symlink_to(".")
    (folder / STEERING).write_bytes(b"\x89PNG\r\n\x1a\n")
    return {"gone.png", "loop.jpg", STEERING}


def train(data, out, memory):
    """Two epochs and more.  Returns what was said and the peak of resident memory in KiB."""
    images = sum(1 for _ in data.iterdir())
    command = [os.path.abspath(os.environ["FGAN"]), "train", f"--data={data}", "--data-size=16", f"--data-memory={memory}", "--divergence=kl",
               "--model-architecture=mlp", "--model-width=8", "--train-batch=50", f"--train-steps={images * 5 // 100}", "--log-every=50",
               "--device-threads=1", f"--out={out}"]
    environment = {**FAST, "ASAN_OPTIONS": "quarantine_size_mb=4"}  # that sanitizer keeps what is freed for a while
    with open(f"{out}.err", "w+b") as said:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        peak = 0
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak, *map(int, re.findall(r"VmHWM:\s+(\d+)", status))])
            time.sleep(0.005)
        said.seek(0)
        text = said.read().decode("utf-8")
    assert process.returncode == 0, f"exit {process.returncode}\n{text[-2000:]}"
    return text, peak


def named(log, data):
    """{name of a picture: how often the log names it as left out}."""
    counts = {}
    for line in log.splitlines():
        found = re.search(r"an image is left out.*?'" + re.escape(str(data)) + r"/(.*?)'", line)
        if found:
            counts[found[1]] = counts.get(found[1], 0) + 1
    return counts


def as_printed(name):
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda control: "?" * len(control[0].encode()), name)


@test(label="fast")
def training_goes_on_over_thousands_of_damaged_pictures_and_names_each_once():
    with temporary_folder() as folder:
        certain, possible = fill(folder / "bad", BAD)
        fill(folder / "good", 0)
        certain |= add_oddities(folder / "bad")
        check = fgan("data", "check", folder / "bad", "--data-size=16", expect=3)
        bad, images = map(int, re.search(r"(\d+) of (\d+) images cannot be decoded", check.stderr).groups())
        grown = {}
        for memory in (4096, 0):
            text, peak = train(folder / "bad", folder / f"run-{memory}", memory)
            _, least = train(folder / "good", folder / f"least-{memory}", memory)
            grown[memory] = (peak - least) / 1024
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), "a file's name reaches the terminal as it is"
            log = (folder / f"run-{memory}/log.txt").read_text(encoding="utf-8")
            counts = named(log, folder / "bad")
            assert all(count == 1 for count in counts.values()), {name: count for name, count in counts.items() if count > 1}
            missing = {as_printed(name) for name in certain} - set(counts)
            assert not missing, f"{len(missing)} are not named, such as {sorted(missing)[:3]}"
            assert set(counts) <= {as_printed(name) for name in certain | possible}, "a good picture is left out"
            assert len(counts) == bad, f"{len(counts)} are named, data check counts {bad}"
            assert f"{bad} of the " in text if memory else f" {bad} of {images} by now" in text, "the count is wrong"
            shutil.rmtree(folder / f"run-{memory}")
        print(f"{bad} bad of {images}; memory above that for the good ones, MiB: {grown}")
        assert max(grown.values()) < MEGABYTES, grown


if __name__ == "__main__":
    main()
