"""Draws a figure of metrics.jsonl over the steps, a line for each run, a colour for each group of runs.

python3 curves.py OUT.svg NAME=RUN[,RUN...] [NAME=RUN...] [--metric bound] [--windows 60] [--begin 0]

A point is the mean of the figure over one of so many equal windows of steps, the first of which begins there."""
import argparse
import json
import statistics
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 380, 70, 46, 16, 16
COLOURS = ("#1f6fb4", "#c0392b", "#2e8b57", "#8e44ad")


def curve(run, metric, windows, begin):
    lines = [json.loads(line) for line in (Path(run) / "metrics.jsonl").read_text().splitlines()]
    found = [(line["step"], line[metric]) for line in lines if line["step"] >= begin and isinstance(line.get(metric), (int, float))]
    size = max(1, len(found) // windows)
    parts = [found[i:i + size] for i in range(0, len(found), size)]
    return [(statistics.mean(step for step, _ in part), statistics.mean(value for _, value in part)) for part in parts]


def ticks(low, high):
    step = next(m * 10**e for e in range(-9, 12) for m in (1, 2, 5) if (high - low) / (m * 10**e) <= 6)
    return [i * step for i in range(round(low / step - 0.5), round(high / step + 1.5)) if low <= i * step <= high]


def text(x, y, words, anchor="middle", colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def drawing(groups, metric):
    points = [point for curves in groups.values() for one in curves for point in one]
    last, low, high = max(x for x, _ in points), min(y for _, y in points), max(y for _, y in points)

    def at(x, y):
        return LEFT + x / last * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - (y - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - BOTTOM - TOP}" fill="none" stroke="#aaa"/>']
    parts += [text(at(x, low)[0], HEIGHT - BOTTOM + 18, f"{x:g}") for x in ticks(0, last)]
    parts += [text(LEFT - 6, at(0, y)[1] + 4, f"{y:g}", "end") for y in ticks(low, high)]
    parts += [text((WIDTH + LEFT) / 2, HEIGHT - 8, "step"), text(LEFT + 10, TOP + 18, metric, "start")]
    for place, (name, curves) in enumerate(groups.items()):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(text(WIDTH - RIGHT - 10, TOP + 18 + 18 * place, f"{name}: {len(curves)} runs", "end", colour))
        for one in curves:
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in one))
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{"".join(parts)}</svg>\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("groups", nargs="+", metavar="NAME=RUN,...")
    parser.add_argument("--metric", default="bound")
    parser.add_argument("--windows", type=int, default=60)
    parser.add_argument("--begin", type=int, default=0)
    options = parser.parse_args()
    groups = {}
    for group in options.groups:
        name, _, runs = group.partition("=")
        groups[name] = [curve(run, options.metric, options.windows, options.begin) for run in runs.split(",")]
    options.out.write_text(drawing(groups, options.metric))


if __name__ == "__main__":
    main()
