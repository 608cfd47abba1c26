"""The colours that the boxes of an AVIF file state for its main picture."""

import struct
from collections.abc import Iterator

_MOST_BOXES = 4_096
_BOX_BYTES = 8
_FULL_BOX_BYTES = 4
_LARGE, _TO_THE_END = 1, 0
_WIDE_INDEX, _WIDE_ID = 1, 1
_PROPERTY_MASK_8, _PROPERTY_MASK_16 = 0x7F, 0x7FFF


def coding_of_avif(content: bytes) -> tuple[int, int] | None:
    """Returns primaries and transfer function of the main picture, as ITU-T H.273 numbers them.

    None where the file states none, or where its boxes cannot be read: what is wrong with them is
    the decoder's to say.
    """
    try:
        return _coding(content)
    except (struct.error, IndexError):
        return None


def _coding(content: bytes) -> tuple[int, int] | None:
    view = memoryview(content)
    meta = _child(view, b"meta")
    if meta is None:
        return None
    inside = meta[_FULL_BOX_BYTES:]
    properties = _child(inside, b"iprp")
    container = None if properties is None else _child(properties, b"ipco")
    if properties is None or container is None:
        return None
    described = [(kind, box) for kind, box in _boxes(container)]
    for index in _properties_of(_main_item(inside), properties):
        if 0 < index <= len(described):
            kind, box = described[index - 1]
            if kind == b"colr" and bytes(box[:4]) == b"nclx":
                primaries, transfer = struct.unpack_from(">HH", box, 4)
                return primaries, transfer
    return None


def _main_item(meta: memoryview) -> int:
    box = _child(meta, b"pitm")
    if box is None:
        return 0
    return int(struct.unpack_from(">I" if box[0] else ">H", box, _FULL_BOX_BYTES)[0])


def _properties_of(item: int, properties: memoryview) -> Iterator[int]:
    """Yields the numbers of an item's properties, counted from 1."""
    for kind, box in _boxes(properties):
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
    return next((content for found, content in _boxes(box) if found == kind), None)


def _boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yields name and content of each box, up to a number that no sound file reaches."""
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
