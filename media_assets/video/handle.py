"""`Video`: what a row function gets for a cell of video."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

from media_assets.audio.handle import Audio
from media_assets.containers.limits import MediaLimits
from media_assets.file_handle import FileHandle
from media_assets.video.edits import VideoEdits
from media_assets.video.facts import (
    VideoFacts,
    count_frames,
    has_sound,
    inspect as inspect_video,
    stream_codecs,
)
from media_assets.video.formats import FORMATS, default_format
from media_assets.video.reading import Frame, read_frame, read_frames
from media_assets.video.selection import Selection, select


class Video(FileHandle):
    """A local video file, with edits that are done when it is written.

    Making one reads nothing. `clip`, `resize` and `mute` return another one; a chain of them is one
    pass over the file. Questions about an edited video write it to a temporary file first, once; it
    is deleted when the video is closed or no longer used.

    Pictures are upright, in square pixels and in RGB, whatever the file's own are. The colours of
    HDR, and the two fields of an interlaced picture, stay as they are. Times are seconds after the
    first picture.

    Args:
        path: The file.
        limits: The limits on it; the default limits if not given.
        facts: Its facts, if they are known: nothing is read again for them.

    Example:
        >>> Video("walk.mp4").clip(0, 5).resize((640, 360)).mute()
        Video('walk.mp4', edited)
    """

    def __init__(
        self,
        path: str | Path,
        *,
        limits: MediaLimits | None = None,
        facts: VideoFacts | None = None,
    ) -> None:
        super().__init__(Path(path))
        self._limits = limits or MediaLimits()
        self._facts, self._edits = facts, VideoEdits()

    @property
    def path(self) -> Path:
        """The file; of an edited video, a temporary one."""
        if self._edits.is_none:
            return self._source
        if self._written is not None:
            return self._written
        return self._write_once(f"video{FORMATS[self.default_format].extension}", self.write)

    @property
    def limits(self) -> MediaLimits:
        """The limits on the file."""
        return self._limits

    @property
    def default_format(self) -> str:
        """The format in which it is written if none is named: one that can hold its streams."""
        return default_format(*stream_codecs(self._source, self._limits))

    @property
    def facts(self) -> VideoFacts:
        """What `inspect` returns for the file."""
        if self._facts is None:
            self._facts = inspect_video(self.path, self._limits)
        return self._facts

    @property
    def duration(self) -> float | None:
        """Seconds; None if the file does not say."""
        return self.facts.duration

    @property
    def width(self) -> int:
        """Pixels from left to right, upright and square."""
        return self.facts.width

    @property
    def height(self) -> int:
        """Pixels from top to bottom, upright and square."""
        return self.facts.height

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.facts.size_bytes

    @property
    def fps(self) -> float | None:
        """Frames per second on average; None if unknown."""
        return self.facts.fps

    @property
    def codec(self) -> str:
        """How its pictures are encoded: `h264`, `hevc`, `vp9`, ..."""
        return self.facts.codec

    @property
    def has_audio(self) -> bool:
        """Whether it has sound."""
        if self._facts is None:
            return has_sound(self.path, self._limits)
        return self._facts.audio_codec is not None

    @property
    def frame_count(self) -> int:
        """The number of frames, counted in one pass over the file; what its header says is not."""
        return count_frames(self.path, self._limits)

    def frame(self, at: float = 0.0, *, size: tuple[int, int] | None = None) -> Image.Image:
        """Returns the picture that is shown at a time.

        Args:
            at: Seconds after the start.
            size: A box that the picture is scaled down to fit; by default it keeps its size.

        Raises:
            MediaTimeError: The time is negative, or after the end.
            UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
        """
        return read_frame(self.path, at, self._limits, size=size).image

    def frames(
        self,
        *,
        fps: float | None = None,
        every: float | None = None,
        count: int | None = None,
        keyframes: bool = False,
        start: float = 0.0,
        end: float | None = None,
        size: tuple[int, int] | None = None,
    ) -> Iterator[Frame]:
        """Yields frames with their times, in order; only one picture is in memory at a time.

        At most one of the first four arguments is given; without one, all frames are taken. A
        frame is never taken twice, so that of a video with 10 frames per second `fps=30` takes all.

        Args:
            fps: Frames per second.
            every: Seconds between frames.
            count: Number of frames, each from the middle of one of as many equal parts of the file:
                fewer if its sound goes on after the pictures.
            keyframes: True takes key frames only.
            start: Seconds after the start of the video.
            end: The same; None for its end.
            size: A box that pictures are scaled down to fit; by default they keep their size.

        Raises:
            MediaOptionError: Two of the first four are given, or a number is not positive.
            UnreadableMediaError: The file is not a video, is damaged, or exceeds the limits.
        """
        selection = select(
            fps=fps,
            every=every,
            count=count,
            keyframes=keyframes,
            start=start,
            end=end,
            duration=self.duration if count is not None and end is None else None,
        )
        return self._frames(selection, size)

    def clip(self, start: float = 0.0, end: float | None = None, *, exact: bool = False) -> "Video":
        """Returns a part of the video.

        Args:
            start: Seconds after its start.
            end: The same; None for its end.
            exact: Whether to cut at the frame, and encode again. Otherwise pictures are copied: the
                part begins at the last key frame before the start, and may end a few frames later.

        Raises:
            MediaOptionError: The start is negative, or the end is not after it.
        """
        return self._with(self._edits.clipped(start, end, exact=exact))

    def resize(self, size: tuple[int, int]) -> "Video":
        """Returns the video scaled, up or down, to the largest size that fits a box.

        Proportions are kept, and sides are even, as codecs need them.

        Args:
            size: The box's width and height in pixels.

        Raises:
            MediaOptionError: A side is less than 2 pixels, or too long.
        """
        return self._with(self._edits.resized(size))

    def mute(self) -> "Video":
        """Returns the video without its sound."""
        return self._with(self._edits.muted())

    def audio(self) -> Audio | None:
        """Returns the sound of the video, of the part if it is clipped; None if it has none."""
        edits = self._edits
        source = self if edits.is_none else Video(self._source, limits=self._limits)
        if edits.is_mute or not source.has_audio:
            return None
        sound = Audio.of_video(self._source, edits.part, exact=edits.is_exact, limits=self._limits)
        return self._pass_on(sound)

    def write(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002  as in Pillow's `save`
        save_options: Mapping[str, object] | None = None,
    ) -> None:
        """Writes the edited video to a file, in one pass; the same video gives the same bytes.

        Streams are copied wherever the format can hold them and no edit changes them.

        Args:
            path: The new file.
            format: `mp4`, `webm`, `mkv` or `mov`; by default the one of the path's ending.
            save_options: Options of the format, such as `{"codec": "h264", "crf": 23}`.

        Raises:
            OutputFormatError: The format or an option is not valid.
            MediaTimeError: The part holds no frame.
            UnreadableMediaError: The source is not a video, is damaged, or exceeds the limits.
        """
        from media_assets.video.writing import write_video

        target = Path(path)
        media_format = format or target.suffix
        write_video(self._source, self._edits, target, media_format, save_options, self._limits)

    def _frames(self, selection: Selection, size: tuple[int, int] | None) -> Iterator[Frame]:
        """Yields the chosen frames; a method, so that this handle's files stay meanwhile."""
        yield from read_frames(self.path, selection, self._limits, size=size)

    def __repr__(self) -> str:
        edited = "" if self._edits.is_none else ", edited"
        return f"{type(self).__name__}({str(self._source)!r}{edited})"

    def _with(self, edits: VideoEdits) -> "Video":
        other = Video(self._source, limits=self._limits)
        other._edits = edits
        return self._pass_on(other)
