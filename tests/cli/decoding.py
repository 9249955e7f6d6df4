"""What training sees of an image file, against an independent decoder: Pillow.

`fgan data grid` of a folder with one image of 56 pixels or more shows that image, undivided and at its size.
"""
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

from harness import fgan, main, temporary_folder, test

# PNG is exact.  The standard of JPEG leaves rounding to the decoder: Pillow may bring another version of libjpeg than ours, whose inverse
# transform and upsampling differ by a level each.
EXACT, JPEG = 0, 2
WIDTH, HEIGHT = 70, 61  # no multiples of the blocks of JPEG, the bytes of 1-bit pixels and the steps of interlacing


def photo(width=WIDTH, height=HEIGHT, seed=1):
    """Something like a photograph: smooth colours, an edge and a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    picture = np.empty((height, width, 3))
    for channel in range(3):
        a, b, c, d = rng.uniform(0.02, 0.12, 4)
        picture[..., channel] = 120 + 60 * np.sin(a * x + b * y + channel) + 50 * np.cos(c * x - d * y)
    picture[y > x * height / width] *= 0.6
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(samples, depth):
    """Rows of bytes from rows of samples (height, width, samples)."""
    rows = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in rows]
    bits = np.unpackbits(rows.astype(np.uint8)[..., None], axis=2)[..., 8 - depth:]
    return [np.packbits(row.reshape(-1)).tobytes() for row in bits]


def png(samples, depth, colour, extra=b"", interlaced=False):
    """What Pillow does not write: any depth and kind, interlaced too."""
    steps = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]  # y, x, and their steps
    parts = [samples[y::dy, x::dx] for y, x, dy, dx in steps] if interlaced else [samples]
    rows = b"".join(b"\0" + row for part in parts if part.size for row in packed(part, depth))
    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def shown(data, *options):
    """The image that training sees of a file whose name says nothing of its content but that it is a picture."""
    with temporary_folder() as folder:
        (folder / "images").mkdir()
        (folder / "images" / "picture.png").write_bytes(data)
        fgan("data", "grid", folder / "images", "-o", folder / "grid.png", *options)
        return Image.open(io.BytesIO((folder / "grid.png").read_bytes()))


def pillow(data, background=255):
    """Upright, opaque, grey or RGB."""
    image = Image.open(io.BytesIO(data))
    if image.mode.startswith("I"):  # 16-bit grey, which Pillow's convert("L") clips
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    colour = data[25] & 2 if image.format == "PNG" else image.mode != "L"  # Pillow makes RGBA of 16-bit grey with alpha
    image = ImageOps.exif_transpose(image)
    if image.mode in ("LA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        below = Image.new("RGB", image.size, (background,) * 3)
        below.paste(image, mask=image.getchannel("A"))
        image = below
    return image.convert("RGB" if colour else "L")


def difference(seen, expected):
    assert seen.mode == expected.mode, f"{seen.mode} instead of {expected.mode}"
    assert seen.size == expected.size, f"{seen.size} instead of {expected.size}"
    return np.abs(np.asarray(seen).astype(int) - np.asarray(expected).astype(int))


def check(kinds, tolerance):
    wrong = []
    for kind, data in kinds.items():
        most = difference(shown(data), pillow(data)).max()
        if most > tolerance:
            wrong.append(f"{kind}: {most} grey levels from Pillow")
    assert not wrong, "\n".join(wrong)


def ramp(depth, samples, seed=3):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1 << depth, (HEIGHT, WIDTH, samples))


@test()
def PNG_images_of_every_kind_that_Pillow_writes_decode_to_what_Pillow_reads():
    colour = Image.fromarray(photo())
    grey, alpha = colour.convert("L"), Image.fromarray(photo(seed=2)[..., 0])
    kinds = {"grey": grey, "RGB": colour, "grey, alpha": Image.merge("LA", (grey, alpha)), "black and white": colour.convert("1"),
             "RGBA": Image.merge("RGBA", (*colour.split(), alpha))}
    kinds = {kind: saved(image, "PNG") for kind, image in kinds.items()}
    for colours in (2, 3, 13, 200, 256):
        image = colour.quantize(colours)
        kinds[f"{colours} colours"] = saved(image, "PNG")
        kinds[f"{colours} colours, one transparent"] = saved(image, "PNG", transparency=1)
        kinds[f"{colours} colours, two half transparent"] = saved(image, "PNG", transparency=bytes([77, 200]))
    check(kinds, EXACT)


@test()
def PNG_images_of_every_depth_interlaced_and_with_a_transparent_colour_decode_to_what_Pillow_reads():
    kinds = {}
    for colour, samples, depths in ((0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (4, 2, (8, 16)), (6, 4, (8, 16))):
        for depth in depths:
            for interlaced in (False, True):
                kinds[f"kind {colour}, {depth} bits{', interlaced' * interlaced}"] = png(ramp(depth, samples), depth, colour, b"", interlaced)
    colours = {depth: chunk(b"PLTE", np.random.default_rng(depth).integers(0, 256, 3 << depth, np.uint8).tobytes()) for depth in (1, 2, 4, 8)}
    for depth, palette in colours.items():
        kinds[f"palette, {depth} bits, interlaced"] = png(ramp(depth, 1), depth, 3, palette, True)
    values = ramp(8, 3)
    values[5:20] = 10, 20, 30
    kinds["a transparent colour"] = png(values, 8, 2, chunk(b"tRNS", struct.pack(">HHH", 10, 20, 30)))
    kinds["a transparent grey level"] = png(ramp(8, 1) % 4, 8, 0, chunk(b"tRNS", struct.pack(">H", 2)))
    check(kinds, EXACT)


def adobe(data, transform):
    """With the colours declared by an Adobe marker, in place of what stood there."""
    out, at = b"\xff\xd8\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, transform), 2
    while data[at + 1] != 0xDA:
        marker, length = struct.unpack_from(">HH", data, at)
        if marker not in (0xFFE0, 0xFFEE):
            out += data[at:at + 2 + length]
        at += 2 + length
    return out + data[at:]


@test()
def JPEG_images_of_every_kind_decode_to_what_Pillow_reads():
    colour = Image.fromarray(photo())
    inks = Image.merge("CMYK", [Image.fromarray(photo(seed=seed)[..., 0]) for seed in range(4)])
    kinds = {"grey": saved(colour.convert("L"), "JPEG"), "progressive grey": saved(colour.convert("L"), "JPEG", progressive=True)}
    for name, sampling in (("4:4:4", 0), ("4:2:2", 1), ("4:2:0", 2)):
        for progressive in (False, True):
            kinds[f"{name}{', progressive' * progressive}"] = saved(colour, "JPEG", quality=90, subsampling=sampling, progressive=progressive)
    kinds["RGB"] = adobe(saved(colour, "JPEG", quality=95, subsampling=0), 0)
    kinds["CMYK"] = adobe(saved(inks, "JPEG", quality=90), 0)
    kinds["YCCK"] = adobe(saved(inks, "JPEG", quality=90), 2)
    kinds["YCCK, progressive"] = adobe(saved(inks, "JPEG", quality=90, progressive=True), 2)
    check(kinds, JPEG)


@test()
def images_are_turned_the_way_up_that_EXIF_says():
    image = Image.fromarray(photo())
    seen = []
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "a camera's name", orientation
        for kind, tolerance in (("JPEG", JPEG), ("PNG", EXACT)):
            data = saved(image, kind, exif=exif)
            most = difference(shown(data), pillow(data)).max()
            assert most <= tolerance, f"{kind}, orientation {orientation}: {most} grey levels from Pillow"
        seen.append(pillow(data).tobytes())
    assert len(set(seen)) == 8


@test()
def the_background_behind_transparent_pixels_is_the_one_asked_for():
    image = Image.merge("RGBA", (*Image.fromarray(photo()).split(), Image.fromarray(photo(seed=2)[..., 0])))
    for background in (0, 100, 255):
        data = saved(image, "PNG")
        assert difference(shown(data, f"--data-background={background}"), pillow(data, background)).max() == 0


@test()
def colour_becomes_grey_and_grey_colour_as_in_Pillow():
    colour = Image.fromarray(photo())
    assert difference(shown(saved(colour, "PNG"), "--data-channels=1"), colour.convert("L")).max() == 0
    grey = colour.convert("L")
    assert difference(shown(saved(grey, "PNG"), "--data-channels=3"), grey.convert("RGB")).max() == 0


def close_to_bicubic(seen, image, scaled, left=0, top=0):
    """`seen`: what begins at (left, top) of `image` scaled to the size `scaled`.

    Pillow rounds to bytes between the two directions, which makes a level. At the edges ours repeats the outermost pixels and Pillow
    leaves out what lies beyond: as far as the filter reaches, two pixels of the coarser grid, they differ by the picture's slope there.
    """
    expected = image.resize(scaled, Image.BICUBIC).crop((left, top, left + seen.width, top + seen.height))
    levels = difference(seen, expected)
    reach = [int(np.ceil(2 * max(1, to / of))) for to, of in zip(scaled, image.size)]
    inside = levels[reach[1]:-reach[1], reach[0]:-reach[0]]
    assert inside.max(initial=0) <= 1, f"{inside.max()} grey levels from Pillow"
    assert levels.mean() < 0.5, f"{levels.mean():.2f} grey levels from Pillow on average"


@test()
def images_are_scaled_as_by_Pillow_s_bicubic_filter():
    for width, height, seed in ((200, 160, 1), (97, 403, 2), (333, 71, 3), (50, 40, 4), (9, 11, 5)):
        image = Image.fromarray(photo(width, height, seed))
        close_to_bicubic(shown(saved(image, "PNG"), "--data-size=64", "--data-fit=stretch"), image, (64, 64))


@test()
def crop_keeps_the_middle_and_pad_the_whole_of_the_scaled_image():
    for width, height, scaled in ((200, 160, (80, 64)), (161, 203, (64, 81)), (40, 100, (64, 160))):
        image = Image.fromarray(photo(width, height))
        close_to_bicubic(shown(saved(image, "PNG"), "--data-size=64"), image, scaled, (scaled[0] - 64) // 2, (scaled[1] - 64) // 2)
    for width, height, scaled in ((200, 160, (64, 51)), (161, 203, (51, 64)), (300, 2, (64, 1))):
        image = Image.fromarray(photo(width, height))
        seen = shown(saved(image, "PNG"), "--data-size=64", "--data-fit=pad", "--data-background=7")
        x, y = (64 - scaled[0]) // 2, (64 - scaled[1]) // 2
        close_to_bicubic(seen.crop((x, y, x + scaled[0], y + scaled[1])), image, scaled)
        outside = np.asarray(seen).copy()
        outside[y:y + scaled[1], x:x + scaled[0]] = 7
        assert (outside == 7).all() and seen.size == (64, 64)


@test()
def an_image_that_fits_is_cut_or_framed_but_not_resampled():
    wide, narrow = photo(101, 64), photo(33, 64)
    assert (np.asarray(shown(saved(Image.fromarray(wide), "PNG"), "--data-size=64")) == wide[:, 18:82]).all()
    framed = np.asarray(shown(saved(Image.fromarray(narrow), "PNG"), "--data-size=64", "--data-fit=pad"))
    assert (framed[:, 15:48] == narrow).all() and (framed[:, :15] == 255).all() and (framed[:, 48:] == 255).all()


main()
