"""ICC profiles built from the few numbers in which files state their colours without one."""

import struct
from collections.abc import Sequence
from functools import lru_cache

Point = tuple[float, float]
"""x and y of a colour, as defined by CIE 1931."""
Curve = float | tuple[int, ...] | None
"""How samples become light: an exponent, even steps from 0 to 65535, or None for sRGB's curve."""
Row = tuple[float, float, float]

_D50: Row = (0.9642, 1.0, 0.8249)
_BRADFORD: tuple[Row, Row, Row] = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_STEPS = 4_096
"""Points of a curve; more than the 8 bits of a channel can distinguish, even near black."""


@lru_cache(maxsize=32)
def rgb_profile(
    white: Point, primaries: tuple[Point, Point, Point], curves: tuple[Curve, Curve, Curve]
) -> bytes:
    """Returns the profile of RGB images with these primaries.

    Args:
        white: The colour of equal parts of the three primaries.
        primaries: Red, green and blue.
        curves: The curve of each.

    Raises:
        ZeroDivisionError: The primaries do not span a triangle, or one has no y.
    """
    light = [_xyz(point) for point in primaries]
    columns = tuple(zip(*light, strict=True))
    parts = _times(_inverse(columns), _xyz(white))
    adapted = _adaptation(_xyz(white))
    tags = {b"wtpt": _xyz_tag(_D50)}
    for name, color, part, curve in zip(b"rgb", light, parts, curves, strict=True):
        tags[bytes([name]) + b"XYZ"] = _xyz_tag(_times(adapted, _scale(color, part)))
        tags[bytes([name]) + b"TRC"] = _curve(curve)
    return _profile(b"RGB ", tags)


@lru_cache(maxsize=32)
def gray_profile(curve: Curve) -> bytes:
    """Returns the profile of gray images with this curve."""
    return _profile(b"GRAY", {b"wtpt": _xyz_tag(_D50), b"kTRC": _curve(curve)})


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Returns a version 2 profile: a header, a table of its tags, the tags."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x", start + len(body), 0x02400000, b"mntr", space, b"XYZ ", b"acsp"
    )
    illuminant = struct.pack(">3i", *(round(part * 65536) for part in _D50))
    return (header + illuminant).ljust(128, b"\0") + table + body


def _curve(curve: Curve) -> bytes:
    shades = (round(light_of(curve, step / (_STEPS - 1)) * 65535) for step in range(_STEPS))
    return struct.pack(f">4s4xI{_STEPS}H", b"curv", _STEPS, *shades)


def light_of(curve: Curve, sample: float) -> float:
    """Returns the light of a sample; both range from 0 to 1."""
    if curve is None:
        return _srgb_light(sample)
    if not isinstance(curve, tuple):
        return sample**curve
    place = sample * (len(curve) - 1)
    below = min(int(place), len(curve) - 2)
    return (curve[below] + (curve[below + 1] - curve[below]) * (place - below)) / 65535


def _srgb_light(sample: float) -> float:
    """Returns the light of an sRGB sample, as defined by IEC 61966-2-1."""
    return sample / 12.92 if sample <= 0.04045 else ((sample + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _xyz_tag(color: Row) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(part * 65536) for part in color))


def _xyz(point: Point) -> Row:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _adaptation(white: Row) -> tuple[Row, Row, Row]:
    """The matrix from this white point to the one used in profiles, by Bradford's method."""
    seen, wanted = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    gains = [there / here for here, there in zip(seen, wanted, strict=True)]
    scaled = [_scale(row, gain) for row, gain in zip(_BRADFORD, gains, strict=True)]
    back = _inverse(_BRADFORD)
    columns = [_times(back, (a, b, c)) for a, b, c in zip(*scaled, strict=True)]
    first, second, third = zip(*columns, strict=True)
    return first, second, third


def _times(matrix: Sequence[Sequence[float]], column: Row) -> Row:
    first, second, third = (sum(a * b for a, b in zip(row, column, strict=True)) for row in matrix)
    return first, second, third


def _scale(row: Row, factor: float) -> Row:
    return row[0] * factor, row[1] * factor, row[2] * factor


def _inverse(matrix: Sequence[Sequence[float]]) -> tuple[Row, Row, Row]:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    size = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / size, (c * h - b * i) / size, (b * f - c * e) / size),
        ((f * g - d * i) / size, (a * i - c * g) / size, (c * d - a * f) / size),
        ((d * h - e * g) / size, (b * g - a * h) / size, (a * e - b * d) / size),
    )
