#!/usr/bin/env python3
"""The scripts of scripts/slurm on a real Slurm: jobs cut by their time limit, two jobs on one run folder, cancelled jobs, sweeps."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from cluster import Cluster  # noqa: E402
from harness import SOURCE, fgan, main, temporary_folder, test  # noqa: E402
from small_data import with_configuration  # noqa: E402

# A checkpoint and a picture each step: no other result, but a run that lasts long and is quickly repeated without them.
SLOW = ("--train-checkpoint-every=1", "--log-sample-every=1")
INI = """
[data]
path = train-images-idx3-ubyte
[model]
architecture = mlp
width = 16
[train]
steps = 1000000
batch = 8
checkpoint_every = 1000000
[log]
samples = 4
"""
os.environ["FGAN"] = os.path.abspath(os.environ["FGAN"])


def on_a_cluster(text):
    """A decorator: calls the test with a cluster and a folder that holds data and a configuration."""
    def decorate(function):
        @with_configuration(text)
        def run(folder):
            with temporary_folder() as scratch, Cluster(scratch) as cluster:
                function(cluster, folder)
        run.__name__ = function.__name__
        return run
    return decorate


def submit(cluster, folder, script, *words):
    """words: options of sbatch, then "--", then those of fgan train."""
    cut = words.index("--")
    options = ("--cpus-per-task=1", *words[:cut])
    return cluster.run("sbatch", "--parsable", *options, SOURCE / "scripts/slurm" / script, "config.ini", *words[cut + 1:], cwd=folder).strip()


def newest_step(run):
    return max((int(path.stem) for path in (run / "checkpoints").glob("[0-9]*.safetensors")), default=0)


def checkpoint(run, step):
    return (run / f"checkpoints/{step:08d}.safetensors").read_bytes()


@test(label="slow")
@on_a_cluster(INI)
def a_job_cut_three_times_by_its_limit_ends_with_the_weights_of_an_uninterrupted_run(cluster, folder):
    # Slurm looks at its limits every 30 s; at a lead of the whole limit, a minute, each look cuts.
    job = submit(cluster, folder, "train.sbatch", "--time=1", "--signal=USR1@60", "--", "--out=run", *SLOW)
    for restarts in (1, 2, 3):
        cluster.wait_for(f"cut {restarts}", lambda: cluster.job(job)["Restarts"] == str(restarts), seconds=100)
    steps = newest_step(folder / "run") + 30
    (folder / "config.ini").write_text(INI.replace("1000000", str(steps), 1))
    cluster.wait_for("the end", lambda: cluster.job(job)["JobState"] == "COMPLETED")

    log = (folder / f"fgan-{job}.log").read_text()
    assert log.count("stopped by signal 10") == 3 and log.count("continuing run at step") == 3 and log.count("done:") == 1, log
    assert log.index("stopped by") < log.index("continuing") < log.index("done:"), log
    fgan("train", "config.ini", "--threads=1", "--out=whole", cwd=folder)
    assert checkpoint(folder / "run", steps) == checkpoint(folder / "whole", steps)


@test(label="slow")
@on_a_cluster(INI)
def a_second_job_on_a_run_folder_is_refused_and_the_first_goes_on(cluster, folder):
    first = submit(cluster, folder, "train.sbatch", "--", "--out=run")
    cluster.wait_for("training", (folder / "run/metrics.jsonl").exists)
    second = submit(cluster, folder, "train.sbatch", "--", "--out=run")
    cluster.wait_for("the end of the second", lambda: cluster.job(second)["JobState"] == "FAILED")
    assert cluster.job(second)["ExitCode"] == "4:0" and cluster.job(second)["Restarts"] == "0"
    assert "is in use by process" in (folder / f"fgan-{second}.log").read_text()
    cluster.run("scancel", "--signal=USR2", first)
    cluster.wait_for("a checkpoint of the first", lambda: newest_step(folder / "run") > 0)
    assert cluster.job(first)["JobState"] == "RUNNING"


@test(label="slow")
@on_a_cluster(INI)
def a_cancelled_job_leaves_a_checkpoint_and_is_not_begun_again(cluster, folder):
    job = submit(cluster, folder, "train.sbatch", "--", "--out=run")
    cluster.wait_for("training", (folder / "run/metrics.jsonl").exists)
    cluster.run("scancel", job)
    cluster.wait_for("the end", lambda: cluster.job(job)["JobState"] == "CANCELLED")
    cluster.wait_for("a checkpoint", lambda: newest_step(folder / "run") > 0)
    assert cluster.job(job)["Restarts"] == "0"
    fgan("sample", "run", "--count=1", cwd=folder)


@test(label="slow")
@on_a_cluster(INI.replace("1000000", "40"))
def a_sweep_trains_every_divergence_with_every_seed(cluster, folder):
    cluster.environment.update(DIVERGENCES="kl gan", SEEDS="1 2")
    job = submit(cluster, folder, "sweep.sbatch", "--array=0-3%2", "--")
    cluster.wait_for("the end", lambda: cluster.run("squeue", "--noheader").strip() == "")
    runs = {f"{divergence}-{seed}": folder / f"sweep/{divergence}-{seed}" for divergence in ("kl", "gan") for seed in (1, 2)}
    assert {path.name for path in (folder / "sweep").iterdir()} == runs.keys()
    for name, run in runs.items():
        divergence, seed = name.rsplit("-", 1)
        fgan("train", "config.ini", f"--divergence={divergence}", f"--seed={seed}", "--threads=1", f"--out={name}", cwd=folder)
        assert checkpoint(run, 40) == checkpoint(folder / name, 40), name
    assert all("done:" in (folder / f"fgan-sweep-{job}_{task}.log").read_text() for task in range(4))
    wrong = submit(cluster, folder, "sweep.sbatch", "--array=0-4", "--")
    cluster.wait_for("the end", lambda: cluster.run("squeue", "--noheader").strip() == "")
    assert "sbatch --array=0-3" in (folder / f"fgan-sweep-{wrong}_0.log").read_text()


main()
