#!/usr/bin/env python3
"""fgan data convert when the n-th call of its I/O fails, for every n, and when the disk fills up at any byte: there is a whole file or none,
and the exit code says whose fault it was."""
import itertools
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import LONG, fgan, main, test  # noqa: E402
from small_run import FAST, FAULTS, KILLS, hits, preloaded, workshop  # noqa: E402


def convert(folder, env=None, **how):
    (folder / "out").mkdir(exist_ok=True)
    return subprocess.run([os.path.abspath(os.environ["FGAN"]), "data", "convert", str(folder / "images-idx3-ubyte"), str(folder / "out" / "packed")],
                          env={**FAST, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, **how)


def assert_whole_or_none(folder, whole, result, killed=False, lost=frozenset()):
    left = {path.name: path for path in (folder / "out").iterdir()}
    packed = left.pop("packed", None)
    assert packed is not None or result.returncode != 0, "it says that it is done, and there is no file"
    assert packed is None or packed.read_bytes() == whole, "a file that is not whole"
    assert not left or killed or "unlink" in lost, left
    for path in (*left.values(), *([packed] if packed else [])):
        path.unlink()


def whole_file(folder):
    assert convert(folder).returncode == 0
    fgan("data", "check", folder / "out" / "packed")
    whole = (folder / "out" / "packed").read_bytes()
    (folder / "out" / "packed").unlink()
    return whole


@test(label="slow")
def packing_survives_the_failure_of_any_call_and_a_kill_at_any():
    with workshop(steps=1) as folder:
        whole, report, cases = whole_file(folder), folder / "report", 0
        for at in itertools.count(1):
            faults, met = [*FAULTS, *KILLS], False
            for fault, always in faults if LONG else [faults[at % len(faults)]]:
                result = convert(folder, preloaded(folder, report, at, fault, always))
                hit = hits(report)
                met, cases = met or bool(hit), cases + 1
                killed = result.returncode == -9
                assert killed or result.returncode in (0, 3, 4), (at, fault, hit, result)
                assert killed or result.returncode == 0 or re.match(r"fgan: (?!internal)", result.stderr.splitlines()[-1]), result.stderr
                assert_whole_or_none(folder, whole, result, killed, {call for call, _ in hit})
            if not met:
                break
        assert at > 10, "no call was met"
        print(f"{cases} cases, {at - 1} calls")


@test(label="fast")
def a_limit_of_the_file_size_is_an_error_of_the_output_and_leaves_nothing():
    with workshop(steps=1) as folder:
        whole = whole_file(folder)
        for limit in (*range(0, len(whole), 64 if LONG else 1024), len(whole)):
            result = convert(folder, preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            assert result.returncode == (4 if limit < len(whole) else 0), f"limit {limit}: exit {result.returncode}\n{result.stderr}"
            assert result.returncode == 0 or "File too large" in result.stderr, result.stderr
            assert_whole_or_none(folder, whole, result)


if __name__ == "__main__":
    main()
