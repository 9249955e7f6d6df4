"""Correctness of a device, in parts; scripts/gpu_check.sh says how it is called."""
import json
import shutil
import struct
import sys
from pathlib import Path

import numpy as np

from parts import ROOT, arguments, program, require_device, run_parts, tail

options = arguments(__doc__, "gpu-check", data={"type": Path, "default": ROOT / "data", "help": "folder with fashion-mnist and emoji"})
FGAN = program("fgan")
ON_CPU = options.device == "cpu"  # a rehearsal: fewer steps, the same paths
DIVERGENCES = ("total-variation kl reverse-kl pearson neyman squared-hellinger jeffrey jensen-shannon weighted-js gan alpha").split()
PIXELS = {"fashion": options.data / "fashion-mnist", "emoji": options.data / "emoji"}


def steps(count):
    return max(3, count // 100) if ON_CPU else count


def tensors(file):
    """A safetensors file as name -> array of f32, and its metadata."""
    data = Path(file).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    about = header.pop("__metadata__", {})
    kinds = {"F32": np.float32, "U8": np.uint8, "I64": np.int64}
    read = {name: np.frombuffer(data[8 + length:][slice(*entry["data_offsets"])], kinds[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()}
    return read, about


def distance(a, b):
    """|a - b| / |b| over all tensors together."""
    apart = sum(float(((a[name].astype(np.float64) - b[name].astype(np.float64))**2).sum()) for name in b)
    size = sum(float((b[name].astype(np.float64)**2).sum()) for name in b)
    return (apart / size)**0.5


def metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def train(call, folder, name, *words, data="fashion", device=options.device, **more):
    run = folder / name
    call(FGAN, "train", f"--data={PIXELS[data]}", f"--out={run}", f"--device={device}", *words, **more)
    return run


def newest(run):
    return sorted((run / "checkpoints").glob("*.safetensors"))[-1]


def ops(call, _):
    """Every case of the op table, and recordings, on the device itself."""
    rows = []
    for dtype in ("f32",) if ON_CPU else ("f32", "tf32", "bf16"):
        result = call(program("test_gpu"), env={"FGAN_TEST_DEVICE": options.device, "FGAN_TEST_DTYPE": dtype}, accept=(0, 1))
        summary = [line for line in result.stdout.splitlines() if "test cases:" in line or "op cases" in line]
        rows.append((f"op table and recordings, {dtype}", result.returncode == 0, "; ".join(line.split("] ")[-1].strip() for line in summary)))
    return rows


NETWORKS = {
    "mlp": ["--model-architecture=mlp", "--model-width=240"],
    "dcgan, batch norm": ["--model-architecture=dcgan", "--model-width=16"],
    "dcgan, virtual batch norm": ["--model-architecture=dcgan", "--model-width=16", "--model-normalization=virtual-batch"],
}
PLAYERS = ("generator", "critic")


def gradients(call, folder):
    """Step 1 from equal weights, latents and images."""
    rows = []
    for i, (network, words) in enumerate(NETWORKS.items()):
        dumps = {}
        for device in ("cpu", options.device):
            dump = folder / f"{i}-{device}.safetensors"
            train(call, folder, f"{i}-{device}", *words, "--divergence=kl", "--steps=1", "--batch=64", f"--dump-step=1:{dump}", device=device)
            dumps[device] = tensors(dump)[0]
        for player in PLAYERS:
            pick = lambda of: {name: t for name, t in of.items() if name.startswith(player + ".") and name.endswith(".grad")}
            apart = distance(pick(dumps[options.device]), pick(dumps["cpu"]))
            rows.append((f"first gradient of the {player}, {network}", apart <= 1e-5, f"{apart:.1e} of at most 1e-5"))
    return rows


def weights(call, folder):
    """50 steps of SGD: small differences must stay small."""
    rows = []
    for i, (network, words) in enumerate(NETWORKS.items()):
        ends = {}
        for device in ("cpu", options.device):
            run = train(call, folder, f"{i}-{device}", *words, "--divergence=gan", "--optimizer-optimizer=sgd", "--optimizer-learning-rate=0.01",
                        "--steps=50", "--batch=64", device=device)
            ends[device] = {n: t for n, t in tensors(newest(run))[0].items() if n.startswith(PLAYERS) and n.endswith(("weight", "bias"))}
        apart = distance(ends[options.device], ends["cpu"])
        rows.append((f"weights after 50 steps of SGD, {network}", apart <= 1e-3, f"{apart:.1e} of at most 1e-3"))
    return rows


def curve(call, folder):
    """Adam amplifies roundings of tiny gradients, so its weights are not compared but what the critic says."""
    count, bounds = steps(400), {}
    for device in ("cpu", options.device):
        run = train(call, folder, device, "--preset=fashion-dcgan", f"--steps={count}", "--log-every=10", "--train-average=0", device=device)
        bounds[device] = np.array([[line["bound"], line["bound_se"]] for line in metrics(run)], float)
    here, there = bounds[options.device], bounds["cpu"]
    apart, error = float(np.abs(here[:, 0] - there[:, 0]).mean()), float(there[:, 1].mean())
    return [("bound curve under Adam", apart <= 3 * error, f"mean distance {apart:.3g}, standard error of a batch {error:.3g}")]


def sanitizer(call, folder):
    tool = shutil.which("compute-sanitizer") or next(map(str, Path("/usr/local").glob("cuda*/bin/compute-sanitizer")), None)
    rows = []
    for check in ("memcheck", "racecheck", "initcheck", "synccheck"):
        if not tool or ON_CPU:
            rows.append((f"compute-sanitizer {check}", None, "not on this machine" if not tool else "not for the cpu"))
            continue
        words = [f"--data={PIXELS['fashion']}", f"--out={folder / check}", f"--device={options.device}", "--preset=fashion-dcgan", "--model-width=8",
                 "--model-normalization=virtual-batch", "--batch=8", "--steps=2"]
        result = call(tool, f"--tool={check}", "--error-exitcode=99", FGAN, "train", *words, accept=range(256))
        unsupported = "not supported" in result.stdout or "Unsupported" in result.stdout
        rows.append((f"compute-sanitizer {check}", None if unsupported else result.returncode == 0,
                     "unsupported here" if unsupported else tail(result.stdout)))
    return rows


def divergences(call, folder):
    rows = []
    for name in DIVERGENCES:
        run = train(call, folder, name, "--preset=fashion-dcgan", f"--divergence={name}", f"--steps={steps(500)}", "--log-every=25")
        lines = metrics(run)
        finite = all(line["bound"] is not None for line in lines)
        rows.append((f"{name}, {lines[-1]['step']} steps", finite, f"bound {lines[-1]['bound']}, capped rows {lines[-1]['capped']}"))
    return rows


def measured(call, run, data, size=0):
    words = [sys.executable, ROOT / "tests/quality/measure.py", run, f"--data={PIXELS[data]}", "--json", f"--fgan={FGAN}"]
    result = call(*words, *([f"--size={size}"] if size else []), "--samples=2000", f"--cache={options.out / (data + '-classifier.npz')}", accept=(0, 1))
    return json.loads([line for line in result.stdout.splitlines() if line.startswith("{")][-1])


def pictures(call, folder):
    rows = []
    for data, preset, count, size in (("fashion", "fashion-dcgan", 2813, 0), ("emoji", "dcgan-64", 2000, 64)):
        run = train(call, folder, data, f"--preset={preset}", f"--steps={steps(count)}", data=data)
        shutil.copy(sorted((run / "samples").glob("*.png"))[-1], options.out / f"{data}.png")
        figures = measured(call, run, data, size)
        of = figures["of_samples"], figures["of_data"]
        rows.append((f"{data}: samples as varied as the data", None if ON_CPU else not figures["faults"],
                     f"deviation {of[0]['deviation']:.1f} of {of[1]['deviation']:.1f}, distance {of[0]['distance']:.0f} of {of[1]['distance']:.0f}"
                     + (f", smallest class {figures['smallest_share']:.1%}" if "smallest_share" in figures else "")))
    return rows


def bf16(call, folder):
    """Samples of a run in bf16 must have the statistics of one in f32."""
    if ON_CPU:
        return [("kl in bf16 draws as kl in f32", None, "the rehearsal is in f32")]
    found = {}
    for dtype in ("f32", "bf16"):
        run = train(call, folder, dtype, "--preset=fashion-dcgan", f"--dtype={dtype}")
        shutil.copy(sorted((run / "samples").glob("*.png"))[-1], options.out / f"fashion-{dtype}.png")
        found[dtype] = measured(call, run, "fashion")
    rows = []
    for figure in ("deviation", "distance"):
        a, b = (found[dtype]["of_samples"][figure] for dtype in ("bf16", "f32"))
        rows.append((f"{figure} of samples, bf16 against f32", abs(a / b - 1) <= 0.05, f"{a:.1f} and {b:.1f}"))
    shares = [found[dtype]["smallest_share"] for dtype in ("bf16", "f32")]
    rows.append(("smallest class, bf16 against f32", min(shares) >= 0.03, f"{shares[0]:.1%} and {shares[1]:.1%}"))
    return rows


PARTS = {"ops": (2, ops), "gradients": (1, gradients), "weights": (1, weights), "curve": (1, curve), "divergences": (2, divergences),
         "pictures": (3, pictures), "bf16": (2, bf16), "sanitizer": (4, sanitizer)}

if __name__ == "__main__":
    about = require_device(options.device)
    for name, folder in PIXELS.items():
        if not folder.exists():
            raise SystemExit(f"there is no data in {folder}: give --data=FOLDER with fashion-mnist and emoji in it (gpu_bundle.sh makes one)")
    sys.exit(run_parts(PARTS, options, about))
