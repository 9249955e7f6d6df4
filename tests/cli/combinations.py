#!/usr/bin/env python3
"""Every divergence, parametrisation, objective, rule and smoothing trains without a number that is not finite, in parameters or metrics."""
import itertools
import json
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import fgan, main, temporary_folder, test  # noqa: E402
from safetensors import read  # noqa: E402
from small_data import mnist, strokes, write_idx  # noqa: E402

DIVERGENCES = ("total-variation kl reverse-kl pearson neyman squared-hellinger jeffrey jensen-shannon weighted-js gan alpha").split()

INI = """
[data]
path = {data}
[model]
architecture = mlp
latent = 16
[generator]
width = 48
[critic]
width = 32
[optimizer]
learning_rate = 1e-3
[train]
steps = 200
batch = 32
checkpoint_every = 200
keep = 1
[log]
every = 20
samples = 1
"""


def combinations(divergence):
    for parametrization, objective, rule, smoothing in itertools.product(
            ("paper", "log-ratio"), ("minimax", "non-saturating", "maximum-likelihood"), ("single-step", "alternating"), ("0", "0.1")):
        if divergence == "total-variation" and (parametrization == "log-ratio" or objective == "maximum-likelihood"):
            continue
        yield parametrization, objective, rule, smoothing


def not_finite(run):
    """Names of what is not finite in the last checkpoint and in the metrics."""
    tensors = read(run / "checkpoints/00000200.safetensors").tensors
    wrong = [name for name, values in tensors.items() if values.dtype == np.float32 and not np.isfinite(values).all()]
    for line in (run / "metrics.jsonl").read_text().splitlines():
        values = json.loads(line)
        wrong += [f"{name} at step {values['step']}" for name, value in values.items() if value is None or not math.isfinite(value)]
    return wrong


def trains_without_non_finite_numbers(divergence):
    with temporary_folder() as folder:
        folder = Path(folder)
        write_idx(folder / "images-idx3-ubyte", strokes(500))
        (folder / "config.ini").write_text(INI.format(data=mnist() or "images-idx3-ubyte"))

        def run(combination):
            parametrization, objective, rule, smoothing = combination
            out = folder / "-".join(combination)
            fgan("train", "config.ini", f"--divergence={divergence}", f"--parametrization={parametrization}", f"--objective={objective}",
                 f"--rule={rule}", f"--game-label-smoothing={smoothing}", "--threads=1", f"--out={out}", cwd=folder)
            return [f"{'/'.join(combination)}: {what}" for what in not_finite(out)]

        with ThreadPoolExecutor(2) as pool:
            wrong = [line for lines in pool.map(run, combinations(divergence)) for line in lines]
        assert not wrong, "\n".join(wrong)


for name in DIVERGENCES:
    def case(divergence=name):
        trains_without_non_finite_numbers(divergence)
    case.__name__ = f"{name.replace('-', '_')}_trains_200_steps_without_a_number_that_is_not_finite"
    test(label="slow")(case)


if __name__ == "__main__":
    main()
