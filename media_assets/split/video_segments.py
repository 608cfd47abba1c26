"""Segments of a video, cut at key frames without encoding again."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise, takewhile
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple, cast

from media_assets.media_types import VIDEO
from media_assets.split.frame_keys import Names, as_seconds
from media_assets.split.options import is_amount, refusal
from media_assets.split.splitter import Part, Splitter, check_count, version_of
from media_assets.video.streams import key_times

if TYPE_CHECKING:
    from media_assets.video.handle import Video

_VERSION = 1
_TOLERANCE = 0.001
_EXAMPLE = "segments(30, overlap=2)"


class _Span(NamedTuple):
    """Where a segment starts and stops, in seconds after the start of the video."""

    start: float
    stop: float


@dataclass(frozen=True, kw_only=True)
class Segments(Splitter):
    """Splits videos into segments; made by `segments`.

    Attributes:
        seconds: How long a segment is meant to be.
        overlap: Seconds that it shares with the next one.
    """

    seconds: float
    overlap: float

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the segments in their order; each is copied when it is written."""
        video = cast("Video", source)
        keys, end = key_times(video.path, video.limits)
        spans = spans_of(keys, end, self.seconds - self.overlap, self.overlap)
        check_count(len(spans), max_parts, parts="segments", fewer="longer segments")
        media_format, names = video.default_format, Names()
        for number, span in enumerate(spans, start=1):
            key, fields = names.of(span.start), {**span._asdict(), "number": number}
            made = None if skip(key) else self.extract(video, key, fields)
            yield Part(key, fields, made, media_format)

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns a segment by its times."""
        del part_key
        return cast("Video", source).clip(*_span(fields))

    def fragment(self, fields: Mapping[str, object]) -> str:
        """Returns the times, within the segment: `t=10.000,20.000`."""
        span = _span(fields)
        start = ceil(round(span.start * 1e6, 3))
        return f"t={as_seconds(start)},{as_seconds(floor(round(span.stop * 1e6, 3)))}"


def segments(seconds: float, *, overlap: float = 0.0) -> Splitter:
    """Splits videos into segments, cut without encoding again.

    A segment starts at the last key frame before the time at which it should, and stops where the
    next one starts, or `overlap` later: together they are the whole video. So segments are as long
    as was asked, more or less; if key frames are further apart, they are longer. Keys are the
    milliseconds of their starts, in nine digits: `000010000`. Index values are `start` and `stop`,
    the real times in seconds, and `number`, from 1.

    Args:
        seconds: How long a segment is.
        overlap: How much of it is in the next one, too.

    Raises:
        DeclarationError: An option cannot be used.

    Example:
        >>> segments(30, overlap=2).description
        'segments of about 30 s that overlap by 2 s'
    """
    if not is_amount(seconds):
        accepted = "a positive number of seconds"
        raise refusal(seconds, option="seconds", accepted=accepted, example=_EXAMPLE)
    if overlap != 0 and not (is_amount(overlap) and overlap < seconds):
        accepted = f"a number of seconds from 0 to less than {seconds:g}"
        raise refusal(overlap, option="overlap", accepted=accepted, example=_EXAMPLE)
    version = version_of("segments", _VERSION, float(seconds), float(overlap))
    shared = f" that overlap by {overlap:g} s" if overlap else ""
    return Segments(
        name="segments",
        reads=VIDEO.type,
        makes=VIDEO.type,
        column="segment",
        fields={"start": float, "stop": float, "number": int},
        code_version=version,
        part_version=version,
        description=f"segments of about {seconds:g} s{shared}",
        version=_VERSION,
        seconds=float(seconds),
        overlap=float(overlap),
    )


def spans_of(keys: Sequence[float], end: float, step: float, overlap: float) -> list[_Span]:
    """Returns the spans of segments; none of a video without pictures.

    Args:
        keys: The times of key frames, in order.
        end: The end of the video.
        step: Seconds from the start of one segment to that of the next.
        overlap: How much longer than that each is.

    Example:
        >>> [tuple(span) for span in spans_of([0.0, 4.0, 8.0], 10.0, 3.0, 0.0)]
        [(0.0, 4.0), (4.0, 8.0), (8.0, 10.0)]
        >>> [tuple(span) for span in spans_of([0.0, 4.0, 8.0], 10.0, 4.0, 2.0)]
        [(0.0, 6.0), (4.0, 10.0)]
    """
    if not keys or end <= 0:
        return []
    wanted = takewhile(lambda time: time < end - _TOLERANCE, (step * turn for turn in count(1)))
    places = (bisect_right(keys, time + _TOLERANCE) for time in wanted)
    cuts = {keys[place - 1] for place in places if place}
    starts = [0.0, *sorted(cut for cut in cuts if 0 < cut < end - overlap - _TOLERANCE)]
    between = [_Span(start, following + overlap) for start, following in pairwise(starts)]
    return [*between, _Span(starts[-1], end)]


def _span(fields: Mapping[str, object]) -> _Span:
    return _Span(float(str(fields["start"])), float(str(fields["stop"])))
