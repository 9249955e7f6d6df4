#!/usr/bin/env python3
"""fgan bench: what its JSON promises, that its parts agree, and scripts/bench_diff on files made for it."""
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import SOURCE, fgan, main, temporary_folder, test  # noqa: E402
from small_data import with_configuration  # noqa: E402

SMALL = ("--model=dcgan", "--size=16", "--width=8", "--batch=8", "--threads=1")
INI = """
[data]
path = train-images-idx3-ubyte
[model]
architecture = mlp
width = 64
[train]
steps = 300
batch = 16
[log]
every = 100
sample_every = 100
samples = 4
"""


def figures(*words, cwd=None):
    found = json.loads(fgan("bench", *words, "--json", cwd=cwd).stdout.splitlines()[-1])
    assert found["bench"] == words[0] and found["machine"] and found["fgan_version"]
    for case in found["cases"]:
        assert case["name"] and case["unit"] == "s" and 0 <= case["min"] <= case["median"] <= case["max"] and case["repeats"] >= 1, case
    names = [case["name"] for case in found["cases"]]
    assert len(names) == len(set(names))
    return found, {case["name"]: case for case in found["cases"]}


@test(label="fast")
def a_step_names_what_it_measured():
    found, cases = figures("step", *SMALL, "--rule=single-step", "--steps=2", "--repeats=3")
    expected = {"model": "dcgan", "size": 16, "channels": 3, "width": 8, "batch": 8, "dtype": "f32", "rule": "single-step", "steps": 2,
                "repeats": 3, "threads": 1}
    assert {key: found[key] for key in expected} == expected
    assert cases["step"]["repeats"] == 3 and cases["step"]["median"] == found["step_s_median"]
    assert abs(found["images_per_s"] * found["step_s_median"] / 8 - 1) < 1e-4
    assert found["conv_gflop_per_image"] > 0 and found["peak_rss_mib"] > found["planned_mib"] > 0 and found["isa"] and found["device"]


@test(label="fast")
def the_ops_are_those_of_the_step_and_take_about_as_long():
    found, cases = figures("ops", *SMALL, "--steps=1", "--repeats=12")
    calls = {name: case for name, case in cases.items() if "calls" in case}
    flops = sum(case["flops"] * case["calls"] for case in calls.values())
    step = figures("step", *SMALL, "--steps=1", "--repeats=1")[0]
    assert abs(flops / (step["conv_gflop_per_image"] * 1e9 * 8) - 1) < 1e-3, flops
    assert {name.split()[0] for name in calls} >= {"conv", "conv_grad_input", "conv_grad_filter", "normalize", "normalize_grad", "bias_act_grad",
                                                   "game", "optimizer_step", "noise", "pixels_in"}
    assert found["copy_gbytes"] > 0 and found["peak_product_gflops"] > 0
    assert 0.3 < cases["all ops"]["min"] / cases["step"]["min"] < 3, (cases["all ops"], cases["step"])


@test(label="fast")
def what_is_done_before_the_first_step_is_none_of_its_ops():
    _, cases = figures("ops", "--model=mlp", "--size=4", "--width=8", "--batch=4", "--device=naive", "--dtype=bf16", "--steps=1", "--repeats=1")
    assert "pixels_in 4x4x4x1" in cases and not any(name.startswith("copy") for name in cases)  # of weights to bf16


@test(label="fast")
@with_configuration(INI, images=20)
def the_loader_reads_what_is_named_or_makes_pictures(folder):
    made, _ = figures("loader", "--images=6", "--size=12", "--batch=4", "--steps=2", "--repeats=2")
    assert made["images"] == 6 and made["decodes_each_time"] and made["images_per_s"] > 0
    named, _ = figures("loader", "--data=train-images-idx3-ubyte", "--batch=4", "--steps=2", "--repeats=2", cwd=folder)
    assert named["images"] == 20 and not named["decodes_each_time"]


@test(label="fast")
@with_configuration(INI, images=50)
def a_run_is_measured_and_leaves_nothing_behind(folder):
    (folder / "tmp").mkdir()
    result = fgan("bench", "train", "config.ini", "--json", cwd=folder, env={"TMPDIR": str(folder / "tmp")})
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["train_steps"] == 300 and found["model"] == "mlp" and found["batch"] == 16
    assert found["share_of_step"] > 0 and 0.3 < found["share_of_processor_time"] < 1.5, found  # wall time is not held to anything here
    assert not list((folder / "tmp").iterdir()) and not (folder / "runs").exists()


@test(label="fast")
def what_cannot_be_measured_is_refused_in_words():
    for words, part in {("step", "--batch=0"): "--batch=0", ("ops", "--repeats=0"): "--repeats=0", ("loader", "--data=none"): "none",
                        ("train", "--preset=mixture", "--steps=1"): "at least 2", ("ops", "stray"): "'stray'"}.items():
        refused = fgan("bench", *words, expect=(2, 3))
        assert part in refused.stderr and len(refused.stderr.splitlines()) == 1, refused.stderr


def compared(before, after, *options, folder):
    for name, cases in {"a": before, "b": after}.items():
        lines = [{"bench": "step", "model": model, "batch": 64, "cases": [{"name": "step", "unit": "s", "median": m, "min": low, "max": high,
                                                                          "repeats": 5}]} for model, (low, m, high) in cases.items()]
        (folder / f"{name}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    words = [sys.executable, SOURCE / "scripts/bench_diff", folder / "a.json", folder / "b.json", *options]
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


@test(label="fast")
def bench_diff_fails_on_what_is_slower_beyond_threshold_and_spread():
    with temporary_folder() as folder:
        base = {"mlp": (0.9, 1.0, 1.1), "dcgan": (1.9, 2.0, 2.1)}
        same = compared(base, base, folder=folder)
        assert same.returncode == 0 and "1.00" in same.stdout, same.stdout
        slower = compared(base, {**base, "mlp": (1.3, 1.4, 1.5)}, folder=folder)
        assert slower.returncode == 1 and "slower" in slower.stdout
        within_spread = compared(base, {**base, "mlp": (1.0, 1.4, 1.5)}, folder=folder)
        assert within_spread.returncode == 0, within_spread.stdout
        within_threshold = compared(base, {**base, "mlp": (1.3, 1.4, 1.5)}, "--threshold=0.5", folder=folder)
        assert within_threshold.returncode == 0
        faster = compared(base, {**base, "dcgan": (0.9, 1.0, 1.1)}, folder=folder)
        assert faster.returncode == 0 and "faster" in faster.stdout
        nothing = compared({"mlp": base["mlp"]}, {"dcgan": base["dcgan"]}, folder=folder)
        assert nothing.returncode == 2 and "no case" in nothing.stderr
        (folder / "a.json").write_text("{")
        broken = subprocess.run([sys.executable, str(SOURCE / "scripts/bench_diff"), str(folder / "a.json"), str(folder / "b.json")],
                                capture_output=True, text=True)
        assert broken.returncode == 2 and "a.json" in broken.stderr and "Traceback" not in broken.stderr


if __name__ == "__main__":
    main()
