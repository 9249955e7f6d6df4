#!/usr/bin/env python3
"""Virtual batch and reference batch normalisation from the command line: training, continuing, sampling, and what is refused."""
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, test  # noqa: E402
from safetensors import read  # noqa: E402
from small_data import strokes, with_configuration  # noqa: E402

INI = """
[data]
path = train-images-idx3-ubyte
[model]
normalization = virtual-batch
[game]
divergence = jensen-shannon
rule = alternating
[train]
steps = 20
batch = 8
checkpoint_every = 10
average = 0.9
[log]
samples = 4
every = 1
"""
LAST = "checkpoints/00000020.safetensors"
NETWORKS = {"mlp": ("--model-width=16",), "dcgan": ("--model-architecture=dcgan", "--model-width=4")}


def train(folder, out, *options, expect=0):
    return fgan("train", "config.ini", f"--out={out}", "--threads=1", *options, cwd=folder, expect=expect)


setting = with_configuration(INI)


@test(label="fast")
@setting
def fifty_steps_are_finite_with_virtual_batch_in_both_players(folder):
    for name, options in NETWORKS.items():
        train(folder, name, "--steps=50", *options)
        for line in (folder / name / "metrics.jsonl").read_text().splitlines():
            metrics = json.loads(line)
            assert all(np.isfinite(value) for value in metrics.values() if isinstance(value, (int, float))), metrics
            assert metrics["critic_skipped"] == metrics["generator_skipped"] == 0, metrics
        tensors = read(folder / name / "checkpoints/00000050.safetensors").tensors
        assert all(np.isfinite(values).all() for values in tensors.values())
        assert not [key for key in tensors if "running_" in key]


@test(label="fast")
@setting
def continuing_equals_not_stopping_and_the_reference_is_real_images(folder):
    for kind in ("virtual-batch", "reference-batch"):
        options = (*NETWORKS["dcgan"], f"--model-normalization={kind}", "--generator-reference-rows=6")
        train(folder, f"whole {kind}", *options)
        for steps in (3, 13, 20):
            train(folder, f"parts {kind}", f"--steps={steps}", *options)
        whole, parts = folder / f"whole {kind}" / LAST, folder / f"parts {kind}" / LAST
        assert whole.read_bytes() == parts.read_bytes(), f"{kind}: checkpoints differ"
    reference = read(whole)["reference.real"]
    images = strokes(120)
    assert reference.shape == (8, 28, 28, 1) and reference.dtype == np.uint8
    rows = [[i for i, image in enumerate(images) if np.array_equal(image, row[..., 0])] for row in reference]
    assert all(len(found) == 1 for found in rows) and len({found[0] for found in rows}) == 8, f"real images, each once: {rows}"


@test(label="fast")
@setting
def samples_do_not_depend_on_each_other_nor_on_the_seed_of_their_latents(folder):
    train(folder, "run", *NETWORKS["dcgan"])
    for name, options in (("a", ("--count=20",)), ("b", ("--count=3", "--first=10")), ("c", ("--count=20", "--seed=5"))):
        fgan("sample", "run", f"--output={name}.npy", "--threads=1", *options, cwd=folder)
    a, b, c = (np.load(folder / f"{name}.npy") for name in "abc")
    assert np.array_equal(a[10:13], b) and not np.array_equal(a, c)
    fgan("sample", "run", "--count=4", "--output=grid.png", "--threads=1", cwd=folder)
    assert (folder / "grid.png").read_bytes() == (folder / "run/samples/00000020.png").read_bytes()


@test(label="fast")
@setting
def what_makes_no_sense_is_refused_in_words(folder):
    text = train(folder, "run", "--critic-reference-rows=1", *NETWORKS["dcgan"], expect=2).stderr
    assert "critic.normalization = virtual-batch" in text and "at least 2 rows" in text, text
    text = train(folder, "run", "--batch=1", *NETWORKS["dcgan"], expect=2).stderr
    assert "train.batch is 1" in text, text
    text = train(folder, "run", "--model-reference-rows=9", "--model-normalization=batch", expect=2).stderr
    assert "model.reference_rows = 9 has no use" in text, text
    text = train(folder, "run", "--model-normalization=virtual", expect=2).stderr
    assert "virtual-batch" in text, text
    assert not (folder / "run").exists()


@test(label="fast")
@setting
def a_mixture_is_plotted_with_a_critic_that_has_a_reference(folder):
    (folder / "config.ini").write_text("""
[data]
kind = gaussian-mixture
weights = 0.5, 0.5
means = -1, 2
deviations = 0.3, 1
[model]
normalization = virtual-batch
width = 8
[train]
steps = 5
batch = 16
""")
    train(folder, "run")
    assert (folder / "run/samples/00000005.png").stat().st_size > 0
    assert read(folder / "run/checkpoints/00000005.safetensors")["reference.real"].dtype == np.float32


if __name__ == "__main__":
    main()
