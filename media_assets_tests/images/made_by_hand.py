"""PNG and TIFF files of every depth and layout, assembled sample by sample."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Samples = np.ndarray[Any, np.dtype[Any]]
"""Rows, columns and, if there are several, channels."""

Order = Literal["<", ">"]
"""The format of a sample's bytes for `struct`."""

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Channels by the colour type of a PNG."""


def chunk(kind: bytes, content: bytes, checksum: int | None = None) -> bytes:
    """A chunk of a PNG, with a wrong checksum if one is given."""
    right = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum or right)


def png(
    color_type: int,
    depth: int,
    samples: Samples,
    *,
    before: Sequence[bytes] = (),
    after: bytes = b"",
) -> bytes:
    """A PNG of these samples, with more chunks before and after its pixels."""
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    rows = b"".join(b"\0" + row for row in packed_rows(samples, depth))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *before,
            chunk(b"IDAT", zlib.compress(rows)),
            after,
            chunk(b"IEND", b""),
        )
    )


def packed_rows(samples: Samples, depth: int) -> list[bytes]:
    """Each row's samples, most significant bit first, padded to a whole byte."""
    rows = samples.reshape(samples.shape[0], -1)
    bits = (rows[..., None].astype(np.int64) >> np.arange(depth - 1, -1, -1)) & 1
    return [bytes(row) for row in np.packbits(bits.reshape(len(rows), -1).astype(bool), axis=1)]


@dataclass(frozen=True)
class Tiff:
    """The way a TIFF is written."""

    photometric: int
    depth: int
    order: Order = "<"
    form: Literal["u", "i", "f"] = "u"
    is_packed: bool = False
    extra: int | None = None
    has_planes: bool = False
    colors: Sequence[int] = ()
    tags: Sequence[tuple[int, int, Sequence[int]]] = ()

    @property
    def name(self) -> str:
        """A description for the name of a test."""
        return ", ".join(f"{name} {value}" for name, value in vars(self).items() if value)

    def of(self, samples: Samples) -> bytes:
        """The file with these samples."""
        height, width = samples.shape[:2]
        channels = samples.shape[2] if samples.ndim > 2 else 1
        planes = [samples[..., n] for n in range(channels)] if self.has_planes else [samples]
        strips = [self._strip(plane) for plane in planes]
        tags: dict[int, tuple[int, Sequence[int]]] = {
            256: (3, [width]),
            257: (3, [height]),
            258: (3, [self.depth] * channels),
            259: (3, [8 if self.is_packed else 1]),
            262: (3, [self.photometric]),
            273: (4, [0] * len(strips)),
            277: (3, [channels]),
            278: (3, [height]),
            279: (4, [len(strip) for strip in strips]),
            284: (3, [2 if self.has_planes else 1]),
            339: (3, [{"u": 1, "i": 2, "f": 3}[self.form]] * channels),
        }
        if self.extra is not None:
            tags[338] = (3, [self.extra])
        if self.colors:
            tags[320] = (3, self.colors)
        tags |= {tag: (kind, values) for tag, kind, values in self.tags}
        return self._file(tags, strips)

    def _strip(self, samples: Samples) -> bytes:
        if self.depth % 8 == 0:
            content = samples.astype(f"{self.order}{self.form}{self.depth // 8}").tobytes()
        else:
            content = b"".join(packed_rows(samples, self.depth))
        return zlib.compress(content) if self.is_packed else content

    def _file(self, tags: dict[int, tuple[int, Sequence[int]]], strips: list[bytes]) -> bytes:
        start = 8 + sum(map(len, strips))
        places = [8 + sum(map(len, strips[:n])) for n in range(len(strips))]
        tags[273] = (4, places)
        start += start % 2
        after, far = start + 2 + 12 * len(tags) + 4, b""
        directory = struct.pack(self.order + "H", len(tags))
        for tag, (kind, values) in sorted(tags.items()):
            content = struct.pack(f"{self.order}{len(values)}{'HI'[kind - 3]}", *values)
            directory += struct.pack(self.order + "HHI", tag, kind, len(values))
            if len(content) <= 4:
                directory += content.ljust(4, b"\0")
            else:
                directory += struct.pack(self.order + "I", after + len(far))
                far += content + b"\0" * (len(content) % 2)
        mark = b"II*\0" if self.order == "<" else b"MM\0*"
        header = mark + struct.pack(self.order + "I", start)
        pixels = b"".join(strips)
        return header + pixels + b"\0" * (len(pixels) % 2) + directory + bytes(4) + far
