"""A run of a few kilobytes, its uninterrupted twin, and what must hold of a folder after anything has happened to it; and faults to happen."""
import contextlib
import errno
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from small_data import strokes, write_idx  # noqa: E402

INI = """
[data]
path = images-idx3-ubyte
[model]
architecture = mlp
width = 6
depth = 1
latent = 3
normalization = virtual-batch
reference_rows = 4
[game]
divergence = jensen-shannon
rule = alternating
[train]
batch = 4
checkpoint_every = 1
keep = 3
average = 0.9
steps = {steps}
[log]
every = 1
samples = 1
[device]
threads = 1
"""
FAST = {**os.environ, "GOMP_SPINCOUNT": "1", "OMP_NUM_THREADS": "1"}  # the program need not start itself anew

SHORT, KILLED, KILLED_HALFWAY = 0, -1, -2
KILLS = [(KILLED, 0), (KILLED_HALFWAY, 0)]
FAULTS = [(fault, always) for always in (0, 1) for fault in (errno.EIO, errno.ENOSPC, errno.EINTR, errno.EDQUOT, SHORT)]


@contextlib.contextmanager
def workshop(steps):
    """A folder in memory where there is one, with data, configuration and `whole`, an uninterrupted run that kept all its checkpoints."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fgan-test-", dir=memory) as name:
        folder = pathlib.Path(name)
        write_idx(folder / "images-idx3-ubyte", strokes(40, size=8))
        (folder / "config.ini").write_text(INI.format(steps=steps))
        train(folder, "whole", "--train-keep=1000000", expect=0)
        yield folder


def command(folder, out, *options):
    return [os.path.abspath(os.environ["FGAN"]), "train", str(folder / "config.ini"), f"--out={folder / out}", *options]


def train(folder, out, *options, expect=None, env=None, timeout=120, **how):
    result = subprocess.run(command(folder, out, *options), env={**FAST, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=timeout, **how)
    assert expect is None or result.returncode == expect, f"exit {result.returncode}, expected {expect}:\n{result.stderr}"
    return result


def checkpoints(run):
    """{step: path} of what has a checkpoint's name."""
    found = {}
    for path in (run / "checkpoints").glob("*.safetensors"):
        with contextlib.suppress(FileNotFoundError):
            if not path.name.startswith("."):
                found[int(path.stem)] = path
    return found


def metrics(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "images_per_s"} for line in lines]


def assert_all_whole(folder, out):
    """Every checkpoint of the run is that of the uninterrupted run, byte for byte.  Returns the newest step, 0 without any."""
    found = checkpoints(folder / out)
    for step, path in found.items():
        whole = folder / "whole/checkpoints" / path.name
        assert path.read_bytes() == whole.read_bytes(), f"the checkpoint of step {step} is not that of the uninterrupted run"
    return max(found, default=0)


def assert_finishes(folder, out, at_least):
    """The same command ends the run, from a step >= at_least, and everything is as if nothing had happened."""
    text = train(folder, out, expect=0).stderr
    begun = re.search(r"continuing .* at step (\d+) of|is finished: step (\d+) of", text)
    step = int(begun[1] or begun[2]) if begun else 0
    assert step >= at_least, f"step {at_least} was there, the run went on from {step}:\n{text}"
    last = assert_all_whole(folder, out)
    assert last == max(checkpoints(folder / "whole")), last
    assert metrics(folder / out) == metrics(folder / "whole"), "metrics differ"
    for picture in (folder / "whole/samples").iterdir():
        assert picture.read_bytes() == (folder / out / "samples" / picture.name).read_bytes(), picture.name
    left = [path.name for path in (folder / out).rglob(".*")]
    assert not left, f"left behind: {left}"


def copy(folder, source, out):
    shutil.rmtree(folder / out, ignore_errors=True)
    shutil.copytree(folder / source, folder / out)


def preloaded(below, report, at, fault, always):
    report.unlink(missing_ok=True)
    return {"LD_PRELOAD": os.environ["FAIL_IO"], "FAIL_IO_BELOW": str(below), "FAIL_IO_AT": str(at), "FAIL_IO_WITH": str(fault),
            "FAIL_IO_ALWAYS": str(always), "FAIL_IO_REPORT": str(report), "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


def hits(report):
    return [tuple(line.split(" ", 1)) for line in report.read_text().splitlines()] if report.exists() else []
