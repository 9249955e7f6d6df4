"""Philox4x32-10 (Salmon, Moraes, Dror & Shaw, SC 2011), and what docs/dump-step.md says fgan makes of it: a key of seed and
purpose, uniform numbers, dropout masks, mirrored examples and noise on their bytes."""
import numpy as np

PURPOSES = ("initial-weights", "latent", "data-order", "data-sample", "calibration", "sample-latent", "mirror", "evaluation",
            "reference-batch", "bench", "generator-dropout", "critic-dropout", "reference-latent",
            "dequantisation")
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = 0x9E3779B9, 0xBB67AE85  # the golden ratio and sqrt(3) - 1
LOW = np.uint64(0xFFFFFFFF)


def philox(counter, key):
    """Four arrays of 32-bit words (as uint64) from four words of counter and two of key; arrays broadcast."""
    a, b, c, d = (np.asarray(word, np.uint64) for word in counter)
    key = list(key)
    for _ in range(10):
        first, second = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = ((second >> np.uint64(32)) ^ b ^ np.uint64(key[0]), second & LOW,
                      (first >> np.uint64(32)) ^ d ^ np.uint64(key[1]), first & LOW)
        key = [(k + w) % 2**32 for k, w in zip(key, WEYL)]
    return a, b, c, d


def key_of(seed, purpose):
    """Output number purpose + 1 of SplitMix64 (Steele, Lea & Flood 2014) from state `seed`, low word first."""
    z = (seed + (PURPOSES.index(purpose) + 1) * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    z ^= z >> 31
    return z % 2**32, z >> 32


def uniforms(seed, purpose, step, rows, elements):
    """Numbers in (0, 1) for arrays of rows and elements, which broadcast."""
    rows, elements = np.broadcast_arrays(rows, elements)
    words = philox((step % 2**32, step >> 32, rows, elements // 4), key_of(seed, purpose))
    word = np.choose(elements % 4, np.broadcast_arrays(*words, rows.astype(np.uint64))[:4])
    return ((word >> np.uint64(9)).astype(np.float64) + 0.5) / 2**23


def augmented(image, rows, seed, step, mirror, dequantise):
    """`rows` examples made of the bytes [h, w, c]: mirrored or not, with noise u - 1/2, as levels [rows, h, w, c]."""
    row = np.arange(rows)
    levels = np.repeat(image[None].astype(np.float64), rows, axis=0)
    if mirror:
        coin = philox((step % 2**32, step >> 32, row, 0), key_of(seed, "mirror"))[0] >> np.uint64(31)
        levels = np.where(coin.reshape(-1, 1, 1, 1) == 1, levels[:, :, ::-1], levels)
    if dequantise:
        element = np.arange(image.size)
        words = philox((step % 2**32, step >> 32, row[:, None], element // 8), key_of(seed, "dequantisation"))
        word = np.choose(element // 2 % 4, words)
        half = word >> (16 * (element % 2)).astype(np.uint64) & np.uint64(0xFFFF)
        levels += (half.astype(np.float64) / 2**16 - 0.5).reshape(levels.shape)
    return levels


class Masks:
    """The dropout of one pass through a network: calls give the factors of its layers in order."""

    def __init__(self, rate, seed, purpose, step, first_row):
        self.rate, self.draw, self.first_row, self.used = np.float64(np.float32(rate)), (seed, purpose, step), first_row, 0

    def factors(self, shape):
        """0 or 1 / (1 - rate) for activations [n, c] or [n, c, h, w]; the elements of a row are numbered in H,W,C order."""
        n, c, pixels = shape[0], shape[1], int(np.prod(shape[2:]))
        row = self.first_row + np.arange(n).reshape(n, 1, 1)
        element = self.used + np.arange(pixels).reshape(1, 1, pixels) * c + np.arange(c).reshape(1, c, 1)
        self.used += -(-c * pixels // 4) * 4
        kept = uniforms(*self.draw, row, element) >= self.rate
        return (kept / (1 - self.rate)).reshape(shape)
