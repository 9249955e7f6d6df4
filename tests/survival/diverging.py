#!/usr/bin/env python3
"""Runs whose numbers fail, by learning rates that no game bears: they go back with lower ones and recover, or end with exit code 5 and a
report; killed in between, they end with the bytes of a run that was not."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))
from harness import fgan, main, temporary_folder, test  # noqa: E402
from safetensors import read  # noqa: E402

WILD = ("--preset=mixture", "--divergence=pearson", "--critic-activation=relu", "--optimizer-clip=0", "--batch=256", "--steps=400",
        "--train-checkpoint-every=20", "--train-keep=100", "--log-every=20", "--threads=1")
RISING = "--optimizer-warmup=400"


def wild(folder, rate, *options, out="run", expect=0):
    return fgan("train", *WILD, f"--optimizer-learning-rate={rate}", f"--out={out}", *options, cwd=folder, expect=expect)


def metrics(run):
    return [{**json.loads(line), "images_per_s": 0} for line in (run / "metrics.jsonl").read_text().splitlines()]


def last_checkpoint(run):
    return max((run / "checkpoints").glob("*.safetensors"))


@contextlib.contextmanager
def a_run_that_goes_back_to_a_checkpoint():
    """Folder, options and what was said.  The rate rises until the numbers fail; when depends on the last bits, so a few seeds are tried."""
    with temporary_folder() as folder:
        for seed in range(2, 16):
            options = (RISING, f"--seed={seed}")
            run = fgan("train", *WILD, "--optimizer-learning-rate=1", *options, f"--out=run{seed}", cwd=folder, expect=(0, 5))
            if run.returncode == 0 and "rolled back to run" in run.stderr:
                (folder / f"run{seed}").rename(folder / "whole")
                yield folder, options, run.stderr
                return
        raise AssertionError("with none of the seeds a run went back to a checkpoint and on to its end")


@test(label="fast")
def a_run_whose_numbers_fail_goes_back_to_a_checkpoint_with_half_the_learning_rates_and_recovers():
    with a_run_that_goes_back_to_a_checkpoint() as (folder, options, said):
        rollbacks = len(re.findall("rolled back to", said))
        assert re.search(r"the (critic|generator) left out its last \d\d+ updates", said), said
        assert "the first that is not finite is" in said or "every number is finite; the largest of the gradients is" in said, said
        lines = metrics(folder / "whole")
        assert [line["step"] for line in lines] == [1, *range(20, 401, 20)], "metrics were not cut back"
        assert lines[0]["critic_rate"] == 1 / 400, lines[0]
        assert lines[-1]["generator_rate"] == (400 - lines[-1]["generator_skipped"]) / 400 / 2**rollbacks, lines[-1]
        assert lines[-1]["critic_rate"] == (400 - lines[-1]["critic_skipped"]) / 400 / 2**rollbacks, lines[-1]
        steps = sorted(int(path.stem) for path in (folder / "whole/checkpoints").iterdir())
        assert steps == list(range(20, 401, 20)), steps
        metadata = read(last_checkpoint(folder / "whole")).metadata
        assert metadata["rollbacks"] == str(rollbacks), metadata
        for path in (folder / "whole/checkpoints").iterdir():
            assert all(np.isfinite(tensor).all() for tensor in read(path).tensors.values()), path
        again = wild(folder, 1, *options, out="whole").stderr
        assert "is finished" in again, again


@test(label="fast")
def a_run_killed_after_it_has_gone_back_ends_with_the_bytes_of_one_that_was_not():
    with a_run_that_goes_back_to_a_checkpoint() as (folder, options, said):
        rollbacks = said.count("rolled back to")
        for number in (signal.SIGKILL, signal.SIGTERM):
            run = folder / f"run-{number}"
            command = [os.path.abspath(os.environ["FGAN"]), "train", *WILD, "--optimizer-learning-rate=1", *options, f"--out={run}"]
            with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
                left = rollbacks
                while left > 0:
                    left -= "rolled back to " in process.stderr.readline()
                process.send_signal(number)
                process.communicate()
            assert process.returncode == (-9 if number == signal.SIGKILL else 75), process.returncode
            if number == signal.SIGKILL:
                assert read(last_checkpoint(run)).metadata.get("rollbacks", "0") != str(rollbacks), "it was killed too late"
            rest = wild(folder, 1, *options, out=run.name).stderr
            assert "continuing" in rest, rest
            for path in (folder / "whole/checkpoints").iterdir():
                assert path.read_bytes() == (run / "checkpoints" / path.name).read_bytes(), path.name
            assert metrics(run) == metrics(folder / "whole")


@test(label="fast")
def a_run_that_cannot_recover_ends_with_exit_5_and_a_report_each_time_and_with_other_settings_it_goes_on():
    with temporary_folder() as folder:
        options = ("--train-rollbacks=1",)
        said = wild(folder, 1000, *options, expect=5).stderr
        last = said.splitlines()[-1]
        assert "training diverged at step" in last and "given up after 1 roll back" in last and "run/diverged/report.txt" in last, said
        assert said.count("rolled back to") == 1, said
        report = (folder / "run/diverged/report.txt").read_text()
        for words in ("left out its last", "the first that is not finite is", "roll backs before: 1", '"critic_skipped"', "--optimizer-clip=1"):
            assert words in report, (words, report)
        batch = read(folder / "run/diverged/batch.safetensors")
        assert {"real", "latent", "fake", "v_real", "v_fake", "dv_real", "dv_fake"} <= set(batch.tensors), set(batch.tensors)
        first = re.search(r"the first that is not finite is (\S+)", report)[1]
        assert first not in batch or not np.isfinite(batch[first]).all(), first
        assert Image.open(folder / "run/diverged/critic.png").size == (960, 600)
        assert wild(folder, 1000, *options, expect=5).stderr.splitlines()[-1] == last
        wild(folder, 0.01, "--allow-config-change")
        assert metrics(folder / "run")[-1]["critic_rate"] == 0.01


@test(label="fast")
def at_the_first_failure_without_roll_backs_and_only_after_so_many_bad_updates():
    with temporary_folder() as folder:
        said = wild(folder, 1000, "--train-rollbacks=0", expect=5).stderr
        assert "rolled back" not in said and "step 16:" in said, said
        patient = wild(folder, 1000, "--train-bad-updates=60", "--train-rollbacks=0", "--steps=200", out="patient", expect=5).stderr
        step = int(re.search(r"training diverged at step (\d+)", patient)[1])
        assert 60 <= step <= 80, patient


@test(label="fast")
def a_critic_that_saturates_and_samples_that_are_all_alike_are_told_once():
    with temporary_folder() as folder:
        said = fgan("train", "--preset=mixture", "--divergence=total-variation", "--optimizer-learning-rate=3", "--batch=256", "--steps=100",
                    "--log-every=5", "--out=saturated", cwd=folder).stderr
        assert said.count("the critic tells the generator nothing") == 1 and "true positives" in said, said
        said = fgan("train", "--preset=mixture", "--data-deviations=100,100", "--optimizer-learning-rate=0", "--batch=64", "--steps=20",
                    "--train-checkpoint-every=5", "--out=collapsed", cwd=folder).stderr
        assert said.count("the samples have collapsed: they differ from one another by 1.0 %") == 1, said
        said = fgan("train", "--preset=mixture", "--batch=64", "--steps=20", "--log-every=1", "--out=sound", cwd=folder).stderr
        assert "collapsed" not in said and "tells the generator nothing" not in said and "left out" not in said, said


if __name__ == "__main__":
    main()
