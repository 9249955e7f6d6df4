#!/usr/bin/env python3
"""Writes small valid inputs for each fuzz target: seeds.py FOLDER makes FOLDER/TARGET/NAME.  What libFuzzer finds from them is kept beside
them in corpus/ (scripts/fuzz.sh)."""
import gzip
import io
import json
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent


def picture(mode, width=17, height=13):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * 9 + y * (5 + k) * k) % 256 for k in range({"1": 1, "L": 1, "P": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode])]
    pixels = np.squeeze(np.stack(planes, axis=2).astype(np.uint8))
    return Image.fromarray(pixels, "L" if mode in "1P" else mode).convert(mode)


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(orientation):
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, interlaced=0, middle=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + middle + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pngs():
    for mode in ("1", "L", "P", "LA", "RGB", "RGBA"):
        yield f"pillow-{mode}", saved(picture(mode), "PNG")
    yield "sixteen-bits", png(3, 2, 16, 2, bytes(range(38)))
    yield "interlaced", png(2, 2, 8, 0, b"\0\x10\0\x20\0\x30\x40", interlaced=1)
    yield "filters", png(2, 5, 8, 6, b"".join(bytes([kind]) + bytes(range(8)) for kind in range(5)))
    yield "palette", png(4, 2, 2, 3, b"\0\x1b\x02\x81", middle=chunk(b"PLTE", b"abcdefghi") + chunk(b"tRNS", b"\0\x80"))
    yield "key-colour", png(2, 1, 8, 2, b"\0abcdef", middle=chunk(b"tRNS", b"\0a\0b\0c"))
    yield "orientation", png(2, 1, 8, 0, b"\0ab", middle=chunk(b"eXIf", tiff(6)) + chunk(b"tEXt", b"a\0b"))


def jpegs():
    for mode in ("L", "RGB", "CMYK"):
        yield f"baseline-{mode}", saved(picture(mode), "JPEG", quality=40)
        yield f"progressive-{mode}", saved(picture(mode), "JPEG", quality=40, progressive=True)
    yield "sampled", saved(picture("RGB", 33, 20), "JPEG", subsampling=2, quality=30)
    yield "exif", saved(picture("L"), "JPEG", exif=b"Exif\0\0" + tiff(5))
    yield "exif-motorola", saved(picture("L"), "JPEG", exif=b"Exif\0\0MM\0*" + struct.pack(">IHHHII", 8, 1, 0x0112, 4, 1, 3))


def idx(magic, sizes, values):
    return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + values


def idxs():
    images, labels = idx(0x0803, (3, 2, 4), bytes(range(24))), idx(0x0801, (5,), bytes(range(5)))
    yield "images", images
    yield "labels", labels
    yield "images.gz", gzip.compress(images, mtime=0)
    yield "labels.gz", gzip.compress(labels, mtime=0)
    yield "too-many", idx(0x0803, (0xffffffff, 4096, 4096), b"")


def cifars():
    record = bytes([3]) + bytes(range(256)) * 12
    yield "one", record
    yield "names", record + b"plane\ncar\nbird\ncat\n"


