#!/usr/bin/env python3
"""scripts/bench_peers.sh's race, against peers and a torch made for the test: what is compared with what, and that unequal work is noticed."""
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness import SOURCE, main, temporary_folder, test  # noqa: E402

PEER = """
import json, sys
print(json.dumps({"torch": "0", "images_per_s": 1.0, "step_cpu_s_median": 2.0, "peak_rss_mib": 1e6, "conv_gflop_per_image": %s,
                  "parameters": %d, "words": sys.argv[1:]}))
"""
GFLOP, PARAMETERS = 0.01794816, 2752865  # of a step of the paper's networks, per image: 100-1200-1200-784 and 784-240-240-1


def race(folder, *words, gflop=GFLOP, parameters=PARAMETERS):
    (folder / "torch.py").write_text("")
    (folder / "torch_mlp_step.py").write_text(PEER % (gflop, parameters))
    command = [sys.executable, str(SOURCE / "scripts/gpu/race.py"), "--device=cpu", "--only=mlp-28-256-f32", "--threads=1", f"--peers={folder}",
               f"--python={folder / 'python'}", f"--out={folder / 'out'}", *words]
    (folder / "python").write_text(f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} "$@"\n')
    (folder / "python").chmod(0o755)
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


@test(label="fast")
def each_mode_of_pytorch_is_paired_with_a_measurement_of_its_own():
    with temporary_folder() as folder:
        result = race(folder, "--pairs=2", "--modes=eager;compile")
        assert result.returncode == 0, result.stdout + result.stderr
        raw = [json.loads(line) for line in (folder / "out/raw.jsonl").read_text().splitlines()]
        assert [(line["mode"], line["pair"]) for line in raw] == [("eager", 0), ("compile", 0), ("eager", 1), ("compile", 1)]
        assert all(("--compile" in line["torch"]["words"]) == (line["mode"] == "compile") for line in raw)
        assert len({line["fgan"]["step_s_median"] for line in raw}) == 4
        row = [line for line in (folder / "out/table.md").read_text().splitlines() if "| eager |" in line]
        assert len(row) == 1 and row[0].startswith("| mlp-28-256-f32 | eager | 2 |")


@test(label="fast")
def a_peer_that_does_other_work_is_a_fault():
    for wrong in ({"gflop": 2 * GFLOP}, {"parameters": PARAMETERS - 1}):
        with temporary_folder() as folder:
            result = race(folder, "--pairs=1", "--modes=eager", **wrong)
            assert result.returncode == 1 and re.search(r"PyTorch eager does the same work +NO", result.stdout), result.stdout


@test(label="fast")
def a_mode_there_is_not_is_named():
    with temporary_folder() as folder:
        result = race(folder, "--modes=eagre")
        assert result.returncode == 1 and "there is no mode 'eagre': eager; channels-last" in result.stderr, result.stderr


@test(label="slow")
def growth_is_measured_and_drawn():
    with temporary_folder() as folder:
        subprocess.run([sys.executable, str(SOURCE / "scripts/bench_scaling.py"), str(folder), "--quick", "--repeats=1"], check=True,
                       capture_output=True, timeout=600)
        lines = [json.loads(line) for line in (folder / "scaling.jsonl").read_text().splitlines()]
        assert len(lines) == 10 and {line["bench"] for line in lines} == {"step", "loader"}
        assert (folder / "scaling.svg").read_text().count("<polyline") == 10


if __name__ == "__main__":
    main()
