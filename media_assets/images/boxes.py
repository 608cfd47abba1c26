"""The boxes of an AVIF or HEIF file that describe its images."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

_MOST_BOXES = 4_096
_BOX_BYTES = 8
_FULL_BOX_BYTES = 4
_LARGE, _TO_THE_END = 1, 0
_WIDE_INDEX, _WIDE_ID = 1, 1
_HIGH_DEPTH = 0x40
_PROPERTY_MASK_8, _PROPERTY_MASK_16 = 0x7F, 0x7FFF


@dataclass(frozen=True, slots=True)
class AvifProperties:
    """The properties of an AVIF's primary image, as far as its boxes can be read.

    Other faults in the boxes are left for the decoder to report.

    Attributes:
        coding: Primaries and transfer function, by their numbers in ITU-T H.273.
        is_deep: Whether samples have more than 8 bits.
        aperture: The eight numbers of its clean aperture, `clap`.
    """

    coding: tuple[int, int] | None = None
    is_deep: bool = False
    aperture: tuple[int, ...] | None = None


def avif_properties(content: bytes) -> AvifProperties:
    """Returns the properties of an AVIF's primary image."""
    found = AvifProperties()
    try:
        for kind, box in main_properties(content):
            if kind == b"colr" and bytes(box[:4]) == b"nclx" and found.coding is None:
                found = replace(found, coding=struct.unpack_from(">HH", box, 4))
            elif kind == b"av1C":
                found = replace(found, is_deep=bool(box[2] & _HIGH_DEPTH))
            elif kind == b"clap":
                found = replace(found, aperture=struct.unpack_from(">4IiIiI", box))
    except (struct.error, LookupError):
        pass
    return found


def largest_size(content: bytes) -> tuple[int, int] | None:
    """Returns the size of the largest image in a file, before any is cropped; None if none is read.

    An image is decoded as a whole, tile by tile, before it is cropped to its clean aperture.
    """
    sizes: list[tuple[int, int]] = []
    try:
        _, _, container = _containers(content)
        for kind, box in boxes(container):
            if kind == b"ispe":
                sizes.append(struct.unpack_from(">II", box, _FULL_BOX_BYTES))
    except (struct.error, LookupError):
        pass
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def inside_aperture(numbers: tuple[int, ...], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Returns left, top, right and bottom of the part of an image within a clean aperture.

    Args:
        numbers: Width, height, and the horizontal and vertical distance of its center from that of
            the image, each as a fraction.
        size: The size of the image.

    Raises:
        ValueError: It has no area, extends beyond the image, or starts within a pixel.
        ZeroDivisionError: A fraction has no denominator.
    """
    width, height, across, down = map(Fraction, numbers[::2], numbers[1::2])
    left, top = across + (size[0] - width) / 2, down + (size[1] - height) / 2
    edges = left, top, left + width, top + height
    is_inside = 0 <= left < edges[2] <= size[0] and 0 <= top < edges[3] <= size[1]
    if not is_inside or any(edge.denominator != 1 for edge in edges):
        raise ValueError(edges)
    return int(left), int(top), int(edges[2]), int(edges[3])


def main_properties(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yields the name and content of each property of the primary image."""
    inside, properties, container = _containers(content)
    described = list(boxes(container))
    for index in _properties_of(_main_item(inside), properties):
        if 0 < index <= len(described):
            yield described[index - 1]


def _containers(content: bytes) -> tuple[memoryview, memoryview, memoryview]:
    """Returns the content of the boxes `meta`, `iprp` in it, and `ipco` in that.

    Raises:
        LookupError: One of them is missing.
    """
    meta = needed_child(memoryview(content), b"meta")[_FULL_BOX_BYTES:]
    properties = needed_child(meta, b"iprp")
    return meta, properties, needed_child(properties, b"ipco")


def _main_item(meta: memoryview) -> int:
    box = _child(meta, b"pitm")
    if box is None:
        return 0
    return int(struct.unpack_from(">I" if box[0] else ">H", box, _FULL_BOX_BYTES)[0])


def _properties_of(item: int, properties: memoryview) -> Iterator[int]:
    """Yields the numbers of an item's properties, starting from 1."""
    for kind, box in boxes(properties):
        if kind != b"ipma":
            continue
        is_wide_id, is_wide_index = box[0] >= _WIDE_ID, box[3] & _WIDE_INDEX
        (entries,) = struct.unpack_from(">I", box, 4)
        position = 8
        for _ in range(min(entries, _MOST_BOXES)):
            (found,) = struct.unpack_from(">I" if is_wide_id else ">H", box, position)
            position += 4 if is_wide_id else 2
            count, position = box[position], position + 1
            for _ in range(count):
                if is_wide_index:
                    index = struct.unpack_from(">H", box, position)[0] & _PROPERTY_MASK_16
                else:
                    index = box[position] & _PROPERTY_MASK_8
                position += 2 if is_wide_index else 1
                if found == item:
                    yield int(index)


def _child(box: memoryview, kind: bytes) -> memoryview | None:
    return next((content for found, content in boxes(box) if found == kind), None)


def needed_child(box: memoryview, kind: bytes) -> memoryview:
    """Returns the content of the first box of a kind within another one, or a `LookupError`."""
    found = _child(box, kind)
    if found is None:
        raise LookupError(kind)
    return found


def boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yields the name and content of each box, up to a number that no valid file reaches."""
    position = 0
    for _ in range(_MOST_BOXES):
        if position + _BOX_BYTES > len(content):
            return
        size, kind = struct.unpack_from(">I4s", content, position)
        start = position + _BOX_BYTES
        if size == _LARGE:
            (size,) = struct.unpack_from(">Q", content, start)
            start += 8
        end = len(content) if size == _TO_THE_END else position + size
        if end <= position or start > end:
            return
        yield kind, content[start:end]
        position = end
