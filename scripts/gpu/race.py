"""Speed of training steps beside PyTorch's, in turn; scripts/gpu_race.sh says how it is called."""
import json
import statistics
import subprocess
import sys
from pathlib import Path

from parts import ROOT, Wrong, arguments, program, require_device, run_parts

options = arguments(__doc__, "gpu-race", pairs={"type": int, "default": 5}, python={"default": sys.executable, "help": "one that has torch"},
                    peers={"type": Path, "default": ROOT / "peers", "help": "folder of torch_dcgan_step.py and torch_mlp_step.py"})
FGAN = program("fgan")
CUDA = options.device == "cuda"
# What PyTorch offers for each type: name -> words of the peer.
MODES = {
    "f32": {"eager": ["--no-tf32"], "channels-last": ["--no-tf32", "--channels-last"]},
    "tf32": {"eager": [], "channels-last": ["--channels-last"], "graph": ["--channels-last", "--cuda-graph"],
             "compile": ["--channels-last", "--compile"], "compile + graph": ["--channels-last", "--compile", "--cuda-graph"]},
    "bf16": {"eager": ["--amp=bf16", "--channels-last"], "graph": ["--amp=bf16", "--channels-last", "--cuda-graph"],
             "compile": ["--amp=bf16", "--channels-last", "--compile"],
             "compile + graph": ["--amp=bf16", "--channels-last", "--compile", "--cuda-graph"]},
}
if not CUDA:
    MODES = {"f32": {"eager": [], "channels-last": ["--channels-last"]}}


def last_json(result):
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise Wrong("no figures were printed")
    return json.loads(lines[-1])


def has_torch():
    return subprocess.run([options.python, "-c", "import torch"], capture_output=True).returncode == 0


def race(model, size, batch, dtype):
    """fgan and every mode of the peer, A B A B: rows of ratios of medians of images per second."""
    peer = options.peers / ("torch_mlp_step.py" if model == "mlp" else "torch_dcgan_step.py")
    ours = [FGAN, "bench", "step", f"--model={model}", f"--size={size}", f"--batch={batch}", f"--dtype={dtype}", "--rule=alternating",
            f"--device={options.device}", f"--steps={50 if CUDA else 2}", "--repeats=3", "--json"]

    def part(call, folder):
        modes = MODES[dtype] if has_torch() and peer.exists() else {}
        raw, figures, faults = [], {name: [] for name in ("fgan", *modes)}, {}

        def measure(name, words):
            found = last_json(call(*words, timeout=400))
            raw.append({"mode": name, **found})
            figures[name].append(found["images_per_s"])

        for _ in range(options.pairs):
            measure("fgan", ours)
            for name, words in modes.items():
                if name in faults:
                    continue
                shape = [f"--batch={batch}", f"--device={options.device}", *([] if model == "mlp" else [f"--size={size}"])]
                try:
                    measure(name, [options.python, str(peer), *shape, *words, "--repeats=3", "--json"])
                except (Wrong, subprocess.TimeoutExpired) as problem:
                    faults[name] = str(problem)[:120]
        (folder / "raw.jsonl").write_text("".join(json.dumps(line) + "\n" for line in raw))
        own = statistics.median(figures["fgan"])
        spread = f"{min(figures['fgan']):.4g} to {max(figures['fgan']):.4g}"
        rows = [("fgan, images/s", None, f"{own:.4g} ({spread}), {raw[0]['conv_gflop_per_image']:.4g} GFLOP an image")]
        for name in modes:
            if not figures[name]:
                rows.append((f"PyTorch {name}", None, faults[name]))
                continue
            theirs = statistics.median(figures[name])
            rows.append((f"PyTorch {name}, images/s and fgan's ratio", None, f"{theirs:.4g}, {own / theirs:.2f}x"))
        if not modes:
            rows.append(("PyTorch", None, f"no torch in {options.python}, or no peers in {options.peers}"))
        return rows
    return part


SHAPES = [("dcgan", 64, 128, 1.5), ("dcgan", 64, 1024, 2), ("dcgan", 64, 256, 1.5), ("mlp", 28, 4096, 1), ("mlp", 28, 256, 1), ("dcgan", 128, 256, 3),
          ("dcgan", 32, 128, 1.5)] if CUDA else [("dcgan", 64, 64, 2), ("mlp", 28, 256, 1)]
PARTS = {f"{model}-{size}-{batch}-{dtype}": (minutes, race(model, size, batch, dtype))
         for model, size, batch, minutes in SHAPES for dtype in reversed(MODES)}

if __name__ == "__main__":
    sys.exit(run_parts(PARTS, options, require_device(options.device)))
