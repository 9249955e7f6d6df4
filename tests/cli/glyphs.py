#!/usr/bin/env python3
"""fgan data glyphs: fonts made here, so that the machine needs none."""
import os
import struct
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness import fgan, main, temporary_folder, test  # noqa: E402

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
UPPER = [chr(c) for c in range(ord("A"), ord("Z") + 1)]
NAMES = UPPER + [c.lower() for c in UPPER] + DIGITS
CLASSES = UPPER + [c.lower() for c in UPPER] + list("0123456789")


def number(value):
    return b"\xff" + struct.pack(">i", value)


def block(width, height, bottom):
    """A Type 1 charstring of a rectangle: hsbw rmoveto rlineto rlineto rlineto closepath endchar."""
    steps = [(100, bottom, 21), (0, height, 5), (width, 0, 5), (0, -height, 5)]
    lines = b"".join(number(x) + number(y) + bytes([operator]) for x, y, operator in steps)
    return number(0) + number(1000) + b"\x0d" + lines + b"\x09\x0e"


def eexec(plain):
    key, cipher = 55665, bytearray()
    for byte in bytes(4) + plain:
        cipher.append(byte ^ key >> 8)
        key = (cipher[-1] + key) * 52845 + 22719 & 0xFFFF
    return bytes(cipher)


def write_font(path, family, height=350, names=NAMES):
    """Blocks of a width of their own; every other one stands on the baseline, those between hang below the top."""
    strings = {".notdef": number(0) + number(1000) + b"\x0d\x0e"}
    strings |= {name: block(90 + 10 * i, height, 0 if i % 2 == 0 else 700 - height) for i, name in enumerate(names)}
    secret = b"dup /Private 4 dict dup begin\n/RD {string currentfile exch readstring pop} def\n/ND {def} def\n/lenIV -1 def\n"
    secret += b"2 index /CharStrings %d dict dup begin\n" % len(strings)
    secret += b"".join(b"/%s %d RD %s ND\n" % (name.encode(), len(code), code) for name, code in strings.items())
    secret += b"end end readonly put put dup /FontName get exch definefont pop mark currentfile closefile\n"
    header = f"""%!PS-AdobeFont-1.0: Test 1
/FontInfo 2 dict dup begin /FamilyName ({family}) def /FullName ({family}) def end def
/FontName /Test def
/PaintType 0 def
/FontType 1 def
/FontMatrix [0.001 0 0 0.001 0 0] def
/Encoding StandardEncoding def
/FontBBox {{0 -300 1000 1000}} def
currentfile eexec
"""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + eexec(secret))


def images(folder):
    data = (folder / "glyphs-images-idx3-ubyte").read_bytes()
    magic, count, height, width = struct.unpack(">IIII", data[:16])
    assert magic == 0x803
    return np.frombuffer(data, np.uint8, offset=16).reshape(count, height, width)


def labels(folder):
    data = (folder / "glyphs-labels-idx1-ubyte").read_bytes()
    assert struct.unpack(">II", data[:8]) == (0x801, len(data) - 8)
    return np.frombuffer(data, np.uint8, offset=8)


@test()
def fonts_become_a_data_set_with_labels_that_trains():
    with temporary_folder() as folder:
        write_font(folder / "fonts/deep/beta.pfb", "Beta")
        write_font(folder / "fonts/alpha.t1", "Alpha", height=200)
        (folder / "fonts/bad.ttf").write_text("no font")
        result = fgan("data", "glyphs", "--output=out", "--fonts=fonts", cwd=folder)
        assert "damaged" in result.stdout + result.stderr, "what is left out is not said"
        out = folder / "out"
        assert sorted(path.name for path in out.iterdir()) == ["classes.txt", "fonts.txt", "glyphs-images-idx3-ubyte", "glyphs-labels-idx1-ubyte"]
        assert (out / "classes.txt").read_text().splitlines() == CLASSES
        assert [line.split("\t")[::2] for line in (out / "fonts.txt").read_text().splitlines()] == [["Alpha", "alpha.t1"], ["Beta", "beta.pfb"]]
        assert images(out).shape == (124, 32, 32) and images(out)[:, 0].max() == 0
        assert np.array_equal(labels(out), np.tile(np.arange(62), 2))
        widths = (images(out)[62:].max(axis=1) > 127).sum(axis=1)  # Beta's blocks grow from class to class
        assert (np.diff(widths.astype(int)) >= 0).all() and widths[-1] > 3 * widths[0], widths
        fgan("train", "--data=out", "--out=run", "--steps=2", "--batch=8", "--model-architecture=dcgan", "--model-width=4", "--threads=1", cwd=folder)
        assert (folder / "run/reals.png").exists()


@test()
def size_and_number_of_faces_are_what_is_asked_for():
    with temporary_folder() as folder:
        for i in range(4):
            write_font(folder / f"fonts/{i}.pfa", "Family", height=350 - 50 * i)
        fgan("data", "glyphs", "--output=out", "--fonts=fonts", "--size=48", "--faces=2", cwd=folder)
        assert images(folder / "out").shape == (124, 48, 48)
        assert [line.split("\t")[2] for line in (folder / "out/fonts.txt").read_text().splitlines()] == ["0.pfa", "2.pfa"]
        first = images(folder / "out").tobytes()
        fgan("data", "glyphs", "--output=out", "--fonts=fonts", "--size=48", "--faces=2", cwd=folder)
        assert images(folder / "out").tobytes() == first


@test()
def the_fonts_of_the_user_and_of_the_system_are_found_by_themselves():
    with temporary_folder() as folder:
        nowhere = {"HOME": str(folder / "home"), "XDG_DATA_HOME": "", "XDG_DATA_DIRS": f"{folder}/none:{folder}/share"}
        refused = fgan("data", "glyphs", "--output=out", cwd=folder, env=nowhere, expect=3)
        assert "fonts-dejavu-core" in refused.stderr, refused.stderr
        write_font(folder / "share/fonts/a/system.pfa", "System")
        write_font(folder / "home/.local/share/fonts/user.pfa", "User", height=250)
        write_font(folder / "home/.fonts/old.pfa", "Older", height=150)
        fgan("data", "glyphs", "--output=out", cwd=folder, env=nowhere)
        assert [line.split("\t")[0] for line in (folder / "out/fonts.txt").read_text().splitlines()] == ["Older", "System", "User"]


@test()
def what_cannot_work_is_refused_in_words():
    with temporary_folder() as folder:
        (folder / "empty").mkdir()
        write_font(folder / "fonts/font.pfa", "Font")
        write_font(folder / "half/font.pfa", "Half", names=NAMES[:50])
        (folder / "file").write_text("in the way")
        cases = {("--fonts=empty",): (3, "empty"), ("--fonts=none",): (3, "none"), ("--fonts=half",): (3, "without all characters"),
                 ("--fonts=fonts", "--size=7"): (2, "8"), ("--fonts=fonts", "--faces=-1"): (2, "faces"),
                 ("--fonts=fonts", "--output=file"): (4, "file"), ("--fonts=fonts", "--output=/dev/null/x"): (4, "/dev/null/x")}
        for options, (code, word) in cases.items():
            output = () if any(option.startswith("--output") for option in options) else ("--output=out",)
            refused = fgan("data", "glyphs", *options, *output, cwd=folder, expect=code)
            assert word in refused.stderr, (options, refused.stderr)
        assert not os.path.exists(folder / "out")


main()
