"""Ready row functions for sound."""

from PIL import Image

from media_assets.audio.handle import Audio


def resample(audio: Audio, rate: int | None = None, *, channels: int | None = None) -> Audio:
    """Returns the sound with another sample rate, or mixed to another number of channels.

    Args:
        audio: Any sound.
        rate: Samples per second of one channel.
        channels: 1 to 8.

    Examples:
        >>> resample(Audio("talk.mp3"), 16_000, channels=1)
        Audio('talk.mp3', edited)
    """
    return audio.resample(rate, channels=channels)


def clip_audio(
    audio: Audio, start: float = 0.0, end: float | None = None, *, exact: bool = False
) -> Audio:
    """Returns a part of the sound.

    Args:
        audio: Any sound.
        start: Seconds after its start.
        end: The same; None for its end.
        exact: Whether to cut at the sample and encode again, rather than at a packet.

    Examples:
        >>> clip_audio(Audio("talk.mp3"), 10, 20)
        Audio('talk.mp3', edited)
    """
    return audio.clip(start, end, exact=exact)


def waveform(
    audio: Audio,
    size: tuple[int, int] = (800, 200),
    *,
    color: str | tuple[int, int, int] = "#2a6f97",
    background: str | tuple[int, int, int] = "white",
) -> Image.Image:
    """Returns a picture of how loud the sound is over time.

    Args:
        audio: Any sound.
        size: Width and height in pixels.
        color: Of the bars: a name, `"#rrggbb"`, or red, green and blue.
        background: Of the rest.
    """
    return audio.waveform(size, color, background=background)
