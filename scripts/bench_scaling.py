#!/usr/bin/env python3
"""How time and memory grow with batch, image size, width and data: bench_scaling.py OUT [--device=cpu] [--threads=0] [--repeats=3] [--quick].

Writes OUT/scaling.jsonl (for bench_diff) and OUT/scaling.svg, whose axes are all logarithmic.  On a processor, time is that of all threads
together, so that other work on the machine hardly matters."""
import argparse
import json
import math
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FGAN = os.environ.get("FGAN") or str(ROOT / "build/release/fgan")
WIDTH, HEIGHT, MARGIN = 460, 300, 62
BLUE, RED = "#1f6fb4", "#c0392b"


def bench(*words):
    result = subprocess.run([FGAN, "bench", *words, "--json"], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{' '.join(words)}: {result.stderr.strip()}")
    return json.loads(result.stdout)


def sweeps(options):
    """Title of the horizontal axis, its values, what is measured at each, and the title of the left axis with the figure it shows."""
    device = (f"--device={options.device}", f"--threads={options.threads}", "--steps=1" if options.device == "cpu" else "--steps=20",
              f"--repeats={options.repeats}")

    def step(*words):
        return lambda value: bench("step", *(word.format(value) for word in words), *device)

    def seconds(found):
        return found["step_cpu_s_median" if options.device == "cpu" else "step_s_median"]

    unit = "processor s a step" if options.device == "cpu" else "s a step"
    last = 2 if options.quick else None
    yield ("batch (DCGAN 64x64)", (16, 32, 64, 128, 256, 512, 1024)[:last], step("--batch={}"), unit, seconds)
    yield ("image side (DCGAN, batch 16)", (16, 32, 64, 96, 128)[:last], step("--batch=16", "--size={}"), unit, seconds)
    yield ("width (DCGAN 64x64, batch 16)", (8, 16, 32, 64, 128)[:last], step("--batch=16", "--width={}"), unit, seconds)
    yield ("hidden units (MLP, batch 256)", (60, 120, 240, 480, 960, 1920)[:last], step("--model=mlp", "--batch=256", "--width={}"), unit, seconds)
    yield ("PNG files of 64x64, decoded each time", (100, 1000, 10000)[:last],
           lambda images: bench("loader", f"--images={images}", "--batch=64", f"--repeats={options.repeats}"),
           "s to open", lambda found: next(case["median"] for case in found["cases"] if case["name"] == "open"))


class Axis:
    """Logarithmic, from pixel `begin` to `end`."""

    def __init__(self, values, begin, end):
        steps = [m * 10**e for e in range(-9, 12) for m in (1, 2, 5)]
        self.low = max(step for step in steps if step <= min(values) * (1 + 1e-9))
        self.high = min(step for step in steps if step >= max(values) * (1 - 1e-9) and step > self.low)
        inside = [step for step in steps if self.low <= step <= self.high]
        self.ticks = inside if len(inside) < 8 else inside[::3]
        self.begin, self.end = begin, end

    def at(self, value):
        return self.begin + math.log(value / self.low) / math.log(self.high / self.low) * (self.end - self.begin)


def exponent(xs, ys):
    """Of the power law through the last two points."""
    return math.log(ys[-1] / ys[-2]) / math.log(xs[-1] / xs[-2])


def text(x, y, words, colour="#333", anchor="middle", turn=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}"{turn}>{words}</text>'


def curve(across, up, xs, ys, colour):
    points = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in zip(xs, ys))
    marks = "".join(f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="3" fill="{colour}"/>' for x, y in zip(xs, ys))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>{marks}'


def panel(title, xs, left_title, left, memory):
    across = Axis(xs, MARGIN, WIDTH - MARGIN)
    growth = f"at the end: time as its power {exponent(xs, left):.2f}, memory {exponent(xs, memory):.2f}"
    parts = [f'<rect x="{MARGIN}" y="20" width="{WIDTH - 2 * MARGIN}" height="{HEIGHT - 70}" fill="none" stroke="#aaa"/>']
    parts += [text(across.at(x), HEIGHT - 34, f"{x}") for x in xs]
    parts += [text(WIDTH / 2, HEIGHT - 14, title), text(WIDTH / 2, 14, growth, "#777")]
    for values, name, colour, x, anchor, turn in ((left, left_title, BLUE, MARGIN - 6, "end", -90), (memory, "MiB at most", RED, WIDTH - MARGIN + 6, "start", 90)):
        up = Axis(values, HEIGHT - 60, 30)
        parts += [text(x, up.at(tick) + 4, f"{tick:g}", colour, anchor) for tick in up.ticks]
        side = 14 if anchor == "end" else WIDTH - 14
        parts += [text(side, HEIGHT / 2 - 15, name, colour, turn=f' transform="rotate({turn} {side} {HEIGHT / 2 - 15})"'), curve(across, up, xs, values, colour)]
    return "".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="the two smallest values of each")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    lines, panels = [], []
    for title, values, measure, left_title, figure in sweeps(options):
        found = []
        for value in values:
            found.append(measure(value))
            lines.append(json.dumps(found[-1]) + "\n")
            (options.out / "scaling.jsonl").write_text("".join(lines))
            print(f"{title} {value}: {figure(found[-1]):.4g} {left_title}, {found[-1]['peak_rss_mib']:.1f} MiB", flush=True)
        panels.append(panel(title, values, left_title, [figure(line) for line in found], [line["peak_rss_mib"] for line in found]))
    placed = "".join(f'<g transform="translate({i % 2 * WIDTH} {i // 2 * HEIGHT})">{one}</g>' for i, one in enumerate(panels))
    width, height = 2 * WIDTH, (len(panels) + 1) // 2 * HEIGHT
    (options.out / "scaling.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="{width}" height="{height}" fill="white"/>{placed}</svg>\n')


if __name__ == "__main__":
    main()
