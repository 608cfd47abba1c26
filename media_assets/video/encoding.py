"""Encoding of pictures: upright, in another size, from 8-bit colours in limited range."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PIL import Image

from media_assets.containers.encoders import TICKS, VIDEO_ENCODERS, be_repeatable
from media_assets.containers.writing import PicturePackets
from media_assets.errors import UnwritableMediaError
from media_assets.video.edits import even_size
from media_assets.video.streams import Pictures
from media_assets.video.upright import Upright

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.filter.graph import Graph
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_FILTERS: Mapping[Image.Transpose, tuple[tuple[str, str], ...]] = {
    Image.Transpose.FLIP_LEFT_RIGHT: (("hflip", ""),),
    Image.Transpose.FLIP_TOP_BOTTOM: (("vflip", ""),),
    Image.Transpose.ROTATE_180: (("hflip", ""), ("vflip", "")),
    Image.Transpose.ROTATE_90: (("transpose", "cclock"),),
    Image.Transpose.ROTATE_270: (("transpose", "clock"),),
    Image.Transpose.TRANSPOSE: (("transpose", "cclock_flip"),),
    Image.Transpose.TRANSVERSE: (("transpose", "clock_flip"),),
}
_PIXELS = "yuv420p"
_LIMITED_RANGE = 1
_QUALITY = ("crf", "preset")


class PictureEncoder:
    """A stream of pictures that is encoded into a container.

    Args:
        container: The new container.
        codec: One of `VIDEO_ENCODERS`.
        pictures: The source, for its rate and colours.
        upright: How its frames are to be shown.
        box: The box to fit; None keeps the size.
        options: `crf` and `preset`, if given.

    Raises:
        UnwritableMediaError: The format cannot hold the codec.
    """

    def __init__(
        self,
        container: "OutputContainer",
        codec: str,
        pictures: Pictures,
        upright: Upright,
        box: tuple[int, int] | None,
        options: Mapping[str, object],
    ) -> None:
        encoder = VIDEO_ENCODERS[codec]
        given = {name: str(options[name]) for name in _QUALITY if name in options}
        self._upright = upright
        self._size = even_size(upright.size, box)
        self._turning: Graph | None = None
        self._last = -1
        self._packets = PicturePackets(container)
        try:
            self._stream: VideoStream = container.add_stream(  # pyright: ignore[reportAttributeAccessIssue]
                encoder.name,
                rate=pictures.rate or 25,
                options={**encoder.options, **given},
            )
        except ValueError as error:
            fix = "Choose another `format=` or codec."
            raise UnwritableMediaError(container.format.name, str(error), fix=fix) from error
        context, source = self._stream.codec_context, pictures.stream.codec_context
        context.width, context.height = self._size
        context.pix_fmt, context.time_base = _PIXELS, TICKS
        context.color_range = _LIMITED_RANGE
        context.colorspace = source.colorspace
        context.color_primaries, context.color_trc = source.color_primaries, source.color_trc
        if codec == "hevc" and container.format.name in {"mp4", "mov"}:
            context.codec_tag = "hvc1"
        be_repeatable(context)

    def encode(self, frame: "VideoFrame", seconds: float) -> None:
        """Writes a frame that is shown from a time on; times that do not increase are moved on."""
        wide, high = self._size
        if self._upright.is_sideways:
            wide, high = high, wide
        made = frame.reformat(
            width=wide,
            height=high,
            format=_PIXELS,
            dst_color_range=_LIMITED_RANGE,
            interpolation="LANCZOS" if (wide, high) != (frame.width, frame.height) else None,
            threads=1,
        )
        made = self._turned(made)
        self._last = max(round(seconds / TICKS), self._last + 1)
        made.pts, made.time_base, made.pict_type = self._last, TICKS, 0
        self._packets.write(self._stream.encode(made))  # pyright: ignore[reportUnknownArgumentType]  # packets of a stream

    def finish(self, until: float | None = None) -> None:
        """Writes what the encoder still holds.

        Args:
            until: When the last frame is no longer shown; by default after a usual time.
        """
        self._packets.write(self._stream.encode(None))  # pyright: ignore[reportUnknownArgumentType]  # as above
        self._packets.finish(None if until is None else round(until / TICKS))

    def _turned(self, frame: "VideoFrame") -> "VideoFrame":
        if self._upright.turn is None:
            return frame
        if self._turning is None:
            self._turning = _graph(frame, self._upright.turn)
        frame.pts, frame.time_base = 0, TICKS
        self._turning.vpush(frame)
        return self._turning.vpull()


def _graph(frame: "VideoFrame", turn: Image.Transpose) -> "Graph":
    from av.filter.graph import Graph

    graph = Graph()
    graph.threads = 1
    nodes = [
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=TICKS
        ),
        *(graph.add(name, argument or None) for name, argument in _FILTERS[turn]),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph
