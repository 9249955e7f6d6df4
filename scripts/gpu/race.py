"""Speed of training steps beside PyTorch's, in turn; scripts/bench_peers.sh and scripts/gpu_race.sh say how it is called."""
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from parts import ROOT, Wrong, arguments, commit, program, require_device, run_parts

options = arguments(__doc__, "bench-peers", pairs={"type": int, "default": 5}, threads={"type": int, "default": 0, "help": "0: all"},
                    python={"default": sys.executable, "help": "one that has torch"},
                    peers={"type": Path, "default": ROOT / "scripts/peers", "help": "folder of torch_dcgan_step.py and torch_mlp_step.py"},
                    modes={"default": "", "help": "of PyTorch, with semicolons between; all"})
FGAN = program("fgan")
CUDA = options.device.startswith("cuda")
AMP, COMPILE, GRAPH, LAST = ["--amp=bf16"], ["--compile"], ["--cuda-graph"], ["--channels-last"]
TUNED = [*COMPILE, "--compile-mode=max-autotune-no-cudagraphs" if CUDA else "--compile-mode=max-autotune"]
# What PyTorch offers: name -> words of the peer.  Whole steps are captured by the peer, which leaves nothing for the graphs of compile.
ANYWHERE = {"eager": [], "channels-last": LAST, "compile": COMPILE, "compile, channels-last": [*COMPILE, *LAST],
            "compile max-autotune": TUNED, "compile max-autotune, channels-last": [*TUNED, *LAST]}
ON_A_GPU = {"graph": [*LAST, *GRAPH], "compile, graph": [*COMPILE, *LAST, *GRAPH], "compile max-autotune, graph": [*TUNED, *LAST, *GRAPH]}
WAYS = {**ANYWHERE, **(ON_A_GPU if CUDA else {})}
DTYPES = {"f32": ["--no-tf32"], "tf32": [], "bf16": AMP} if CUDA else {"f32": [], "bf16": AMP}


def last_json(result):
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise Wrong("no figures were printed")
    return json.loads(lines[-1])


def has_torch():
    return subprocess.run([options.python, "-c", "import torch"], capture_output=True).returncode == 0


def modes_of(model, dtype):
    wanted = [name.strip() for name in options.modes.split(";")] if options.modes else list(WAYS)
    for name in wanted:
        if name not in WAYS:
            raise SystemExit(f"there is no mode '{name}': {'; '.join(WAYS)}")
    return {name: [*WAYS[name], *DTYPES[dtype]] for name in wanted if model == "dcgan" or "--channels-last" not in WAYS[name] or CUDA}


def same_work(ours, theirs):
    """Whether both count the same; for the same networks have the same parameters and products."""
    flop = theirs.get("conv_gflop_per_image", theirs.get("mflop_per_image", 0) / 1e3)
    same = abs(flop / ours["conv_gflop_per_image"] - 1) < 1e-3 and theirs.get("parameters", ours["parameters"]) == ours["parameters"]
    counts = [f"{found.get('parameters', '?')} parameters, {gflop:.4g} GFLOP" for found, gflop in
              ((ours, ours["conv_gflop_per_image"]), (theirs, flop))]
    return same, counts


def ratios(pairs, key, of_first):
    found = [pair[0][key] / pair[1][key] if of_first else pair[1][key] / pair[0][key] for pair in pairs]
    return statistics.median(found), min(found), max(found)


def rows_of(mode, pairs):
    ours, theirs = pairs[0]
    same, counts = same_work(ours, theirs)
    rows = [] if same else [(f"PyTorch {mode} does the same work", False, f"{counts[0]} and {counts[1]}")]
    median, low, high = ratios(pairs, "images_per_s", True)
    memory = ratios(pairs, "peak_rss_mib", True)[0]
    rows.append((f"fgan / PyTorch {mode}", None, f"{median:.2f}x ({low:.2f} to {high:.2f}), memory {memory:.2f}"))
    return rows


