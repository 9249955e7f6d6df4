#!/usr/bin/env python3
"""Whole runs from the command line: what a run folder holds, and that continuing is continuing."""
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, temporary_folder, test  # noqa: E402
from small_data import strokes, write_idx  # noqa: E402

INI = """
[data]
path = train-images-idx3-ubyte
[model]
architecture = {architecture}
width = {width}
[optimizer]
schedule = cosine
horizon = 60
warmup = 5
[game]
divergence = {divergence}
{game}
[train]
steps = 60
batch = 16
checkpoint_every = 20
average = 0.9
{train}
[log]
every = 10
samples = 4
"""


def configuration(folder, architecture="mlp", width=24, divergence="kl", game="", train="", images=200):
    write_idx(folder / "train-images-idx3-ubyte", strokes(images))
    (folder / "config.ini").write_text(INI.format(architecture=architecture, width=width, divergence=divergence, game=game, train=train))


def checkpoints(run):
    return {path.name: path.read_bytes() for path in sorted((Path(run) / "checkpoints").iterdir())}


def metrics(run):
    lines = [json.loads(line) for line in (Path(run) / "metrics.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("images_per_s")
    return lines


def pictures(run):
    return {path.name: path.read_bytes() for path in sorted((Path(run) / "samples").iterdir())}


def assert_equal_runs(a, b):
    assert checkpoints(a) == checkpoints(b), "checkpoints differ"
    assert metrics(a) == metrics(b), "metrics differ"
    assert pictures(a) == pictures(b), "samples differ"


def continuing_equals_not_stopping(**what):
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder, **what)
        fgan("train", "config.ini", "--out=whole", cwd=folder)
        for steps in (7, 40, 60):   # within an epoch of 12.5 steps, and across several
            fgan("train", "config.ini", "--out=parts", f"--steps={steps}", cwd=folder)
        assert metrics(folder / "whole")[-1]["step"] == 60
        last = "00000060.safetensors"
        assert checkpoints(folder / "whole")[last] == checkpoints(folder / "parts")[last], "weights differ"
        assert [m for m in metrics(folder / "parts") if m["step"] in (1, 10, 30, 50, 60)] == [
            m for m in metrics(folder / "whole") if m["step"] in (1, 10, 30, 50, 60)]


@test(label="fast")
def continuing_an_mlp_equals_not_stopping():
    continuing_equals_not_stopping()


@test(label="fast")
def continuing_with_three_critic_steps_equals_not_stopping():
    continuing_equals_not_stopping(game="rule = alternating\ncritic_steps = 3\nobjective = non-saturating")


@test(label="fast")
def continuing_a_dcgan_with_fresh_fakes_equals_not_stopping():
    continuing_equals_not_stopping(architecture="dcgan", width=4, divergence="gan", game="rule = alternating\nfresh_fakes = true")


@test(label="fast")
def continuing_a_single_step_dcgan_equals_not_stopping():
    continuing_equals_not_stopping(architecture="dcgan", width=4, divergence="jeffrey", game="objective = non-saturating\nlabel_smoothing = 0.1")


@test(label="fast")
def the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", "--out=a", cwd=folder)
        fgan("train", "config.ini", "--out=elsewhere/b", cwd=folder)
        fgan("train", "config.ini", "--out=c", "--seed=2", cwd=folder)
        assert_equal_runs(folder / "a", folder / "elsewhere/b")
        assert checkpoints(folder / "a") != checkpoints(folder / "c")


@test(label="fast")
def a_killed_run_continues_from_its_newest_checkpoint():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder, train="keep = 9")
        fgan("train", "config.ini", "--out=whole", cwd=folder)
        fgan("train", "config.ini", "--out=parts", "--steps=40", cwd=folder)
        (folder / "parts/checkpoints/00000040.safetensors").unlink()   # as if killed before step 40 was saved
        with open(folder / "parts/metrics.jsonl", "a") as file:
            file.write('{"step": 47, "torn')
        fgan("train", "config.ini", "--out=parts", cwd=folder)
        assert_equal_runs(folder / "whole", folder / "parts")


@test(label="fast")
def a_damaged_newest_checkpoint_is_passed_over_and_named():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder, train="keep = 9")
        fgan("train", "config.ini", "--out=whole", cwd=folder)
        fgan("train", "config.ini", "--out=parts", "--steps=40", cwd=folder)
        damaged = folder / "parts/checkpoints/00000040.safetensors"
        damaged.write_bytes(damaged.read_bytes()[:-100])
        assert "00000040" in fgan("train", "config.ini", "--out=parts", cwd=folder).stderr
        assert_equal_runs(folder / "whole", folder / "parts")
        for path in (folder / "parts/checkpoints").iterdir():
            path.write_bytes(b"x" * 100)
        assert "checkpoints" in fgan("train", "config.ini", "--out=parts", cwd=folder, expect=3).stderr


@test(label="fast")
def a_finished_run_changes_nothing():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", cwd=folder)
        run = folder / "runs/config-kl"
        before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in run.rglob("*") if path.is_file()}
        assert "finished" in fgan("train", "config.ini", cwd=folder).stderr
        assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in run.rglob("*") if path.is_file()}


