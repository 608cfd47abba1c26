"""`Audio`: what a row function gets for a cell of sound."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.audio.edits import AudioEdits
from media_assets.audio.facts import AudioFacts, inspect as inspect_audio, sound_codec
from media_assets.audio.formats import FORMATS, default_format
from media_assets.containers.limits import MediaLimits
from media_assets.containers.parts import Part
from media_assets.file_handle import FileHandle

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image


class Audio(FileHandle):
    """The sound of a local file, with edits that are done when it is written.

    Making one reads nothing. `clip` and `resample` return another one; a chain of them is one pass
    over the file. Questions about an edited sound write it to a temporary file first, once; it is
    deleted when the sound is closed or no longer used.

    Args:
        path: A file of sound. Pictures in it are left out.
        limits: The limits on it; the default limits if not given.
        facts: Its facts, if they are known: nothing is read again for them.

    Example:
        >>> Audio("talk.mp3").clip(start=60).resample(16_000, channels=1)
        Audio('talk.mp3', edited)
    """

    def __init__(
        self,
        path: str | Path,
        *,
        limits: MediaLimits | None = None,
        facts: AudioFacts | None = None,
    ) -> None:
        super().__init__(Path(path))
        self._limits = limits or MediaLimits()
        self._facts, self._edits = facts, AudioEdits()
        self._must_write = False

    @property
    def path(self) -> Path:
        """The file; of an edited sound, a temporary one."""
        if self._edits.is_none and not self._must_write:
            return self._source
        if self._written is not None:
            return self._written
        return self._write_once(f"audio{FORMATS[self.default_format].extension}", self.write)

    @property
    def default_format(self) -> str:
        """The format in which it is written if none is named: one that can hold it, or FLAC."""
        return default_format(sound_codec(self._source, self._limits))

    @property
    def facts(self) -> AudioFacts:
        """What `inspect` returns for the file."""
        if self._facts is None:
            self._facts = inspect_audio(self.path, self._limits)
        return self._facts

    @property
    def duration(self) -> float | None:
        """Seconds; None if the file does not say."""
        return self.facts.duration

    @property
    def sample_rate(self) -> int:
        """Samples per second of one channel."""
        return self.facts.sample_rate

    @property
    def channels(self) -> int:
        """The number of channels."""
        return self.facts.channels

    @property
    def codec(self) -> str:
        """How it is encoded: `aac`, `mp3`, `pcm_s16le`, ..."""
        return self.facts.codec

    def clip(self, start: float = 0.0, end: float | None = None, *, exact: bool = False) -> "Audio":
        """Returns a part of the sound.

        Args:
            start: Seconds after its start.
            end: The same; None for its end.
            exact: Whether to cut at the sample and encode again. Otherwise packets are copied, and
                the part begins and ends at most a few hundredths of a second away.

        Raises:
            MediaOptionError: The start is negative, or the end is not after it.
        """
        return self._with(self._edits.clipped(start, end, exact=exact))

    def resample(self, rate: int | None = None, *, channels: int | None = None) -> "Audio":
        """Returns the sound with another sample rate, or mixed to another number of channels.

        Args:
            rate: Samples per second of one channel, at most 768,000.
            channels: 1 to 8.

        Raises:
            MediaOptionError: A number is out of range.
        """
        return self._with(self._edits.resampled(rate, channels))

    def samples(self, rate: int | None = None, *, mono: bool = False) -> "NDArray[np.float32]":
        """Returns all samples as numbers from -1 to 1.

        The array's shape is (samples, channels), or (samples,) with `mono`.

        Args:
            rate: Samples per second of one channel; by default as they are.
            mono: Whether to mix all channels to one.

        Raises:
            SamplesTooManyError: There are more than the limits allow in memory.
            UnreadableMediaError: The file holds no sound, is damaged, or exceeds the limits.
        """
        from media_assets.audio.samples import SampleForm, read_samples

        edits = self._edits
        form = SampleForm(rate or edits.rate, 1 if mono else edits.channels)
        samples = read_samples(self._source, self._limits, form, edits.part)
        return samples[:, 0] if mono else samples

    def waveform(
        self,
        size: tuple[int, int] = (800, 200),
        color: str | tuple[int, int, int] = "#2a6f97",
        *,
        background: str | tuple[int, int, int] = "white",
    ) -> "Image.Image":
        """Returns a picture of how loud the sound is over time.

        Args:
            size: Width and height in pixels.
            color: Of the bars: a name, `"#rrggbb"`, or red, green and blue.
            background: Of the rest.
        """
        from media_assets.audio.waveform import draw_waveform

        part = self._edits.part
        return draw_waveform(
            self._source, size, self._limits, part=part, color=color, background=background
        )

    def write(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002  as in Pillow's `save`
        save_options: Mapping[str, object] | None = None,
    ) -> None:
        """Writes the edited sound to a file, in one pass; the same sound gives the same bytes.

        Args:
            path: The new file.
            format: `m4a`, `mp3`, `wav`, `flac` or `ogg`; by default the one of the path's ending.
            save_options: Options of the format, such as `{"bit_rate": 128_000}`.

        Raises:
            OutputFormatError: The format or an option is not valid.
            UnreadableMediaError: The source holds no sound, is damaged, or exceeds the limits.
        """
        from media_assets.audio.writing import write_sound

        target = Path(path)
        media_format = format or target.suffix
        write_sound(self._source, self._edits, target, media_format, save_options, self._limits)

    def __repr__(self) -> str:
        edited = "" if self._edits.is_none else ", edited"
        return f"{type(self).__name__}({str(self._source)!r}{edited})"

    def _with(self, edits: AudioEdits) -> "Audio":
        other = Audio(self._source, limits=self._limits)
        other._edits, other._must_write = edits, self._must_write
        return self._pass_on(other)

    @classmethod
    def of_video(cls, path: Path, part: Part, *, exact: bool, limits: MediaLimits) -> "Audio":
        """Returns the sound of a part of a video, without the pictures."""
        audio = cls(path, limits=limits)
        audio._edits, audio._must_write = AudioEdits(part, exact), True
        return audio