def race(model, size, batch, dtype):
    """fgan and every mode of the peer in turn, each of fgan's measurements before the one that it is compared with."""
    peer = options.peers / ("torch_mlp_step.py" if model == "mlp" else "torch_dcgan_step.py")
    shared = [f"--batch={batch}", f"--threads={options.threads}", f"--steps={50 if CUDA else 2}", "--repeats=3", "--json"]
    ours = [FGAN, "bench", "step", f"--model={model}", f"--size={size}", f"--dtype={dtype}", "--rule=alternating", f"--device={options.device}", *shared]
    theirs = [options.python, str(peer), f"--device={'cuda' if CUDA else 'cpu'}", *([] if model == "mlp" else [f"--size={size}"]), *shared]

    def part(call, folder):
        if not has_torch() or not peer.exists():
            found = last_json(call(*ours))
            return [("fgan, images/s", None, f"{found['images_per_s']:.4g}"), ("PyTorch", None, f"no torch in {options.python}, or no {peer}")]
        pairs, faults = {name: [] for name in modes_of(model, dtype)}, {}
        for number in range(options.pairs):
            for name, words in modes_of(model, dtype).items():
                if name in faults:
                    continue
                try:
                    pairs[name].append((last_json(call(*ours)), last_json(call(*theirs, *words, timeout=1200))))
                    about = {"commit": commit(), "race": f"{model}-{size}-{batch}-{dtype}", "mode": name, "pair": number}
                    with (folder / "raw.jsonl").open("a") as file:
                        file.write(json.dumps({**about, "fgan": pairs[name][-1][0], "torch": pairs[name][-1][1]}) + "\n")
                except (Wrong, subprocess.TimeoutExpired) as problem:
                    faults[name] = str(problem)[:160]
        rows = [row for name, both in pairs.items() if both for row in rows_of(name, both)]
        return rows + [(f"PyTorch {name}", None, problem) for name, problem in faults.items()]
    return part


def table():
    """Everything measured of this commit into one Markdown table and one file of raw figures."""
    raw = [json.loads(line) for file in sorted(options.out.glob("*/raw.jsonl")) for line in file.read_text().splitlines()]
    raw = [line for line in raw if line["commit"] == commit()]
    if not raw:
        return
    first = raw[0]
    lines = [f"# fgan beside PyTorch {first['torch']['torch']}, {time.strftime('%Y-%m-%d')}", "",
             f"{first['fgan']['device']}; fgan {first['fgan']['fgan_version']}, commit {commit()}. Every row: pairs of neighbours in turn, the median of",
             "their ratios (range); processor time is of all threads, spinning included; memory is the peak of the process.", "",
             "| race (network, pixels, batch, type) | PyTorch | pairs | fgan images/s | PyTorch images/s | ratio | of processor time | of memory |",
             "|---|---|---|---|---|---|---|---|"]
    for race_name, mode in dict.fromkeys((line["race"], line["mode"]) for line in raw):
        pairs = [(line["fgan"], line["torch"]) for line in raw if (line["race"], line["mode"]) == (race_name, mode)]
        speed = [statistics.median(pair[side]["images_per_s"] for pair in pairs) for side in (0, 1)]
        ratio, low, high = ratios(pairs, "images_per_s", True)
        cpu, memory = ratios(pairs, "step_cpu_s_median", False)[0], ratios(pairs, "peak_rss_mib", True)[0]
        lines.append(f"| {race_name} | {mode} | {len(pairs)} | {speed[0]:.4g} | {speed[1]:.4g} | **{ratio:.2f}** ({low:.2f} to {high:.2f}) | {cpu:.2f} "
                     f"| {memory:.2f} |")
    (options.out / "table.md").write_text("\n".join(lines) + "\n")
    (options.out / "raw.jsonl").write_text("".join(json.dumps(line) + "\n" for line in raw))
    print("\n" + "\n".join(lines) + f"\n\n{options.out / 'table.md'}, {options.out / 'raw.jsonl'}")


SHAPES = [("dcgan", 64, 128, 1.5), ("dcgan", 64, 1024, 2), ("dcgan", 64, 256, 1.5), ("mlp", 28, 4096, 1), ("mlp", 28, 256, 1), ("dcgan", 128, 256, 3),
          ("dcgan", 32, 128, 1.5)] if CUDA else [("dcgan", 64, 64, 30), ("mlp", 28, 4096, 10), ("mlp", 28, 256, 10), ("dcgan", 32, 64, 20), ("dcgan", 128, 64, 60)]
PARTS = {f"{model}-{size}-{batch}-{dtype}": (minutes, race(model, size, batch, dtype))
         for model, size, batch, minutes in SHAPES for dtype in reversed(DTYPES)}

if __name__ == "__main__":
    status = run_parts(PARTS, options, require_device(options.device))
    table()
    sys.exit(status)
