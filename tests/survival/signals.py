#!/usr/bin/env python3
"""Signals end a run with a checkpoint and exit code 75, whenever they come; USR2 asks for a checkpoint and does not end it."""
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from harness import LONG, fgan, main, temporary_folder, test  # noqa: E402
from small_data import strokes, with_configuration  # noqa: E402

INI = """
[data]
path = train-images-idx3-ubyte
[model]
architecture = mlp
width = 16
[train]
steps = 400
batch = 8
checkpoint_every = 150
keep = 99
[log]
every = 20
samples = 4
"""
UNBEGUN = "nothing was begun"
PROMPT = 5  # seconds from the signal to the end


def heed_int():
    """What a shell starts in the background ignores INT, and so would we here."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Running:
    """The program, already able to take signals."""
    def __init__(self, folder, *words):
        command = [os.path.abspath(os.environ["FGAN"]), *words]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=heed_int)
        self.wait_for(self.takes_signals)

    def takes_signals(self):
        """After the first act of main TERM is blocked or caught (proc(5))."""
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        except OSError:
            return False
        masks = {key: int(value, 16) for key, value in (line.split(":\t") for line in lines if line.startswith(("SigBlk", "SigCgt")))}
        return any(mask >> (signal.SIGTERM - 1) & 1 for mask in masks.values())

    def wait_for(self, happened, seconds=120):
        end = time.monotonic() + seconds
        while not happened() and self.process.poll() is None:
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.002)

    def stop(self, *signals, pause=0.1):
        """Exit code, what was said, and seconds from the first signal to the end."""
        begin = time.monotonic()
        for count, number in enumerate(signals):
            time.sleep(pause if count else 0)
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=120)
        return self.process.returncode, said, time.monotonic() - begin


def newest(run):
    return max((run / "checkpoints").glob("*.safetensors"), default=None)


def state_of(run):
    """Everything in a run's folder that does not tell the time."""
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*")
            if path.is_file() and path.name not in (".lock", "log.txt", "metrics.jsonl", "config.ini")}


def whole_run(folder):
    begin = time.monotonic()
    fgan("train", "config.ini", "--out=whole", cwd=folder)
    return state_of(folder / "whole"), time.monotonic() - begin


def stop_at_a_random_time(folder, run, moments, seconds):
    """Exit code of a program that was told to stop, and whether it said that nothing was begun."""
    before = newest(run) if run.exists() else None
    program = Running(folder, "train", "config.ini", f"--out={run.name}")
    time.sleep(moments.uniform(0, seconds) * moments.choice((1, 1, 0.1)))  # often while it begins
    code, said, took = program.stop(moments.choice((signal.SIGTERM, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)))
    assert code in (0, 75), (code, said)
    assert took < PROMPT, f"{took:.1f} s until it stopped"
    assert not list(folder.rglob(".*tmp")), "a temporary was left"
    unbegun = UNBEGUN in said
    if unbegun:
        assert (newest(run) if run.exists() else None) == before, "something was written by a run that said it was not begun"
    elif code == 75:
        fgan("sample", newest(run), "--count=1", "--output=readable.png", cwd=folder)
    return code, unbegun


def stopped_at_random_times(folder, times, seed):
    """Stops until `times` runs were stopped with a checkpoint, each up to three times."""
    whole, seconds = whole_run(folder)
    moments = random.Random(seed)
    unbegun = stopped = runs = 0
    while runs < times:
        run = folder / f"run{runs}"
        with_checkpoint = 0
        for _ in range(3):
            code, early = stop_at_a_random_time(folder, run, moments, seconds)
            unbegun += early
            with_checkpoint += code == 75 and not early
            if code == 0:
                seconds *= 0.9  # the machine was busier when it was timed
                break
        fgan("train", "config.ini", f"--out={run.name}", cwd=folder)
        now = state_of(run)
        different = [name for name in whole if now.get(name) != whole[name]]
        assert not different, f"run {runs} differs from the uninterrupted one in {different}"
        stopped += with_checkpoint
        runs += with_checkpoint > 0
        shutil.rmtree(run)
    print(f"{runs} runs: {stopped} times stopped with a checkpoint, {unbegun} times before the first step")


@test(label="fast")
@with_configuration(INI)
def a_run_stopped_at_random_times_ends_with_the_bytes_of_an_uninterrupted_one(folder):
    stopped_at_random_times(folder, 200 if LONG else 20, seed=1)


@test(label="fast threads")
@with_configuration(INI)
def a_few_runs_stopped_at_random_times_under_the_thread_sanitizer(folder):
    stopped_at_random_times(folder, 3, seed=2)


@test(label="fast threads")
@with_configuration(INI)
def usr2_writes_a_checkpoint_and_training_goes_on(folder):
    whole, _ = whole_run(folder)
    endless = ("train", "config.ini", "--out=run", "--train-checkpoint-every=1000000000", "--log-every=1")
    program = Running(folder, *endless, "--steps=1000000000")
    for _ in range(2):
        before = newest(folder / "run")
        program.process.send_signal(signal.SIGUSR2)
        program.wait_for(lambda: newest(folder / "run") != before)
    at_usr2 = int(newest(folder / "run").stem)
    lines = len((folder / "run/metrics.jsonl").read_text().splitlines())
    program.wait_for(lambda: len((folder / "run/metrics.jsonl").read_text().splitlines()) > lines + 2)
    assert program.process.poll() is None, "USR2 ended the run"
    code, said, _ = program.stop(signal.SIGTERM)
    assert code == 75 and said.count("USR2") == 2, (code, said)
    assert int(newest(folder / "run").stem) > at_usr2


