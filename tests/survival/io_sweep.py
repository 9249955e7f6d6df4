#!/usr/bin/env python3
"""The n-th call of the I/O of a run fails, for every n until the run ends by itself: after each there is an older checkpoint or the run is
complete, the exit code says whose fault it was, and the same command finishes the run to the byte.

In the short form each n meets one fault, in the long one (FGAN_LONG=1) all of them."""
import errno
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import LONG, main, test  # noqa: E402
from small_run import (FAST, FAULTS, KILLED, KILLED_HALFWAY, KILLS, SHORT, assert_all_whole, assert_finishes, checkpoints, copy, hits,  # noqa: E402
                       preloaded, train, workshop)

READS = {"open-to-read", "read", "list", "stat", "close-read"}
REPEATED = {"open-to-read", "open-to-write", "read", "write", "fsync", "lock"}  # when a signal interrupts them
MAY_GO_UNNOTICED = {"unlink", "lock", "ftruncate", "lseek"}  # what is left lies there; no lock, which is warned of; a torn line, tried


def lost(call, path, fault):
    """Whether output is lost for good when this call fails with this fault."""
    harmless = call in READS | MAY_GO_UNNOTICED or path.endswith(("/log.txt", "/.lock"))
    closed = call == "close-written" and (fault == errno.EINTR or path.endswith("/metrics.jsonl"))  # which was flushed before
    return not harmless and not closed


def allowed_codes(hit, fault, always):
    if fault in (KILLED, KILLED_HALFWAY):
        return {-signal.SIGKILL} if fault == KILLED or hit[0][0] in ("read", "write") else {0}
    if fault == SHORT or (fault == errno.EINTR and not always and hit[0][0] in REPEATED):
        return {0}
    if any(lost(call, path, fault) for call, path in hit):
        return {4}
    return {0, 3, 4}  # a checkpoint that cannot be read is passed over; folders are opened to be flushed


def sweep(before, program_ends, check, within="run", all_faults=FAULTS):
    """before(folder, out): the state a case begins with.  program_ends(folder, out, env): runs the program.  check(folder, out, code)."""
    cases = 0
    with workshop(steps=3) as folder:
        train(folder, "begun", "--steps=2", expect=0)

        def one(slot, at, fault, always):
            out, report = f"run{slot}", folder / f"report{slot}"
            before(folder, out)
            result = program_ends(folder, out, preloaded(folder / out if within == "run" else folder, report, at, fault, always))
            hit = hits(report)
            what = f"call {at} ({hit[:1]}) fails with {errno.errorcode.get(fault, 'half of it')}{' for ever' if always else ''}"
            try:
                if hit:
                    codes = allowed_codes(hit, fault, always)
                    assert result.returncode in codes, f"exit {result.returncode}, expected {codes}"
                    said = result.stderr.splitlines()[-1:]
                    assert result.returncode <= 0 or re.match(r"fgan: (?!internal)", said[0]), said
                else:
                    assert result.returncode == 0, result.returncode
                check(folder, out, result.returncode)
            except AssertionError as problem:
                return what, f"{what}: {problem}\n{result.stderr}"
            return (what if hit else None), None

        with ThreadPoolExecutor(2) as pool:
            for at in itertools.count(1):
                faults = all_faults if LONG else [all_faults[at % len(all_faults)]]
                found = list(pool.map(lambda case: one(*case), [(slot, at, *fault) for slot, fault in enumerate(faults)]))
                cases += len(found)
                wrong = [problem for _, problem in found if problem]
                assert not wrong, "\n".join(wrong)
                if not any(what for what, _ in found):
                    break
    print(f"{cases} cases, {at - 1} calls")


def nothing(folder, out):
    shutil.rmtree(folder / out, ignore_errors=True)


def a_run_of_two_steps(folder, out):
    copy(folder, "begun", out)


def train_with(folder, out, env):
    return train(folder, out, env=env)


def assert_survives(folder, out, code, at_least):
    newest = assert_all_whole(folder, out)
    assert newest >= at_least, "an acknowledged checkpoint is lost"
    assert code != 0 or newest == 3, "the run says that it is done and is not"
    assert_finishes(folder, out, newest)


@test(label="slow")
def a_new_run_survives_the_failure_of_any_call():
    sweep(nothing, train_with, lambda folder, out, code: assert_survives(folder, out, code, 0))


@test(label="slow")
def a_run_that_continues_survives_the_failure_of_any_call():
    sweep(a_run_of_two_steps, train_with, lambda folder, out, code: assert_survives(folder, out, code, 2))


@test(label="slow")
def a_new_run_survives_a_kill_at_any_call():
    sweep(nothing, train_with, lambda folder, out, code: assert_survives(folder, out, code, 0), all_faults=KILLS)


@test(label="slow")
def a_run_that_continues_survives_a_kill_at_any_call():
    sweep(a_run_of_two_steps, train_with, lambda folder, out, code: assert_survives(folder, out, code, 2), all_faults=KILLS)


@test(label="fast")
def what_a_checkpoint_says_is_on_the_disk_before_it_is():
    """No test can cut the power; but what is not flushed in this order would be lost by it."""
    with workshop(steps=2) as folder:
        report = folder / "report"
        train(folder, "deep/run", expect=0, env=preloaded(folder, report, 0, 0, 0))
        calls = [(call, path.removeprefix(str(folder)) or "/") for call, path in hits(report)]
        renames = [at for at, (call, _) in enumerate(calls) if call == "rename"]
        assert len(renames) == 6, calls  # configuration, real samples; samples and checkpoint of two steps
        for at in renames:
            kinds = [call for call, _ in calls[at - 3:at]]
            assert kinds == ["write", "fsync", "close-written"], calls[at - 3:at]
            place = str(Path(calls[at][1]).parent)
            assert calls[at + 1:at + 3] == [("open-to-read", place), ("fsync", place)], calls[at:at + 3]

        def flushed_between(path, begin, end):
            return ("fsync", path) in calls[begin:end]
        first = next(at for at in renames if "/checkpoints/" in calls[at][1])
        for at, (call, path) in enumerate(calls):
            if call == "mkdir":
                assert flushed_between(str(Path(path).parent), at, first), f"{path} is not on the disk"
        for at in [at for at in renames if "/checkpoints/" in calls[at][1]]:
            written = max(i for i, call in enumerate(calls[:at]) if call == ("write", "/deep/run/metrics.jsonl"))
            assert flushed_between("/deep/run/metrics.jsonl", written, at), "metrics are not on the disk"
        created = calls.index(("open-to-write", "/deep/run/metrics.jsonl"))
        assert flushed_between("/deep/run", created, first), "the name of the metrics is not on the disk"


@test(label="slow")
def sampling_survives_the_failure_of_any_call_and_changes_nothing_of_the_run():
    def sample(folder, out, env):
        program = os.path.abspath(os.environ["FGAN"])
        return subprocess.run([program, "sample", str(folder / out), "--count=2", f"--output={folder / (out + '.png')}"],
                              env={**FAST, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def check(folder, out, code):
        assert sorted(checkpoints(folder / out)) == [1, 2]
        assert assert_all_whole(folder, out) == 2
        picture = folder / (out + ".png")
        assert code != 0 or picture.exists(), "the samples are not there"
        if picture.exists():
            assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and picture.read_bytes()[-8:-4] == b"IEND", "half a picture"
            picture.unlink()
    sweep(a_run_of_two_steps, sample, check, within="all")


if __name__ == "__main__":
    main()
