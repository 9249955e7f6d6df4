"""Parts of a long check that can be run alone, continued, and shown as one table."""
import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of a checkout or of a bundle
NO_DEVICE = 6


def program(name):
    """From a bundle's bin, from $FGAN's folder, or from the builds of a checkout."""
    folders = [ROOT / "bin", *([Path(os.environ["FGAN"]).parent] if os.environ.get("FGAN") else []), ROOT / "build/cuda", ROOT / "build/release"]
    for folder in folders:
        for file in (folder / name, folder / "tests" / name):
            if os.access(file, os.X_OK):
                return str(file)
    raise SystemExit(f"{name} is not built: scripts/build.sh")


def arguments(documentation, out, **more):
    parser = argparse.ArgumentParser(description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--only", default="", help="parts, comma-separated")
    parser.add_argument("--again", action="store_true", help="also parts that are done")
    parser.add_argument("--out", type=Path, default=Path(out))
    parser.add_argument("--minutes", type=float, default=8.5, help="no part is begun that may not end by then")
    for name, settings in more.items():
        parser.add_argument(f"--{name}", **settings)
    options = parser.parse_args()
    options.out = options.out.resolve()
    return options


def require_device(device):
    """Exit 6, in the program's own words, when it cannot use the device."""
    words = [program("fgan"), "bench", "step", "--model=mlp", "--batch=8", "--steps=1", "--repeats=1", f"--device={device}", "--json"]
    result = subprocess.run(words, capture_output=True, text=True)
    if result.returncode:
        print((result.stderr or result.stdout).strip())
        raise SystemExit(NO_DEVICE if result.returncode == NO_DEVICE else 1)
    about = json.loads(result.stdout.splitlines()[-1])
    return {key: about[key] for key in ("device", "isa", "fgan_version")}


class Wrong(Exception):
    """What was asked did not hold."""


class Call:
    """Runs programs for one part; everything they print goes into its log."""

    def __init__(self, log):
        self.log = log

    def __call__(self, *words, accept=(0,), env=None, timeout=500):
        words = [str(word) for word in words]
        result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
                                env={**os.environ, **(env or {})}, timeout=timeout)
        with self.log.open("a") as file:
            file.write(f"$ {' '.join(words)}\n{result.stdout}exit {result.returncode}\n")
        if result.returncode not in accept:
            raise Wrong(f"{Path(words[0]).name} {words[1] if len(words) > 1 else ''}: exit {result.returncode}: {tail(result.stdout)}")
        return result


def tail(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][-200:] if lines else "no output"


@functools.cache
def commit():
    stamp = ROOT / "COMMIT"
    if stamp.exists():
        return stamp.read_text().strip()
    result = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return result.stdout.strip() or "unknown"


def run_parts(parts, options, about):
    """parts: name -> (minutes it may take, function(call, folder) -> list of (what, holds, figure)).  Returns the exit status."""
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = options.only.split(",") if options.only else list(parts)
    for name in wanted:
        if name not in parts:
            raise SystemExit(f"there is no part '{name}': {', '.join(parts)}")
    begun, rows, waiting = time.monotonic(), [], []
    for name in wanted:
        minutes, function = parts[name]
        result = options.out / f"{name}.json"
        known = json.loads(result.read_text()) if result.exists() else {}
        before = known["rows"] if known.get("commit") == commit() else None
        if before and not options.again and all(holds is not False for _, _, holds, _ in before):
            rows += before
            continue
        if (time.monotonic() - begun) / 60 + minutes > options.minutes and time.monotonic() - begun > 1:
            waiting.append(name)
            continue
        print(f"-- {name}", flush=True)
        folder = options.out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        started = time.monotonic()
        try:
            part = [[name, what, holds, figure] for what, holds, figure in function(Call(folder / "log.txt"), folder)]
        except (Wrong, subprocess.TimeoutExpired) as problem:
            part = [[name, "runs to its end", False, str(problem)]]
        except Exception:
            part = [[name, "runs to its end", False, tail(traceback.format_exc())]]
        seconds = round(time.monotonic() - started, 1)
        result.write_text(json.dumps({"about": about, "commit": commit(), "device": options.device, "seconds": seconds, "rows": part}) + "\n")
        rows += part
    report(rows, waiting, options, about)
    return 1 if any(holds is False for _, _, holds, _ in rows) else 0


def report(rows, waiting, options, about):
    words = {True: "yes", False: "NO", None: "-"}
    width = max([len(what) for _, what, _, _ in rows] + [4])
    lines = [f"fgan {about['fgan_version']}, commit {commit()}, {time.strftime('%Y-%m-%d')}", about["device"], ""]
    lines += [f"{part:<12} {what:<{width}}  {words[holds]:<4} {figure}" for part, what, holds, figure in rows]
    lines += [f"{name:<12} not begun for want of time: run the same command again" for name in waiting]
    wrong = sum(holds is False for _, _, holds, _ in rows)
    lines.append(f"{len(rows)} things checked, {wrong} wrong, {len(waiting)} parts not begun")
    print("\n".join(lines))
    (options.out / "table.txt").write_text("\n".join(lines) + "\n")
    print("results:", shutil.make_archive(str(options.out), "gztar", options.out.parent, options.out.name))
    sys.stdout.flush()