@test(label="fast")
def a_run_folder_holds_what_the_contract_says():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", "--divergence=pearson", cwd=folder)
        run = folder / "runs/config-pearson"
        assert sorted(path.name for path in run.iterdir()) == ["checkpoints", "config.ini", "log.txt", "metrics.jsonl", "reals.png", "samples"]
        assert sorted(checkpoints(run)) == [f"{step:08d}.safetensors" for step in (20, 40, 60)]
        assert all(data.startswith(b"\x89PNG") for data in pictures(run).values()) and "00000060.png" in pictures(run)
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        assert [line["step"] for line in lines] == [1, 10, 20, 30, 40, 50, 60]
        wanted = {"bound", "bound_se", "true_positive", "true_negative", "critic_mean_real", "critic_mean_fake", "capped", "images_per_s"}
        assert all(wanted <= line.keys() for line in lines)
        assert "pearson" in (run / "config.ini").read_text() and "pearson" in (run / "log.txt").read_text()
        fgan("train", str(run / "config.ini"), "--out=again", cwd=folder)
        assert checkpoints(run) == checkpoints(folder / "again"), "the resolved configuration is not the configuration"


@test(label="fast")
def a_changed_configuration_is_refused_and_named():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", "--out=run", "--steps=20", cwd=folder)
        text = fgan("train", "config.ini", "--out=run", "--batch=8", cwd=folder, expect=2).stderr
        assert "train.batch" in text and "16" in text and "8" in text
        assert "keep" not in text


@test(label="fast")
def other_data_is_refused_and_the_same_data_elsewhere_is_not():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", "--out=run", "--steps=5", cwd=folder)
        write_idx(folder / "elsewhere", strokes(200))
        fgan("train", "config.ini", "--out=run", "--steps=8", "--data=elsewhere", cwd=folder)
        write_idx(folder / "train-images-idx3-ubyte", strokes(201))
        text = fgan("train", "config.ini", "--out=run", "--steps=10", cwd=folder, expect=2).stderr
        assert "other data" in text and "201 grey images" in text and "--out" in text, text
        assert sorted(path.name for path in (folder / "run/checkpoints").iterdir())[-1] == "00000008.safetensors"


@test(label="fast")
def term_ends_with_75_and_a_checkpoint_and_the_same_command_continues():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder, train="keep = 99")
        command = [os.environ["FGAN"], "train", "config.ini", "--steps=3000", "--train-checkpoint-every=1000", "--optimizer-horizon=3000"]
        process = subprocess.Popen(command + ["--out=parts"], cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not (folder / "parts/metrics.jsonl").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, text = process.communicate(timeout=60)
        assert process.returncode == 75, (process.returncode, text)
        assert checkpoints(folder / "parts"), "no checkpoint"
        for out in ("parts", "whole"):
            subprocess.run(command + ["--out=" + out], cwd=folder, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last = "00003000.safetensors"
        assert checkpoints(folder / "whole")[last] == checkpoints(folder / "parts")[last]


@test(label="fast")
def max_time_ends_with_75():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", "--steps=100000000", "--max-time=1s", "--out=run", cwd=folder, expect=75)
        assert checkpoints(folder / "run")


@test(label="fast")
def samples_drawn_later_are_those_drawn_at_the_end():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder, architecture="dcgan", width=4)
        fgan("train", "config.ini", "--out=run", cwd=folder)
        fgan("sample", "run", "--count=4", "--output=later.png", cwd=folder)
        assert (folder / "later.png").read_bytes() == pictures(folder / "run")["00000060.png"]
        fgan("sample", "run/checkpoints/00000060.safetensors", "--count=4", "--output=file.png", cwd=folder)
        assert (folder / "later.png").read_bytes() == (folder / "file.png").read_bytes()
        fgan("sample", "nowhere", cwd=folder, expect=3)


@test(label="fast")
def output_that_cannot_be_written_is_exit_4_and_leaves_no_folder():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        (folder / "file").write_text("")
        fgan("train", "config.ini", "--out=/proc/1/task/run", cwd=folder, expect=4)
        fgan("train", "config.ini", "--out=file/run", cwd=folder, expect=4)

        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        full = subprocess.run([os.environ["FGAN"], "train", "config.ini", "--out=full"], cwd=folder, preexec_fn=small_files,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert full.returncode == 4, (full.returncode, full.stderr)
        assert "full/" in full.stderr
        assert not list((folder / "full/checkpoints").iterdir()), "a torn checkpoint was left"


@test(label="fast")
def no_run_folder_remains_of_a_run_that_never_started():
    with temporary_folder() as folder:
        folder = Path(folder)
        configuration(folder)
        fgan("train", "config.ini", "--data=missing", cwd=folder, expect=3)
        fgan("train", "config.ini", "--model-architecture=dcgan", "--model-depth=5", cwd=folder, expect=2)
        fgan("train", "config.ini", "--divergence=total-variation", "--parametrization=log-ratio", cwd=folder, expect=2)
        fgan("train", "config.ini", "--dump-step=x", cwd=folder, expect=2)
        assert not (folder / "runs").exists()


if __name__ == "__main__":
    main()
