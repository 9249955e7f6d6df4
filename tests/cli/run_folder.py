#!/usr/bin/env python3
"""The folder of a run: one writer, what killed processes leave, which checkpoints stay, and what a changed configuration does."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, test  # noqa: E402
from small_data import with_configuration  # noqa: E402

setting = with_configuration("""
[data]
path = train-images-idx3-ubyte
[model]
architecture = mlp
width = 8
[game]
divergence = kl
[train]
steps = 8
batch = 8
checkpoint_every = 2
[log]
every = 1
samples = 1
""")


def train(folder, *options, expect=0, out="run"):
    return fgan("train", "config.ini", f"--out={out}", *options, cwd=folder, expect=expect)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def steps(run):
    return sorted(int(path.stem) for path in (run / "checkpoints").glob("0*"))


def last_line(result):
    return result.stderr.splitlines()[-1]


def started(folder, *options):
    """A run that goes on until it is told to stop, past its first checkpoint."""
    process = subprocess.Popen([os.environ["FGAN"], "train", "config.ini", "--out=run", "--steps=100000000", *options], cwd=folder,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(folder.glob("run/checkpoints/0*")):
        assert process.poll() is None, process.returncode
        time.sleep(0.01)
    return process


@test(label="fast")
@setting
def a_second_writer_is_refused_with_the_name_of_the_first_and_sampling_is_not(folder):
    process = started(folder, "--train-checkpoint-every=50")
    refused = train(folder, expect=4)
    assert f"'run' is in use by process {process.pid} on {os.uname().nodename}" in last_line(refused) and "--out" in last_line(refused), refused.stderr
    for _ in range(5):
        fgan("sample", "run", "--count=1", "--output=sample.png", cwd=folder)
    train(folder, "--dry-run", "--steps=100000001")
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 75
    assert ".lock" not in names(folder / "run")
    train(folder, "--steps=1")


@test(label="fast")
@setting
def what_a_killed_run_leaves_is_no_obstacle_and_is_cleared_away(folder):
    process = started(folder)
    process.kill()
    process.wait()
    assert ".lock" in names(folder / "run")
    left = folder / "run/checkpoints/.0123456789abcdef.fgan-tmp"
    left.write_bytes(b"half a checkpoint")
    (folder / "run/.notes").write_text("of somebody else")
    newest = steps(folder / "run")[-1]
    text = train(folder, f"--steps={newest + 1}").stderr
    assert f"continuing run at step {newest} of" in text, text
    assert not left.exists() and ".lock" not in names(folder / "run") and ".notes" in names(folder / "run")


@test(label="fast")
@setting
def a_start_that_was_killed_before_it_wrote_anything_is_no_foreign_folder(folder):
    (folder / "run").mkdir()
    (folder / "run/.lock").write_text("process 1 on a host that is gone")
    (folder / "run/.0123456789abcdef.fgan-tmp").write_text("[data]")
    train(folder)
    assert names(folder / "run") == ["checkpoints", "config.ini", "log.txt", "metrics.jsonl", "reals.png", "samples"]


@test(label="fast")
@setting
def a_folder_of_somebody_else_is_refused_and_left_as_it_is(folder):
    (folder / "run").mkdir()
    (folder / "run/thesis.tex").write_text("years of work")
    assert "holds something else" in last_line(train(folder, expect=2))
    assert names(folder / "run") == ["thesis.tex"]


@test(label="fast")
@setting
def the_newest_the_multiples_and_the_best_checkpoint_stay(folder):
    train(folder, "--steps=20", "--train-keep=1", "--train-keep-every=6")
    assert steps(folder / "run") == [6, 12, 18, 20]
    train(folder, "--steps=20", "--train-keep=1", "--train-keep-best", out="best")
    bounds = {line["step"]: line["bound"] for line in map(json.loads, (folder / "best/metrics.jsonl").read_text().splitlines())}
    means = {step: (bounds[step - 1] + bounds[step]) / 2 for step in range(2, 21, 2)}
    best = min(means, key=means.get)
    assert steps(folder / "best") == sorted({best, 20}), (steps(folder / "best"), means)
    assert f"checkpoint {best} has the lowest mean bound" in (folder / "best/log.txt").read_text()


@test(label="fast")
@setting
def a_damaged_newer_checkpoint_neither_counts_nor_goes_when_old_ones_are_removed(folder):
    train(folder, "--train-keep=9")
    damaged = folder / "run/checkpoints/00000008.safetensors"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    (folder / "run/checkpoints/00000006.safetensors").unlink()
    text = train(folder, "--steps=7", "--train-keep=1").stderr
    assert "passed over" in text and "00000008" in text and "is damaged" in text and "continuing run at step 4 of 7" in text, text
    assert steps(folder / "run") == [6, 7, 8] and damaged.read_bytes() == content


@test(label="fast")
@setting
def continuing_cuts_metrics_and_samples_back_to_the_checkpoint(folder):
    train(folder, "--train-keep=9")
    for step in (6, 8):
        (folder / f"run/checkpoints/{step:08d}.safetensors").unlink()
    with open(folder / "run/log.txt", "a") as log:
        log.write("a torn li")
    train(folder, "--steps=5", "--log-sample-every=100")
    assert [json.loads(line)["step"] for line in (folder / "run/metrics.jsonl").read_text().splitlines()] == [1, 2, 3, 4, 5]
    assert [path[:8] for path in names(folder / "run/samples")] == ["00000002", "00000004", "00000005"]
    assert "a torn li\n" in (folder / "run/log.txt").read_text()


@test(label="fast")
@setting
def a_changed_configuration_counts_from_the_checkpoint_on_when_that_is_allowed(folder):
    train(folder, "--steps=4")
    refused = last_line(train(folder, "--optimizer-learning-rate=0.01", expect=2))
    assert ("--allow-config-change: critic.learning_rate: 0.0002 in the checkpoint, 0.01 now; generator.learning_rate: 0.0002 in the "
            "checkpoint, 0.01 now") in refused, refused
    text = train(folder, "--optimizer-learning-rate=0.01", "--allow-config-change").stderr
    assert "warning: run goes on with another configuration from step 4: " in text and "learning_rate" in text, text
    train(folder, "--optimizer-learning-rate=0.01", "--steps=9")
    assert "--allow-config-change" in last_line(train(folder, "--steps=10", expect=2))
    assert "width" in last_line(train(folder, "--optimizer-learning-rate=0.01", "--steps=10", "--model-width=9", expect=2))
    train(folder, "--optimizer-learning-rate=0.01", "--steps=10", "--model-width=9", "--allow-config-change", expect=2)
    assert steps(folder / "run")[-1] == 9


@test(label="fast")
@setting
def fewer_steps_than_a_run_has_are_told_as_such(folder):
    train(folder, "--steps=6")
    assert "run has 6 steps, more than train.steps = 2 asks for: it stays as it is" in last_line(train(folder, "--steps=2"))
    assert "run is finished: step 6 of 6" in last_line(train(folder, "--steps=6"))


if __name__ == "__main__":
    main()