@test(label="fast")
@with_configuration(INI)
def a_second_int_leaves_at_once_and_the_first_does_not(folder):
    fast = any(line.split()[:2] == ["cpu", "available"] for line in fgan("list", "devices").stdout.splitlines())
    size = ("--model-width=1500", "--batch=4096") if fast else ("--model-width=300", "--batch=1024")
    slow = ("train", "config.ini", *size, "--train-checkpoint-every=1000", "--threads=1")
    for signals, expected in (((signal.SIGINT, signal.SIGINT), 130), ((signal.SIGINT,), 75)):
        program = Running(folder, *slow, f"--out=run{expected}")
        program.wait_for((folder / f"run{expected}/metrics.jsonl").exists)
        time.sleep(0.2)
        code, said, took = program.stop(*signals)
        assert code == expected, (code, expected, said)
        assert expected == 75 or took < 0.5, f"{took:.1f} s"
        assert bool(newest(folder / f"run{expected}")) == (expected == 75)


def large_pictures(folder, count):
    """A folder that takes long to decode and little room."""
    (folder / "pictures").mkdir()
    Image.fromarray(strokes(1, size=3000)[0]).save(folder / "pictures/0.jpg")
    for number in range(1, count):
        os.link(folder / "pictures/0.jpg", folder / f"pictures/{number}.jpg")


@test(label="fast")
@with_configuration(INI)
def a_signal_while_data_is_decoded_ends_the_run_before_it_began(folder):
    large_pictures(folder, 1000)
    for stop in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        program = Running(folder, "train", "config.ini", "--data=pictures", "--data-size=28", "--out=run")
        time.sleep(0.5)
        code, said, took = program.stop(stop)
        assert code == 75 and UNBEGUN in said and took < 1, (code, said, took)
        assert not (folder / "run").exists()


@test(label="fast")
@with_configuration(INI)
def a_signal_while_a_batch_is_decoded_does_not_wait_for_the_batch(folder):
    large_pictures(folder, 1000)
    as_needed = ("train", "config.ini", "--data=pictures", "--data-size=28", "--data-memory=0", "--out=run", "--threads=1")
    program = Running(folder, *as_needed, "--batch=1000")
    program.wait_for((folder / "run/metrics.jsonl").exists)  # opened before the first batch
    time.sleep(0.3)
    code, said, took = program.stop(signal.SIGTERM)
    assert code == 75 and took < 2, (code, said, took)
    assert newest(folder / "run").stem == "00000000"


@test(label="fast")
@with_configuration(INI)
def a_picture_left_half_drawn_is_drawn_when_the_run_continues(folder):
    many = ("train", "config.ini", "--steps=2", "--model-width=1500", "--threads=1", "--log-samples=4096")
    fgan(*many, "--out=whole", cwd=folder)
    program = Running(folder, *many, "--out=parts")
    metrics = folder / "parts/metrics.jsonl"
    program.wait_for(lambda: metrics.exists() and '"step": 2' in metrics.read_text())  # then comes the picture
    code, said, took = program.stop(signal.SIGTERM)
    assert code == 75 and took < 2 and not list((folder / "parts/samples").iterdir()), (code, took, said)
    fgan(*many, "--out=parts", cwd=folder)
    assert state_of(folder / "parts") == state_of(folder / "whole")


@test(label="fast")
@with_configuration(INI)
def interrupted_samples_leave_nothing_half_written(folder):
    fgan("train", "config.ini", "--out=run", "--steps=1", cwd=folder)
    for output in ("x.npy", "pictures"):
        for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            program = Running(folder, "sample", "run", "-n", "1000000000", "-o", output, "--threads=1")
            time.sleep(0.5)
            code, _, took = program.stop(stop)
            assert code == -stop and took < PROMPT, (code, took)
            assert not (folder / "x.npy").exists()
            assert not list(folder.rglob(".*tmp")), f"{output}: a temporary was left"
    for path in (folder / "pictures").iterdir():
        Image.open(path).load()


@test(label="slow")
@with_configuration(INI)
def a_state_of_100_mb_is_saved_within_5_s_of_a_term_at_any_time(folder):
    large = ("train", "config.ini", "--model-width=1600", "--train-average=0.9", "--steps=1000000000", "--out=run", "--train-keep=1",
             "--train-checkpoint-every=1000000000")
    moments = random.Random(3)
    longest, reached, stopped = 0, -1, 0
    while stopped < (200 if LONG else 3):
        program = Running(folder, *large)
        time.sleep(moments.uniform(0, 3))
        code, said, took = program.stop(signal.SIGTERM)
        assert code == 75 and took < PROMPT, (code, took, said)
        longest = max(longest, took)
        if UNBEGUN not in said:
            checkpoint = newest(folder / "run")
            assert checkpoint.stat().st_size >= 100e6 and int(checkpoint.stem) >= reached, (checkpoint, reached)
            reached = int(checkpoint.stem)
            stopped += 1
    fgan("sample", "run", "--count=1", "--output=readable.png", cwd=folder)
    print(f"{stopped} times {checkpoint.stat().st_size / 1e6:.0f} MB, {reached} steps in all; the longest took {longest:.2f} s")


main()
