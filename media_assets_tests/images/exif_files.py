"""Image files with EXIF blocks made by hand, also broken ones."""

import struct
from collections.abc import Mapping
from io import BytesIO

import pillow_heif
from PIL import Image

from media_assets_tests.images.pictures import scene

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF")
OF_A_CAMERA = {
    0x010F: "Canon",
    0x0110: "Canon EOS R5",
    0x0112: 6,
    0x013B: "Ann Other",
    0x8298: "(c) Ann Other",
    0x8769: {
        0x829A: 1 / 320,
        0x829D: 1.8,
        0x8827: 200,
        0x9003: "2026:05:06 07:08:09",
        0x9011: "-05:30",
        0x9291: "25",
        0x920A: 50.0,
        0xA434: "RF50mm F1.8 STM",
    },
    0x8825: {
        1: "S",
        2: (33.0, 51.0, 24.5),
        3: "E",
        4: (151.0, 12.0, 54.9),
        5: b"\1",
        6: 12.5,
    },
}
"""What `exif_of` takes: the directories that a camera writes, by the numbers of their tags."""


def exif_of(tags: Mapping[int, object]) -> bytes:
    """A block of these tags, as Pillow writes it."""
    block = Image.Exif()
    for tag, value in tags.items():
        block[tag] = value
    return block.tobytes()


def changed(directory: int, tag: int, value: object) -> bytes:
    """The block of a camera in which one value is another one, or missing if it is None."""
    tags: dict[int, object] = dict(OF_A_CAMERA)
    inner = tags.get(directory)
    target = tags if not isinstance(inner, dict) else dict(inner)
    target.pop(tag, None)
    if value is not None:
        target[tag] = value
    if target is not tags:
        tags[directory] = target
    return exif_of(tags)


def photo_with(name: str, block: bytes, profile: bytes | None = None) -> bytes:
    """A photo in a format, with this block."""
    file = BytesIO()
    options = {"icc_profile": profile} if profile else {}
    if name == "HEIF":
        pillow_heif.from_pillow(scene()).save(file, exif=block, **options)
    else:
        scene().save(file, name, exif=block, **options)
    return file.getvalue()


def hostile_blocks() -> dict[str, bytes]:
    """Blocks that break readers: cut short, in circles, out of range, of absurd sizes."""
    whole = exif_of(OF_A_CAMERA)
    start = b"Exif\0\0"
    entry = struct.Struct("<HHII")
    blocks = {f"cut at {at}": whole[:at] for at in range(6, len(whole), 7)}
    blocks["a circle"] = (
        start
        + b"II*\0\x08\0\0\0\x02\0"
        + b"".join(entry.pack(link, 4, 1, 8) for link in (0x8769, 0x8825))
    )
    blocks["beyond the end"] = start + b"II*\0\xf0\xff\xff\xff"
    blocks["65535 entries"] = start + b"MM\0*\0\0\0\x08\xff\xff" + bytes(40)
    blocks["4 GB of text"] = start + b"II*\0\x08\0\0\0\x01\0" + entry.pack(0x8298, 2, 2**32 - 1, 8)
    blocks["no order"] = start + b"XX*\0\x08\0\0\0"
    blocks["text as numbers"] = exif_of({0x0110: "x"}).replace(b"\x10\x01\x02", b"\x10\x01\x0c")
    blocks["nothing"] = b"Exif\0\0"
    return blocks
