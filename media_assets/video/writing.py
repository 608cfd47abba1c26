"""Writing of videos: packets are copied wherever they can be, and encoded again where not."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from media_assets.audio.edits import AudioEdits
from media_assets.audio.streams import Sound
from media_assets.audio.writing import can_copy, encode_sound, encoding_of
from media_assets.containers.copying import copy_packets, interleave
from media_assets.containers.formats import MediaFormat, checked_format
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media, time_base_of
from media_assets.containers.parts import Part
from media_assets.containers.writing import written_media
from media_assets.errors import MediaTimeError
from media_assets.video.decoding import chosen_frames, index_of
from media_assets.video.edits import VideoEdits
from media_assets.video.encoding import PictureEncoder
from media_assets.video.formats import FORMATS, check_options
from media_assets.video.reading import upright_in
from media_assets.video.selection import select
from media_assets.video.streams import Pictures, begins_hidden, key_before

if TYPE_CHECKING:
    from av.container import OutputContainer

_HIDING = {"mp4", "mov"}
"""Muxers that can say that frames at the beginning are only there to decode the next ones."""


def write_video(
    source: Path,
    edits: VideoEdits,
    target: Path,
    media_format: str,
    save_options: Mapping[str, object] | None,
    limits: MediaLimits,
) -> None:
    """Writes a video, edited, into another file; `kind.write` describes the errors.

    Naming a codec that the pictures do not have, or a quality, encodes them again.
    """
    name = checked_format(media_format, FORMATS)
    known, options = FORMATS[name], check_options(name, save_options)
    with ExitStack() as files:
        opened = files.enter_context(open_media(source, limits, to_copy=True))
        pictures = Pictures(opened)
        is_copied = not edits.must_encode and _is_as_asked(pictures.codec, known, options)
        must_cut = known.muxer not in _HIDING and begins_hidden(source, limits)
        is_copied = is_copied and not must_cut
        part = edits.part
        base = time_base_of(pictures.stream)
        zero = (pictures.origin or 0) * base
        start = zero + Fraction(part.start)
        end = None if part.end is None else zero + Fraction(part.end)
        if is_copied and part.start:
            start = key_before(source, part.start, limits)
        container = files.enter_context(written_media(target, name, known))
        if is_copied:
            first = start if part.start else None
            writer = copy_packets(
                opened, pictures.stream, container, name, start=first, end=end, earlier=start
            )
        else:
            codec = str(options.get("codec", known.video_codecs[0]))
            writer = _encode_pictures(pictures, edits, container, codec, options)
        writers = [writer]
        if not edits.is_mute and opened.audio is not None:
            again = files.enter_context(open_media(source, limits))
            span = _Span(start if part.start or must_cut else None, end, start)
            writers.append(_sound(Sound(again), edits, container, name, options, span))
        if not interleave(*writers):
            raise MediaTimeError(part.start, medium="video", duration=opened.seconds)


class _Span(NamedTuple):
    """A part of a file, in seconds of its time stamps.

    Attributes:
        start: Its start; None for all from the beginning.
        end: Its end; None for all to the end.
        zero: What becomes the time 0.
    """

    start: Fraction | None
    end: Fraction | None
    zero: Fraction


def _is_as_asked(codec: str, known: MediaFormat, options: Mapping[str, object]) -> bool:
    """Returns whether pictures can be copied as far as format and options are concerned."""
    asked = options.get("codec", codec)
    return codec in known.holds and asked == codec and not {"crf", "preset"} & set(options)


def _encode_pictures(
    pictures: Pictures,
    edits: VideoEdits,
    container: "OutputContainer",
    codec: str,
    options: Mapping[str, object],
) -> Iterator[float]:
    """Adds a stream, then encodes a part of the pictures into it, and yields the times reached."""
    part, opened = edits.part, pictures.opened
    length = opened.seconds
    if length is not None and part.start >= length:
        raise MediaTimeError(part.start, medium="video", duration=length)
    selection = replace(select(start=part.start, end=part.end), is_cut=True)
    index = index_of(opened.path, opened.limits, selection)
    encoder: PictureEncoder | None = None
    for time, _, frame in chosen_frames(pictures, selection, index):
        if encoder is None:
            upright = upright_in(pictures, frame)
            encoder = PictureEncoder(container, codec, pictures, upright, edits.box, options)
            yield 0.0
        reached = max(time - part.start, 0.0)
        encoder.encode(frame, reached)
        yield reached
    if encoder is None:
        raise MediaTimeError(part.start, medium="video", duration=opened.seconds)
    if part.end is None or length is None:
        encoder.finish()
    else:
        encoder.finish(min(part.end, length) - part.start)


def _sound(
    sound: Sound,
    edits: VideoEdits,
    container: "OutputContainer",
    name: str,
    options: Mapping[str, object],
    span: _Span,
) -> Iterator[float]:
    """Copies or encodes the sound of a part, and yields the times reached."""
    known = FORMATS[name]
    rates = {"bit_rate": options["audio_bit_rate"]} if "audio_bit_rate" in options else {}
    of_part = AudioEdits(is_exact=edits.is_exact and edits.part != Part())
    if can_copy(sound.codec, of_part, known.holds, rates):
        return copy_packets(
            sound.opened,
            sound.stream,
            container,
            name,
            start=span.start,
            end=span.end,
            earlier=span.zero,
        )
    origin = sound.origin * time_base_of(sound.stream)
    after = max(float(span.zero - origin), 0.0)  # Encoded sound cannot begin before the pictures.
    end = None if span.end is None else float(span.end - origin)
    later = max(float(origin - span.zero), 0.0)
    exact = AudioEdits(Part(after, end))
    codec = encoding_of(sound, known)
    return encode_sound(sound, exact, container, codec, rates, later=later)
