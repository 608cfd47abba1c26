"""Writing of sound: packets are copied wherever they can be, and encoded again where not."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.audio.edits import AudioEdits
from media_assets.audio.formats import FORMATS, check_options
from media_assets.audio.samples import SampleForm, sample_blocks
from media_assets.audio.streams import Sound
from media_assets.containers.copying import copy_packets, interleave
from media_assets.containers.encoders import SoundEncoder, fitting_rate
from media_assets.containers.formats import MediaFormat, checked_format
from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media, time_base_of
from media_assets.containers.parts import Part
from media_assets.containers.writing import written_media
from media_assets.errors import MediaTimeError

if TYPE_CHECKING:
    from av.container import OutputContainer

_WIDE = {"s32", "s32p", "s64", "s64p"}
_MOST_CHANNELS = 8


def write_sound(
    source: Path,
    edits: AudioEdits,
    target: Path,
    media_format: str,
    save_options: Mapping[str, object] | None,
    limits: MediaLimits,
) -> None:
    """Writes the sound of a file, edited, into another file; `kind.write` describes the errors.

    Naming a codec that the sound does not have, or a bit rate, encodes it again. Of a video, the
    pictures are left out.
    """
    name = checked_format(media_format, FORMATS)
    known, options = FORMATS[name], check_options(name, save_options)
    with open_media(source, limits) as opened, written_media(target, name, known) as container:
        sound = Sound(opened)
        if can_copy(sound.codec, edits, known.holds, options):
            writer = copy_sound(sound, edits.part, container, name)
        else:
            codec = encoding_of(sound, known, options.get("codec"))
            writer = encode_sound(sound, edits, container, codec, options)
        if not interleave(writer):
            raise MediaTimeError(edits.part.start, medium="audio", duration=opened.seconds)


def encoding_of(sound: Sound, known: MediaFormat, asked: object = None) -> str:
    """Returns the codec to encode with: what was asked, the sound's own, or the format's usual."""
    if isinstance(asked, str):
        return asked
    return sound.codec if sound.codec in known.audio_codecs else known.audio_codecs[0]


def copy_sound(
    sound: Sound, part: Part, container: "OutputContainer", name: str
) -> Iterator[float]:
    """Copies the packets of a part of some sound; the part begins at the time 0."""
    base = time_base_of(sound.stream)
    origin = sound.origin * base
    start = origin + Fraction(part.start) if part.start else None
    end = None if part.end is None else origin + Fraction(part.end)
    return copy_packets(
        sound.opened,
        sound.stream,
        container,
        name,
        start=start,
        end=end,
        earlier=start or Fraction(0),
    )


def can_copy(
    codec: str, edits: AudioEdits, holds: frozenset[str], options: Mapping[str, object]
) -> bool:
    """Returns whether packets can be copied as they are."""
    is_as_asked = set(options) <= {"codec"} and options.get("codec", codec) == codec
    is_changed = edits.is_exact or edits.rate is not None or edits.channels is not None
    return codec in holds and is_as_asked and not is_changed


def encode_sound(
    sound: Sound,
    edits: AudioEdits,
    container: "OutputContainer",
    codec: str,
    options: Mapping[str, object],
    *,
    later: float = 0.0,
) -> Iterator[float]:
    """Adds a stream, then encodes a part of some sound into it, and yields the times reached.

    Args:
        sound: Of a file that is at its beginning.
        edits: What to do with it.
        container: The new container.
        codec: What to encode it with.
        options: `bit_rate` and `compression_level`, if given.
        later: Seconds at which it begins in the new container.
    """
    context = sound.stream.codec_context
    rate = fitting_rate(codec, edits.rate or context.sample_rate)
    channels = edits.channels or min(context.channels, _MOST_CHANNELS)
    is_wide = context.format.name in _WIDE or sound.codec.startswith("pcm_f")
    encoder = SoundEncoder(container, codec, rate, channels, options, is_wide=is_wide, later=later)
    yield later
    for block in sample_blocks(sound, SampleForm(rate, channels, encoder.samples), edits.part):
        yield encoder.encode(block)
    encoder.finish()
