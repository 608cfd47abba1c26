"""Colours that a file states by anything but an ICC profile, as profiles to convert them with."""

import struct
from dataclasses import dataclass

from media_assets.images.icc import Point, gray_profile, rgb_profile

_D65: Point = (0.3127, 0.3290)
_C: Point = (0.310, 0.316)
_DCI: Point = (0.314, 0.351)
_Primaries = tuple[Point, tuple[Point, Point, Point]]
_SRGB: _Primaries = (_D65, ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)))
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
"""By the numbers of ITU-T H.273."""
_UNSTATED = frozenset({0, 2, 3})
_CURVES = {4: 2.2, 5: 2.8, 8: 1.0}
_LIKE_SRGB = frozenset({0, 1, 2, 3, 6, 11, 12, 13, 14, 15})
"""sRGB itself, the curves of video cameras, which screens show as sRGB, and none stated."""
_HIGH_RANGE = {16: "PQ", 18: "HLG"}
_GAMMA = 1 / 2.2
_SAME_GAMMA = 0.05
"""Of the exponent: files of sRGB state 0.45455, and libpng takes less than this for nothing."""
_SAME_POINT = 0.002
_WEAKEST, _STRONGEST = 0.1, 10.0


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file states about its colours.

    Attributes:
        rgb: The ICC profile that RGB samples are converted with; None where they are sRGB.
        gray: The same for gray samples.
        mark: What is not converted, for the record.
    """

    rgb: bytes | None = None
    gray: bytes | None = None
    mark: str | None = None


def from_code_points(primaries: int, transfer: int) -> Stated:
    """Returns what AVIF (`nclx`) and PNG (`cICP`) state in the numbers of ITU-T H.273.

    PQ and HLG are left as they are: shown as light they need a brightness to be mapped to.

    Example:
        >>> stated_by_numbers(9, 16).mark, stated_by_numbers(1, 13).rgb
        ('colours: PQ, not converted', None)
    """
    if transfer in _HIGH_RANGE:
        return Stated(mark=f"colours: {_HIGH_RANGE[transfer]}, not converted")
    is_known = transfer in _LIKE_SRGB or transfer in _CURVES
    if not is_known or not (primaries in _PRIMARIES or primaries in _UNSTATED):
        return Stated(mark=f"colours: H.273 {primaries}/{transfer}, not converted")
    return _make_stated(_PRIMARIES.get(primaries, _SRGB), _CURVES.get(transfer))


def from_gamma(gamma: float | None, chromaticities: tuple[float, ...] | None) -> Stated:
    """Returns what a PNG states by `gAMA` (the encoding exponent) and `cHRM`.

    Example:
        >>> stated_by_gamma(0.45455, None).rgb is None
        True
    """
    curve = None
    if gamma is not None and _WEAKEST < gamma < _STRONGEST:
        curve = 1 / gamma
    primaries = _SRGB
    if chromaticities is not None:
        white, *points = zip(chromaticities[::2], chromaticities[1::2], strict=True)
        primaries = white, (points[0], points[1], points[2])
    if curve is not None and abs(curve * _GAMMA - 1) < _SAME_GAMMA and _is_srgb(primaries):
        curve = None
    try:
        return _make_stated(primaries, curve)
    except (ZeroDivisionError, OverflowError, ValueError, struct.error):
        return Stated(mark="dropped: colour space")


def _make_stated(primaries: _Primaries, curve: float | None) -> Stated:
    gray = None if curve is None else gray_profile(curve)
    if curve is None and _is_srgb(primaries):
        return Stated()
    return Stated(rgb_profile(*primaries, curve), gray)


def _is_srgb(primaries: _Primaries) -> bool:
    (white, points), (srgb_white, srgb_points) = primaries, _SRGB
    pairs = zip((white, *points), (srgb_white, *srgb_points), strict=True)
    return all(abs(a - b) < _SAME_POINT for found, wanted in pairs for a, b in zip(found, wanted))  # noqa: B905
