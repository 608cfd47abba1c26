"""Colours that a file states other than by an ICC profile, as profiles for converting them."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from media_assets.images.icc import Curve, Point, gray_profile, light_of, rgb_profile

_D65: Point = (0.3127, 0.3290)
_C: Point = (0.310, 0.316)
_DCI: Point = (0.314, 0.351)
_Primaries = tuple[Point, tuple[Point, Point, Point]]
_SRGB: _Primaries = (_D65, ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)))
SRGB_POINTS = tuple(part for point in (_SRGB[0], *_SRGB[1]) for part in point)
"""x and y of white, red, green and blue."""
_PRIMARIES: dict[int, _Primaries] = {
    1: _SRGB,
    4: (_C, ((0.670, 0.330), (0.210, 0.710), (0.140, 0.080))),
    5: (_D65, ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060))),
    6: (_D65, ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    7: (_D65, ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))),
    8: (_C, ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049))),
    9: (_D65, ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
    11: (_DCI, ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    12: (_D65, ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
    22: (_D65, ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077))),
}
"""By their numbers in ITU-T H.273."""
_UNSTATED = frozenset({0, 2, 3})
_CURVES = {4: 2.2, 5: 2.8, 8: 1.0}
_LIKE_SRGB = frozenset({0, 1, 2, 3, 6, 11, 12, 13, 14, 15})
"""sRGB itself, the curves of video cameras, which screens show as sRGB, and unspecified."""
_HIGH_RANGE = {16: "PQ", 18: "HLG"}
_GAMMA = 1 / 2.2
_SAME_GAMMA = 0.05
"""Tolerance of the exponent: sRGB files state 0.45455, and libpng ignores smaller differences."""
_SAME_POINT = 0.002
_SAME_LIGHT = 0.02
_ADOBE, _UNCALIBRATED = 2, 0xFFFF
_ADOBE_RGB: _Primaries = (_D65, ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060)))
_ADOBE_GAMMA = 563 / 256
DROPPED = "dropped: colour space"
_WEAKEST, _STRONGEST = 0.1, 10.0


@dataclass(frozen=True, slots=True)
class Stated:
    """The colours that a file states.

    Attributes:
        rgb: The ICC profile for converting RGB samples; None if they are sRGB.
        gray: The same for gray samples.
        mark: What is not converted, for the record.
    """

    rgb: bytes | None = None
    gray: bytes | None = None
    mark: str | None = None


def from_code_points(primaries: int, transfer: int) -> Stated:
    """Returns what AVIF (`nclx`) and PNG (`cICP`) state in the numbers of ITU-T H.273.

    PQ and HLG are left unconverted: that would take a brightness to map them to.

    Example:
        >>> from_code_points(9, 16).mark, from_code_points(1, 13).rgb
        ('colours: PQ, not converted', None)
    """
    if transfer in _HIGH_RANGE:
        return Stated(mark=f"colours: {_HIGH_RANGE[transfer]}, not converted")
    is_known = transfer in _LIKE_SRGB or transfer in _CURVES
    if not is_known or not (primaries in _PRIMARIES or primaries in _UNSTATED):
        return Stated(mark=f"colours: H.273 {primaries}/{transfer}, not converted")
    curve = _CURVES.get(transfer)
    return _make_stated(_PRIMARIES.get(primaries, _SRGB), (curve, curve, curve))


def from_gamma(gamma: float | None, chromaticities: tuple[float, ...] | None) -> Stated:
    """Returns what a PNG states by `gAMA` (the encoding exponent) and `cHRM`.

    Example:
        >>> from_gamma(0.45455, None).rgb is None
        True
    """
    curve = None if gamma is None or not _WEAKEST < gamma < _STRONGEST else 1 / gamma
    return stated_by_points(chromaticities, (curve, curve, curve))


def stated_by_points(
    chromaticities: Sequence[float] | None, curves: tuple[Curve, Curve, Curve]
) -> Stated:
    """Returns what a file states by chromaticities and curves.

    Args:
        chromaticities: x and y of white, red, green and blue; None for those of sRGB.
        curves: Of red, green and blue; None for that of sRGB.
    """
    try:
        primaries = _SRGB
        if chromaticities is not None:
            white, *points = zip(chromaticities[::2], chromaticities[1::2], strict=True)
            primaries = white, (points[0], points[1], points[2])
        if _is_srgb(primaries) and all(map(_is_like_srgb, curves)):
            return Stated()
        return _make_stated(primaries, curves)
    except (ZeroDivisionError, OverflowError, ValueError, IndexError, struct.error):
        return Stated(mark=DROPPED)


def stated_by_endpoints(points: Sequence[float], exponents: Sequence[float]) -> Stated:
    """Returns what a BMP states by X, Y and Z of its three colours, and the exponent of each.

    Together they add up to white, unless they are written as x, y and z, which add up to 1 each;
    then white is that of sRGB. An exponent of 0 means none.
    """
    colors = [points[n : n + 3] for n in (0, 3, 6)]
    white = tuple(sum(parts) for parts in zip(*colors, strict=True))
    red, green, blue = (exponent or None for exponent in exponents)
    try:
        x_and_y = [part / sum(color) for color in (white, *colors) for part in color[:2]]
    except ZeroDivisionError:
        return Stated(mark=DROPPED)
    if all(abs(sum(color) - 1) < _SAME_POINT for color in colors):
        x_and_y[:2] = _D65
    is_odd = any(not _WEAKEST < e < _STRONGEST for e in (red, green, blue) if e is not None)
    return Stated(mark=DROPPED) if is_odd else stated_by_points(x_and_y, (red, green, blue))


def stated_by_exif(color_space: int | None, interoperability: str | None) -> Stated:
    """Returns what EXIF states: cameras set to Adobe RGB state it only by a number or a name.

    Example:
        >>> stated_by_exif(1, "R98").rgb is None, stated_by_exif(0xFFFF, "R03").rgb is None
        (True, False)
    """
    is_uncalibrated = color_space in {None, _UNCALIBRATED}
    if color_space == _ADOBE or (is_uncalibrated and interoperability == "R03"):
        return _make_stated(_ADOBE_RGB, (_ADOBE_GAMMA, _ADOBE_GAMMA, _ADOBE_GAMMA))
    return Stated()


def _make_stated(primaries: _Primaries, curves: tuple[Curve, Curve, Curve]) -> Stated:
    gray = None if curves[1] is None else gray_profile(curves[1])
    if _is_srgb(primaries) and curves == (None, None, None):
        return Stated()
    return Stated(rgb_profile(*primaries, curves), gray)


def _is_like_srgb(curve: Curve) -> bool:
    """Whether a curve is that of sRGB, or the power of 2.2 that many files state instead."""
    if curve is None:
        return True
    if not isinstance(curve, tuple):
        return abs(curve * _GAMMA - 1) < _SAME_GAMMA
    steps = [step / 16 for step in range(17)]
    return any(
        all(abs(light_of(curve, s) - light_of(known, s)) < _SAME_LIGHT for s in steps)
        for known in (None, 1 / _GAMMA)
    )


def _is_srgb(primaries: _Primaries) -> bool:
    (white, points), (srgb_white, srgb_points) = primaries, _SRGB
    pairs = zip((white, *points), (srgb_white, *srgb_points), strict=True)
    return all(abs(a - b) < _SAME_POINT for found, wanted in pairs for a, b in zip(found, wanted))  # noqa: B905
