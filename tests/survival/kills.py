#!/usr/bin/env python3
"""kill -9 at random times: every checkpoint that was seen is there and whole, every run goes on, and ends as if nothing had happened.

100 kills in the short form, 2,000 in the long one (FGAN_LONG=1)."""
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import LONG, main, test  # noqa: E402
from small_run import FAST, assert_all_whole, assert_finishes, checkpoints, command, workshop  # noqa: E402

STEPS = 400
KILLS = 2000 if LONG else 100


def seconds_of_a_run(folder):
    before = time.monotonic()
    subprocess.run(command(folder, "timed"), env=FAST, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.monotonic() - before


def run_until(folder, out, seconds):
    """Starts the run and kills it after a time.  The newest checkpoint that was seen while it lived, and whether it was killed."""
    with open(folder / "said", "w+") as said:
        process = subprocess.Popen(command(folder, out), env=FAST, stdin=subprocess.DEVNULL, stderr=said)
        end, seen = time.monotonic() + seconds, 0
        while time.monotonic() < end and process.poll() is None:
            seen = max(seen, max(checkpoints(folder / out), default=0))
            time.sleep(min(0.003, max(0.0, end - time.monotonic())))
        process.kill()
        code = process.wait()
        said.seek(0)
        text = said.read()
    assert code in (0, -9), f"exit {code}\n{text}"
    begun = re.search(r"continuing .* at step (\d+) of", text)
    return seen, int(begun[1]) if begun else 0, code != 0, text


@test(label="slow")
def what_was_acknowledged_before_a_kill_is_there_after_it():
    dice = random.Random(os.environ.get("FGAN_SEED", "kills"))
    with workshop(STEPS) as folder:
        duration = seconds_of_a_run(folder)
        kills = finished = farthest = runs = 0
        while kills < KILLS:
            runs += 1
            out, newest = f"run{runs}", 0
            for _ in range(20):  # each lives for a tenth of a run on average; the first moments of a start are met often
                seen, begun, killed, text = run_until(folder, out, duration * dice.choice((0.02, 0.2)) * dice.random())
                kills += killed
                assert begun == 0 or begun == newest, f"step {newest} was there, the run went on from {begun}:\n{text}"
                after = assert_all_whole(folder, out)
                assert after >= max(seen, newest), f"step {max(seen, newest)} was seen, {after} is there after the kill"
                newest = after
            farthest = max(farthest, newest)
            assert_finishes(folder, out, newest)
            finished += 1
        assert farthest > STEPS / 20, f"no run came beyond step {farthest} by itself"
    print(f"{kills} kills in {runs} runs, {finished} of which ended with the bytes of the uninterrupted run; {duration:.2f} s a run")


if __name__ == "__main__":
    main()
