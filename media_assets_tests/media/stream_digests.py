"""A digest for each stream of a file, from its packets: nothing is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import OpenedMedia, as_fraction, open_media, seconds_of

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream


@dataclass(frozen=True, slots=True)
class StreamDigests:
    """The digests of what a video consists of, in hexadecimal.

    Attributes:
        video: Of the pictures; None if there are none. It does not depend on the sound, and it is
            the same in a copy with other sound that FFmpeg made without encoding the pictures.
        audio: Of the first stream of sound; None if there is none.
    """

    video: str | None
    audio: str | None


def stream_digests(path: Path, limits: MediaLimits | None = None) -> StreamDigests:
    """Returns a digest of each stream: its parameters, and the bytes and times of its packets.

    Equal digests do not mean equal pictures: how these are turned and cropped is the container's.

    Args:
        path: A video or audio file.
        limits: The limits on it; the default limits if not given.

    Raises:
        UnreadableMediaError: The file is not video or audio, is damaged, or exceeds the limits.
    """
    with open_media(path, limits or MediaLimits()) as opened:
        streams = [each for each in (opened.video, opened.audio) if each is not None]
        if not streams:
            return StreamDigests(None, None)
        digests = _digests(opened, streams)
        video, audio = opened.video, opened.audio
        return StreamDigests(
            video=None if video is None else digests[video.index],
            audio=None if audio is None else digests[audio.index],
        )


def _digests(opened: OpenedMedia, streams: list[Any]) -> Mapping[int, str]:
    found = {each.index: sha256(_parameters(each).encode()) for each in streams}
    first: dict[int, int] = {}
    for packet in opened.packets(*streams):
        if packet.size:
            digest = found[packet.stream_index]
            start = first.setdefault(packet.stream_index, packet.pts or 0)
            digest.update(_times(packet, start).encode())
            digest.update(memoryview(packet))
    return {index: digest.hexdigest() for index, digest in found.items()}


def _parameters(stream: "Stream") -> str:
    """Returns what decoding depends on besides the packets."""
    context = stream.codec_context
    if not context:  # PyAV's types leave out that it is None without a decoder.
        return stream.type
    data = (context.extradata or b"").hex()
    aspect = as_fraction(getattr(stream, "sample_aspect_ratio", None))
    return f"{context.name} {aspect} {data}\n"


def _times(packet: "Packet[Any]", start: int) -> str:
    shown = None if packet.pts is None else seconds_of(packet.pts - start, packet.time_base)
    flags = f"{packet.is_keyframe:d}{packet.is_discard:d}"
    return f"\n{packet.size} {flags} {'' if shown is None else round(shown, 6)}\n"