def safetensors(header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensor_files():
    step = {"format": "fgan checkpoint 2", "step": "12", "data.height": "8", "data.width": "8", "data.channels": "1", "data.pixels": "1",
            "threads": "2", "device": "cpu", "data.digest": "0123", "setting.game.divergence": "kl", "setting.train.batch": "32",
            "setting.generator.width": "64", "setting.data.means": "-1, 1"}
    yield "empty", safetensors({}, b"")
    yield "tensors", safetensors({"a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
                                  "b": {"dtype": "U8", "shape": [3], "data_offsets": [8, 11]},
                                  "c": {"dtype": "I64", "shape": [], "data_offsets": [11, 19]},
                                  "d": {"dtype": "BF16", "shape": [0, 7], "data_offsets": [19, 19]}}, bytes(range(19)))
    yield "checkpoint", safetensors({"__metadata__": step}, b"")


def packed():
    """Without checksums, which the target mends."""
    def tensors(**places):
        return {name: {"dtype": dtype, "shape": shape, "data_offsets": place} for name, (dtype, shape, place) in places.items()}
    made = {"format": "fgan images 1", "digest": "0123456789abcdef", "replaced": "0", "source": "seed", "setting.data.size": "0",
            "setting.data.channels": "0", "setting.data.fit": "crop", "setting.data.background": "255"}
    grey = tensors(checksums=("I64", [2], [0, 16]), images=("U8", [2, 2, 3, 1], [16, 28]))
    yield "grey", safetensors({"__metadata__": made, **grey}, bytes(28))
    colour = tensors(checksums=("I64", [2], [0, 16]), labels=("I64", [2], [16, 32]), images=("U8", [2, 1, 1, 3], [32, 38]))
    labels = struct.pack("<qq", 1, -1)
    yield "classes", safetensors({"__metadata__": {**made, "class.0": "a", "class.1": "b", "replaced": "1", "setting.data.size": "1"}, **colour},
                                 bytes(16) + labels + b"abcdef")


def inis():
    for file in sorted((SOURCE / "configs").glob("*.ini")):
        yield file.stem, file.read_bytes()
    yield "mixture", b"[data]\nkind = gaussian-mixture\nmeans = -1 0, 1 0\ndeviations = 0.5, 0.25\n; a comment\n[train]\nsteps = 1e3 ; as many\n"
    yield "long", b"[data]\npath = " + b"p" * 4090 + b"\nweights = " + b"9e15," * 300 + b"1\n"
    yield "misplaced", b"[data]\nsteps = 3\n[trian]\n"
    yield "odd", b"\xef\xbb\xbf# c\r\n[train]\r\nseed=7\r\n [log]\n every = 0x10\n[train]\nsteps = 2\n[nowhere]\na:b = c\n"


def command_lines():
    for name, words in {
            "train": ["train", "--data=x", "--divergence=kl", "--train-steps", "10", "-n", "--preset=dcgan-64"],
            "print": ["train", "--print-config", "--generator-width=8", "FGAN_TRAIN_SEED=3", "FGAN_DATA_PATH=somewhere"],
            "sample": ["sample", "run", "-n", "9", "-o", "grid.png", "--seed=4"],
            "data": ["data", "grid", "folder", "--fit=pad", "-n", "4"],
            "convert": ["data", "convert", "folder", "packed.safetensors", "--data-size=16"],
            "glyphs": ["data", "glyphs", "--size=16", "--faces=3", "-o", "there"],
            "list": ["list", "divergences", "--json"],
            "bench": ["bench", "step", "--model=mlp", "--rule=alternating"],
            "help": ["help", "train"],
            "wrong": ["trian", "--stpes=1", "--", "x", "-q"]}.items():
        yield name, "\0".join(words).encode()


def texts(values):
    return ((f"{number:02}", value.encode()) for number, value in enumerate(values))


def metrics():
    lines = [json.dumps({"step": step, "epoch": 0.5, "bound": bound, "non_finite": 0}) for step, bound in ((5, 0.25), (100, None), (105, 1e9))]
    yield "whole", ("\n".join(lines) + "\n").encode()
    yield "torn", "\n".join(lines)[:-20].encode()
    yield "odd", b'{"step": 3}\n\n{"step": 4, "bound": nan}\n{"step": x, }\r\n{"step": 99999999999999999999, }\n'


def charstring(numbers, operation):
    return b"".join(b"\xff" + struct.pack(">i", number) for number in numbers) + bytes(operation)


def encrypted(text, key, lead=b"\0\0\0\0"):
    out = bytearray()
    for byte in lead + text:
        out.append(byte ^ key >> 8)
        key = (out[-1] + key) * 52845 + 22719 & 0xffff
    return bytes(out)


def type1_font():
    """A letter A and a g, both triangles."""
    start, move, line, close, end = charstring((0, 600), [13]), 21, 5, 9, 14
    shape = start + charstring((100, 0), [move]) + charstring((200, 700), [line]) + charstring((200, -700), [line, close, end])
    glyphs = {".notdef": start + bytes([end]), "A": shape, "g": shape}
    private = b"dup /Private 6 dict dup begin /lenIV 4 def /BlueValues [] def 2 index /CharStrings %d dict dup begin\n" % len(glyphs)
    for name, program in glyphs.items():
        program = encrypted(program, 4330)
        private += b"/%s %d RD %s ND\n" % (name.encode(), len(program), program)
    private += b"end end readonly put noaccess put dup /FontName get exch definefont pop mark currentfile closefile\n"
    head = (b"%!PS-AdobeFont-1.0: Seed\n10 dict begin /FontName /Seed def /FontInfo 2 dict dup begin /FamilyName (Seed) def end def\n"
            b"/PaintType 0 def /FontType 1 def /FontMatrix [0.001 0 0 0.001 0 0] def /FontBBox {0 0 1000 1000} def /Encoding StandardEncoding def\n"
            b"currentfile eexec\n")
    return head + encrypted(private, 55665) + b"\n" + b"0" * 64 + b"\ncleartomark\n"


def fonts():
    yield "type1", type1_font()
    yield "tables", b"\0\1\0\0" + struct.pack(">HHHH", 1, 16, 0, 0) + b"head" + struct.pack(">III", 0, 28, 54) + bytes(54)


SEEDS = {
    "png": pngs, "jpeg": jpegs, "idx": idxs, "cifar": cifars, "safetensors": safetensor_files, "packed": packed, "ini": inis, "command_line": command_lines,
    "metrics": metrics, "glyph_font": fonts,
    "option_value": lambda: texts(["", "true", "off", "1e6", "-17", "0.1", "1e-320", "1, 2,3e4", "single-step", "a/path ;x", "12:dump.safetensors", "inf"]),
    "gaussians": lambda: texts(["-1, 1\n0.5, 0.5\n0.25, 0.75\n", "-1 0, 1 0, 0 +2\n1,2,3", "1\n1e-30\n", "0 1,\n1\n"]),
    "plan_choices": lambda: texts(["fgan plans 1\nconv 3x3 sm_80\tengine 4 knobs 1=2\nb\tc\n", "fgan plans 1\nno tab\n\tx\n", "fgan plans 2\na\tb\n"]),
}


def main(folder):
    for target, seeds in SEEDS.items():
        place = pathlib.Path(folder) / target
        place.mkdir(parents=True, exist_ok=True)
        for name, content in seeds():
            (place / name).write_bytes(content)


main(*sys.argv[1:])
