"""Quality as a number: does a trained generator draw every class of its data, and as much variety?

python3 measure.py RUN|CHECKPOINT --data FOLDER [--samples 2000] [--size N] [--fgan PROGRAM] [--cache FILE.npz] [--json]

Samples are drawn by `fgan sample`, or read when the first argument is an .npy file (uint8 [N, H, W, C]). Exit 1 when a class that the
classifier sees has less than 3 % of them, or when the standard deviation or the mean distance of two is below half the data's. Data without
labels is judged by the last two alone. `sure` is the share that the classifier gives 90 % to one class: reported, not judged - a
classifier puts fragments into some class as well, so look at the grid too."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from classifier import trained  # noqa: E402 (sets numpy's threads, so it comes before numpy)
from labelled_data import load  # noqa: E402

import numpy as np  # noqa: E402

LEAST_SHARE, LEAST_VARIETY, PAIRED, SURE = 0.03, 0.5, 500, 0.9
PROGRAM = os.environ.get("FGAN") or str(Path(__file__).resolve().parents[2] / "build/release/fgan")


def variety(images):
    """Standard deviation of a pixel over pictures (root mean square over pixels), and mean distance between two of the first 500."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    few = flat[:PAIRED]
    squares = (few**2).sum(1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * few @ few.T, 0))
    np.fill_diagonal(distances, 0)
    return {"deviation": float(np.sqrt(flat.var(0).mean())), "distance": float(distances.sum() / (len(few) * (len(few) - 1)))}


def some_of(data, count):
    rows = np.random.default_rng(1).permutation(len(data.images))[:count]
    return data.images[rows]


def judge(samples, data, classifier=None):
    """All figures, and the sentences of what is wrong: an empty list is a pass."""
    if samples.shape[1:] != data.images.shape[1:]:
        raise SystemExit(f"samples are {samples.shape[1:]}, the data is {data.images.shape[1:]}: give the folder that the run was trained on.")
    figures = {"samples": len(samples), "of_samples": variety(samples), "of_data": variety(some_of(data, len(samples))), "faults": []}
    if classifier:
        given = classifier.probabilities(samples)
        shares = np.bincount(given.argmax(1), minlength=given.shape[1]) / len(given)
        names = data.names or [str(i) for i in range(len(shares))]
        figures |= {"shares": dict(zip(names, map(float, shares))), "smallest_share": float(shares.min()),
                    "sure": float((given.max(1) >= SURE).mean()), "accuracy": classifier.accuracy(data.held_images, data.held_labels)}
        figures["faults"] += [f"class {name} has {share:.1%} of the samples, at least {LEAST_SHARE:.0%} are asked for"
                              for name, share in figures["shares"].items() if share < LEAST_SHARE]
    for figure, of_data in figures["of_data"].items():
        got = figures["of_samples"][figure]
        if not got >= LEAST_VARIETY * of_data:
            figures["faults"].append(f"the {figure} is {got:.1f}, below half of the data's {of_data:.1f}")
    return figures


def drawn(program, run, count):
    with tempfile.TemporaryDirectory(prefix="fgan-measure-") as folder:
        file = Path(folder) / "samples.npy"
        subprocess.run([program, "sample", str(run), "-n", str(count), "-o", str(file)], check=True, stdout=subprocess.DEVNULL)
        return np.load(file)


def print_figures(figures):
    for name, share in figures.get("shares", {}).items():
        print(f"{name:>12}  {share:6.1%}  {'#' * round(100 * share)}")
    if "shares" in figures:
        print(f"smallest share {figures['smallest_share']:.1%}, sure of {figures['sure']:.0%}; "
              f"the classifier is right about {figures['accuracy']:.1%} of held-out pictures")
    for figure in ("deviation", "distance"):
        print(f"{figure} {figures['of_samples'][figure]:.1f}, of the data {figures['of_data'][figure]:.1f}")
    print("\n".join(figures["faults"]) or "pass")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run folder, checkpoint, or samples as .npy")
    parser.add_argument("--data", type=Path, required=True, help="the folder that it was trained on")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--size", type=int, default=0, help="data.size of the run, for folders of pictures")
    parser.add_argument("--fgan", default=PROGRAM, help="the program; default: $FGAN, else build/release/fgan")
    parser.add_argument("--cache", type=Path, help="file that keeps the classifier for the next call")
    parser.add_argument("--json", action="store_true", help="one line with one object")
    options = parser.parse_args()
    data = load(options.data, options.size)
    samples = np.load(options.run) if options.run.suffix == ".npy" else drawn(options.fgan, options.run, options.samples)
    figures = judge(samples, data, None if data.labels is None else trained(data, options.cache))
    print(json.dumps(figures)) if options.json else print_figures(figures)
    sys.exit(1 if figures["faults"] else 0)


if __name__ == "__main__":
    main()
