#!/usr/bin/env python3
"""Continuing equals not stopping, byte for byte: every preset, rule and normalisation, with small networks; images are mirrored and
dequantised where the rule is alternating.

The short form meets each preset and each pair of rule and normalisation once, the long one (FGAN_LONG=1) every combination."""
import itertools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from harness import LONG, fgan, main, temporary_folder, test  # noqa: E402
from small_data import strokes, write_idx  # noqa: E402

SIZES = {"mixture": None, "mnist-mlp": 28, "mnist-dcgan": 28, "fashion-dcgan": 28, "cifar-dcgan": 32, "glyphs": 32, "dcgan-64": 64}
RULES = {"single-step": ("--rule=single-step",), "alternating": ("--rule=alternating", "--game-critic-steps=2")}
NORMALIZATIONS = ("none", "batch", "reference-batch", "virtual-batch")
LEARNERS = (("--optimizer-optimizer=adam", "--model-dropout=0.2"), ("--optimizer-optimizer=rmsprop", "--optimizer-schedule=cosine"),
            ("--optimizer-optimizer=sgd", "--train-average=0.9"))
AUGMENTED = {"single-step": (), "alternating": ("--data-mirror", "--data-dequantise")}
STEPS = 6


def combinations():
    pairs = list(itertools.product(RULES, NORMALIZATIONS))
    if LONG:
        return [(preset, *pair) for preset in SIZES for pair in pairs]
    presets = itertools.islice(itertools.cycle(SIZES), len(pairs))
    return [(preset, *pair) for preset, pair in zip(presets, pairs)]


def options(folder, preset, rule, normalization, learner):
    words = [f"--preset={preset}", *RULES[rule], f"--critic-normalization={normalization}", *learner, "--critic-width=4", "--batch=4",
             "--log-every=1", "--log-samples=1", "--train-checkpoint-every=100", f"--optimizer-horizon={STEPS}", "--threads=1"]
    if preset == "mixture":
        return words
    path = folder / f"{SIZES[preset]}-idx3-ubyte"
    if not path.exists():
        write_idx(path, strokes(30, size=SIZES[preset]))
    return [*words, f"--data={path}", *AUGMENTED[rule], f"--generator-normalization={normalization}", "--generator-width=4", "--model-latent=5"]


def metrics(run):
    return [{**json.loads(line), "images_per_s": 0} for line in (run / "metrics.jsonl").read_text().splitlines()]


@test(label="slow")
def every_preset_rule_and_normalisation_continues_to_the_byte():
    known = {preset["name"] for preset in json.loads(fgan("list", "presets", "--json").stdout)["presets"]}
    assert known == set(SIZES), known
    last = f"checkpoints/{STEPS:08d}.safetensors"
    with temporary_folder() as folder:
        for count, (preset, rule, normalization) in enumerate(combinations()):
            words = options(folder, preset, rule, normalization, LEARNERS[count % len(LEARNERS)])
            whole, parts = folder / f"whole{count}", folder / f"parts{count}"
            fgan("train", *words, f"--steps={STEPS}", f"--out={whole}")
            for steps in (2, 3, STEPS):
                fgan("train", *words, f"--steps={steps}", f"--out={parts}")
            what = f"{preset}, {rule}, {normalization}, {LEARNERS[count % len(LEARNERS)]}"
            assert (whole / last).read_bytes() == (parts / last).read_bytes(), f"{what}: checkpoints differ"
            assert metrics(whole) == metrics(parts), f"{what}: metrics differ"
    print(f"{count + 1} combinations")


if __name__ == "__main__":
    main()
