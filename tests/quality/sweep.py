"""Trains one configuration with every divergence and several seeds, measures each, and writes the table.

python3 sweep.py CONFIG.ini --data FOLDER --out FOLDER [--divergences kl gan] [--seeds 1 2 3] [--fgan PROGRAM] [-- OPTIONS OF FGAN TRAIN]

Only the divergence and the seed vary. One JSON object a run is appended to OUT/results.jsonl as it ends; the same command again does what
is missing. With --table the results so far are printed as Markdown and nothing is trained. Exit 1 when a run does not pass."""
import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import PROGRAM, drawn, judge, trained  # noqa: E402
from labelled_data import load  # noqa: E402


def divergences(program):
    listed = subprocess.run([program, "list", "divergences"], check=True, capture_output=True, text=True).stdout
    rows = listed.split("\n\n")[0].splitlines()[1:]
    return [row.split()[0] for row in rows]


def results(out):
    file = out / "results.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def train_and_measure(options, data, classifier, divergence, seed):
    run, start = options.out / f"{divergence}-{seed}", time.monotonic()
    command = [options.fgan, "train", str(options.config), f"--data={options.data}", f"--divergence={divergence}", f"--seed={seed}",
               f"--out={run}", *options.more]
    with open(options.out / f"{divergence}-{seed}.txt", "w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode
    entry = {"divergence": divergence, "seed": seed, "seconds": round(time.monotonic() - start), "exit": code}
    if code:
        return entry | {"faults": [f"fgan train ended with exit {code}, see {run.name}.txt"]}
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    entry |= {key: last[key] for key in ("step", "bound", "generator_clipped", "critic_clipped")}
    return entry | judge(drawn(options.fgan, run, options.samples), data, classifier)


def table(entries):
    print("| divergence | seed | smallest share | of class | sure | deviation | distance | bound | result |\n|---|---|---|---|---|---|---|---|---|")
    for e in sorted(entries, key=lambda e: (e["divergence"], e["seed"])):
        shares, cells = e.get("shares"), ["-"] * 6
        if shares:
            least = min(shares, key=shares.get)
            cells[:3] = f"{shares[least]:.1%}", least, f"{e['sure']:.0%}"
        if "of_data" in e:
            cells[3:] = *(f"{e['of_samples'][k] / e['of_data'][k]:.2f}" for k in ("deviation", "distance")), f"{e['bound'] or float('nan'):.2g}"
        print(f"| {e['divergence']} | {e['seed']} | {' | '.join(cells)} | {'; '.join(e['faults']) or 'pass'} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and results.jsonl")
    parser.add_argument("--divergences", nargs="+", help="default: all that the program lists")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--fgan", default=PROGRAM)
    parser.add_argument("--table", action="store_true")
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:split], argparse.Namespace(more=sys.argv[split + 1:]))
    if not options.table:
        options.out.mkdir(parents=True, exist_ok=True)
        data = load(options.data)
        classifier = None if data.labels is None else trained(data, options.out / "classifier.npz")
        done = {(e["divergence"], e["seed"]) for e in results(options.out)}
        wanted = [(d, s) for s in options.seeds for d in options.divergences or divergences(options.fgan)]
        for divergence, seed in [pair for pair in wanted if pair not in done]:
            entry = train_and_measure(options, data, classifier, divergence, seed)
            with open(options.out / "results.jsonl", "a") as file:
                file.write(json.dumps(entry) + "\n")
    table(results(options.out))
    sys.exit(1 if any(e["faults"] for e in results(options.out)) else 0)


if __name__ == "__main__":
    main()
