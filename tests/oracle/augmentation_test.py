"""Real examples with data.mirror and data.dequantise, predicted number for number from what docs/dump-step.md says."""
import itertools

import numpy as np

from harness import main, temporary_folder, test
from philox import augmented
from runs import MLP, Runs

ROWS = 32


def predicted(image, dump):
    """The batch [n, c, h, w] made of this image alone ([h, w, c]), when the critic went back in the dumped step."""
    on = {key: dump.setting(f"data.{key}") == "true" for key in ("mirror", "dequantise")}
    levels = augmented(image, ROWS, int(dump.setting("train.seed")), int(dump["draws"][0]) - 1, **on)
    lowest, width = (0, 1) if dump.setting("generator.output") == "sigmoid" else (-1, 2)
    numbers = lowest + (levels + 0.5) * width / 256 if on["dequantise"] else lowest + levels * width / 255
    return numbers.transpose(0, 3, 1, 2)


def check(runs, image, **changes):
    """Two updates of the critic a step: the last of the third step is dumped."""
    settings = runs.settings(game__rule="alternating", game__critic_steps=2, train__seed=2**40 + 5, train__batch=ROWS, **changes)
    dump = runs.train(settings, 3)
    assert int(dump["draws"][0]) == 6, dump["draws"]
    expected, exact = predicted(image, dump), dump.setting("data.dequantise") == "true"
    # The f32 numbers of dequantised bytes are exact; others are rounded in scale and product (2^-24 each of up to 2) and in the sum.
    np.testing.assert_allclose(dump["real"], expected, rtol=0, atol=0 if exact else 3 * 2.0**-23)
    return dump["real"]


@test(label="fast", name="mirrored and dequantised examples are the predicted ones, grey and in colour, for both ranges")
def examples():
    random = np.random.default_rng(1)
    with temporary_folder() as folder:
        grey = random.integers(0, 256, (28, 28, 1), dtype=np.uint8)
        runs = Runs(folder / "grey", MLP, grey[None, :, :, 0])
        for mirror, dequantise, output in itertools.product(("off", "on"), ("off", "on"), ("tanh", "sigmoid")):
            real = check(runs, grey, data__mirror=mirror, data__dequantise=dequantise, generator__output=output)
            assert len({row.tobytes() for row in real}) == (ROWS if dequantise == "on" else 2 if mirror == "on" else 1)
        planes = random.integers(0, 256, (3, 32, 32), dtype=np.uint8)
        runs = Runs(folder / "colour", MLP)
        (folder / "colour" / "data_batch_1.bin").write_bytes(b"\0" + planes.tobytes())
        check(runs, planes.transpose(1, 2, 0), data__path="data_batch_1.bin", data__mirror="on", data__dequantise="on")


main()
