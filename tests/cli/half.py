#!/usr/bin/env python3
"""Training in bf16 on the oracle device and on the processor: continuing, dumping a step, sampling, and what is refused."""
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, skip, test  # noqa: E402
from safetensors import read  # noqa: E402
from small_data import with_configuration  # noqa: E402

INI = """
[data]
path = train-images-idx3-ubyte
[model]
architecture = mlp
width = 8
depth = 1
normalization = none
[game]
divergence = jensen-shannon
rule = alternating
[train]
steps = 6
batch = 4
checkpoint_every = 3
average = 0.9
[log]
samples = 4
"""
LAST = "checkpoints/00000006.safetensors"
HALF = ("--device=naive", "--dtype=bf16")
setting = with_configuration(INI, images=20)


def train(folder, out, *options, expect=0):
    return fgan("train", "config.ini", f"--out={out}", *options, cwd=folder, expect=expect)


def is_rounded(values):
    """Whether all are numbers of bf16: the lower half of each word is 0."""
    return not (np.ascontiguousarray(values, np.float32).view(np.uint32) & 0xFFFF).any()


def check_continuing(folder, *options):
    train(folder, "whole", *options)
    train(folder, "parts", *options, "--steps=3")
    train(folder, "parts", *options)
    assert (folder / "whole" / LAST).read_bytes() == (folder / "parts" / LAST).read_bytes()


@test(label="fast bf16")
@setting
def on_a_processor_in_bf16_continuing_equals_not_stopping(folder):
    options = ("--device=cpu", "--dtype=bf16", "--threads=2", "--model-architecture=dcgan", "--model-normalization=batch")
    tried = train(folder, "tried", *options, expect=(0, 6))
    if tried.returncode == 6:
        skip(tried.stderr.strip())
    check_continuing(folder, *options)


@test(label="fast")
@setting
def continuing_in_bf16_equals_not_stopping_and_the_checkpoint_holds_f32(folder):
    check_continuing(folder, *HALF)
    train(folder, "exact", "--device=naive")
    half, exact = read(folder / "whole" / LAST).tensors, read(folder / "exact" / LAST).tensors
    assert {name: values.dtype for name, values in half.items()} == {name: values.dtype for name, values in exact.items()}
    assert not is_rounded(half["critic.main.0.weight"]) and (half["critic.main.0.weight"] != exact["critic.main.0.weight"]).any()


def critic_says(step):
    """v of the dumped fakes, by the critic's weights before the step; PyTorch's elu."""
    hidden = step["fake"].reshape(len(step["fake"]), -1) @ step["critic.main.0.weight.before"].T + step["critic.main.0.bias.before"]
    hidden = np.where(hidden > 0, hidden, np.expm1(np.minimum(hidden, 0)))
    return (hidden @ step["critic.main.2.weight.before"].T + step["critic.main.2.bias.before"]).ravel()


@test(label="fast")
@setting
def a_step_dumped_in_bf16_is_f32_in_the_file_and_rounded_where_it_was(folder):
    train(folder, "run", *HALF, "--dump-step=2:step.safetensors")
    step = read(folder / "step.safetensors").tensors
    assert all(step[name].dtype == np.float32 for name in ("real", "latent", "fake", "v_real", "v_fake", "dv_real", "generator_dv_fake"))
    assert all(is_rounded(step[name]) for name in ("real", "latent", "fake"))
    assert not any(is_rounded(step[name]) for name in ("v_real", "v_fake", "dv_real", "critic.main.0.weight.grad"))
    v = critic_says(step)
    assert np.abs(step["v_fake"] - v).max() < 2e-2 * np.abs(v).max()


@test(label="fast")
@setting
def begun_with_the_weights_of_another_run_the_first_step_computes_with_them(folder):
    train(folder, "first", *HALF)
    train(folder, "second", *HALF, "--train-init-from=first", "--seed=2", "--dump-step=1:step.safetensors")
    step = read(folder / "step.safetensors").tensors
    given = read(folder / "first" / LAST).tensors
    assert np.array_equal(step["critic.main.0.weight.before"], given["critic.main.0.weight"])
    v = critic_says(step)
    assert np.abs(step["v_fake"] - v).max() < 2e-2 * np.abs(v).max()


@test(label="fast")
@setting
def a_run_in_bf16_is_sampled_in_f32_and_continued_in_bf16_only(folder):
    train(folder, "run", *HALF)
    images = {}
    for name, device in {"half": HALF, "exact": ("--device=naive",)}.items():
        fgan("sample", "run", "-n", "4", "-o", f"{name}.npy", *device, cwd=folder)
        images[name] = np.load(folder / f"{name}.npy")
    assert np.array_equal(images["half"], images["exact"]) and images["half"].std() > 0
    refused = train(folder, "run", "--device=naive", "--steps=8", expect=2)
    assert "device.dtype: bf16 in the checkpoint, f32 now" in refused.stderr


@test(label="fast")
@setting
def a_type_the_device_does_not_compute_in_is_refused_in_words(folder):
    for device in ("cpu", "naive"):
        refused = train(folder, "run", f"--device={device}", "--dtype=tf32", expect=2)
        assert "device.dtype = tf32 needs device = cuda" in refused.stderr, refused.stderr
        assert not (folder / "run").exists()


@test(label="fast")
@setting
def a_processor_that_does_not_multiply_bf16_says_what_is_missing(folder):
    refused = fgan("train", "config.ini", "--out=run", "--device=cpu", "--dtype=bf16", cwd=folder, expect=6,
                   env={"ONEDNN_MAX_CPU_ISA": "AVX2"})
    assert "a processor with avx512_bf16 or AMX" in refused.stderr or "not in this build" in refused.stderr, refused.stderr
    assert not (folder / "run").exists()


@test(label="fast")
def bench_says_the_type_it_measured():
    for dtype in ("f32", "bf16"):
        result = fgan("bench", "step", "--model=mlp", "--size=4", "--batch=2", "--steps=1", "--repeats=1", "--device=naive",
                      f"--dtype={dtype}", "--json")
        assert json.loads(result.stdout.splitlines()[-1])["dtype"] == dtype


if __name__ == "__main__":
    main()
