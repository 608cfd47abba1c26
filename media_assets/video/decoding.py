"""Decoded frames in the order in which they are shown, with their times.

`planned_frames` decodes only what the chosen frames need; `all_frames` decodes everything. Both
give the same pictures.
"""

from array import array
from collections import deque
from collections.abc import Generator, Iterator
from itertools import accumulate, chain, pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media
from media_assets.errors import UndecodableMediaError
from media_assets.video.selection import Selection, chosen
from media_assets.video.streams import Clock, Pictures

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

WHOLE_FRAMES = {"mp4", "mov", "mkv", "webm"}
"""Containers whose packets each hold one frame, with its time stamp."""
_PLANNED_CODECS = {"h264", "hevc", "vp9", "av1", "mpeg4", "mpeg2video"}
_LAYERS_AT = 21
"""Where the header of HEVC in MP4 and MKV says how many layers of frames there are."""
_USUAL_FPS = 25


class Decoded(NamedTuple):
    """A decoded frame.

    Attributes:
        time: Seconds after the start.
        is_key: Whether it can be decoded alone.
        frame: Its picture.
    """

    time: float
    is_key: bool
    frame: "VideoFrame"


class Stated(NamedTuple):
    """A frame of which only the packet is known.

    Attributes:
        time: Seconds after the start.
        is_key: Whether it can be decoded alone.
        stamp: Its time stamp.
    """

    time: float
    is_key: bool
    stamp: int


def index_of(path: Path, limits: MediaLimits, selection: Selection) -> "Index | None":
    """Returns the index by which the chosen frames can be planned; None to decode everything.

    That is so if all frames are chosen, and where time stamps do not tell when a frame is shown.
    """
    if selection.step is None and not selection.keys_only and not selection.start:
        return None
    return whole_index(path, limits)


def whole_index(path: Path, limits: MediaLimits) -> "Index | None":
    """Returns the index by which any frames can be planned; None to decode everything.

    That is so where time stamps do not tell when a frame is shown.
    """
    with open_media(path, limits) as opened:
        pictures = Pictures(opened)
        can_plan = opened.format in WHOLE_FRAMES and pictures.codec in _PLANNED_CODECS
        return read_index(pictures) if can_plan else None


def chosen_frames(
    pictures: Pictures, selection: Selection, index: "Index | None"
) -> Generator[Decoded]:
    """Yields the chosen frames of a file that is at its beginning.

    Raises:
        UndecodableMediaError: The file is damaged where the frames are.
        MediaTooLargeError: It has more frames than the limit.
    """
    is_known = selection.is_cut and pictures.opened.seconds is not None
    last_seconds = inf if is_known else usual_seconds(pictures)
    if index is None:
        yield from chosen(all_frames(pictures), selection, last_seconds=last_seconds)
        return
    wanted = chosen(index.shown(pictures), selection, last_seconds=last_seconds)
    yield from planned_frames(pictures, index, array("q", (each.stamp for each in wanted)))


def usual_seconds(pictures: Pictures) -> float:
    """Returns how long a frame is shown, for the last one."""
    return 1 / (pictures.fps or _USUAL_FPS)


def all_frames(pictures: Pictures) -> Iterator[Decoded]:
    """Yields every frame."""
    opened, clock = pictures.opened, Clock(pictures.seconds, pictures.fps)
    count = 0
    for packet in opened.packets(pictures.stream):
        for stamp, frame in pictures.decoded(packet):
            count += 1
            opened.limits.check("frames", count)
            yield Decoded(clock.time(stamp), frame.key_frame, frame)


class Index:
    """The time stamps of all packets, in the order of the file: 25 bytes for each frame.

    Attributes:
        stamps: When each is shown.
        keys: Whether decoding can begin at it.
    """

    def __init__(self, stamps: "array[int]", keys: bytearray) -> None:
        import numpy as np  # noqa: PLC0415  slow to import

        self.stamps, self.keys = stamps, keys
        # As Python's integers, those of an hour would take 9 MB.
        self._order = array("q", np.argsort(np.asarray(stamps), kind="stable").tobytes())
        starts = (position if is_key else 0 for position, is_key in enumerate(keys))
        self._starts = array("q", accumulate(starts, max))

    @property
    def tells_all_apart(self) -> bool:
        """Whether no two frames have the same time stamp."""
        return all(self.stamps[a] != self.stamps[b] for a, b in pairwise(self._order))

    def shown(self, pictures: Pictures) -> Iterator[Stated]:
        """Yields the frames in the order in which they are shown."""
        for position in self._order:
            stamp = self.stamps[position]
            yield Stated(pictures.seconds(stamp), bool(self.keys[position]), stamp)

    def needed(self, wanted: set[int]) -> bytearray:
        """Returns, by position, whether a packet must be decoded for the wanted time stamps.

        A frame needs the packets since the last key frame before it. If it is shown before that key
        frame, it may also refer to earlier frames, and the group before is needed as a whole.
        """
        needed, lowest = bytearray(len(self.stamps)), len(self.stamps)
        for position in range(len(self.stamps) - 1, -1, -1):
            if self.stamps[position] in wanted:
                start = self._starts[position]
                if start and self.stamps[position] < self.stamps[start]:
                    start = self._starts[start - 1]
                end = min(position + 1, lowest)
                needed[start:end] = b"\x01" * max(end - start, 0)
                lowest = min(lowest, start)
        return needed


def read_index(pictures: Pictures) -> Index | None:
    """Returns the time stamps of all packets; None if they do not tell when frames are shown."""
    stamps, keys = array("q"), bytearray()
    for packet in pictures.opened.packets(pictures.stream):
        if not packet.size:
            continue  # the one at the end
        if packet.pts is None or packet.is_discard:
            return None
        stamps.append(packet.pts)
        keys.append(packet.is_keyframe)
        pictures.opened.limits.check("frames", len(stamps))
    if not stamps or not keys[0] or stamps[0] > min(stamps):
        return None
    index = Index(stamps, keys)
    return index if index.tells_all_apart else None


def planned_frames(pictures: Pictures, index: Index, wanted: "array[int]") -> Iterator[Decoded]:
    """Yields the frames with the wanted time stamps, which are in the order of their times.

    Where decoding cannot begin at a key frame after all, as in videos that are refreshed bit by
    bit, the frames that are left are taken from decoding everything.

    Raises:
        UndecodableMediaError: One of them is missing, or the file is damaged before it.
    """
    left = deque(wanted)
    for frame in _needed_frames(pictures, index, set(wanted)):
        if frame.pts != left[0]:
            break
        yield Decoded(pictures.seconds(left.popleft()), frame.key_frame, frame)
    if left:
        yield from _found(pictures, index, left)


def _found(pictures: Pictures, index: Index, wanted: deque[int]) -> Iterator[Decoded]:
    """Yields the frames with the wanted time stamps, and decodes everything for them."""
    pictures.stream.codec_context.skip_frame = "DEFAULT"
    pictures.opened.seek(pictures.stream, index.stamps[0])
    for packet in pictures.opened.packets(pictures.stream):
        for frame in pictures.opened.pictures(packet):
            if wanted and frame.pts == wanted[0]:
                yield Decoded(pictures.seconds(wanted.popleft()), frame.key_frame, frame)
        if not wanted:
            return
    reason = f"the picture at {pictures.seconds(wanted[0]):.3f} s is missing"
    raise UndecodableMediaError(pictures.opened.format, reason)


def _needed_frames(pictures: Pictures, index: Index, wanted: set[int]) -> Iterator["VideoFrame"]:
    """Yields the wanted frames, decoding only what they need."""
    needed, left = index.needed(wanted), len(wanted)
    is_decoding, skips = False, _leaves_out(pictures)
    whole = (packet for packet in pictures.opened.packets(pictures.stream) if packet.size)
    for is_needed, packet in zip(chain(needed, (0,)), chain(whole, (None,)), strict=False):
        if not left:
            return
        if is_needed and packet is not None:
            is_decoding = True
            if skips:
                skipped = "DEFAULT" if packet.pts in wanted else "NONREF"
                pictures.stream.codec_context.skip_frame = skipped
            frames = pictures.opened.pictures(packet)
        elif is_decoding:
            is_decoding = False
            frames = finished(pictures)
        else:
            continue
        for frame in frames:
            if frame.pts in wanted:
                left -= 1
                yield frame


def _leaves_out(pictures: Pictures) -> bool:
    """Returns whether the decoder can leave out frames to which no other refers, if asked to.

    HEVC says of a frame only whether others of its own layer refer to it.
    """
    if pictures.codec != "hevc":
        return pictures.codec == "h264"
    header = pictures.stream.codec_context.extradata or b""
    is_record = len(header) > _LAYERS_AT and header[0] == 1
    return is_record and header[_LAYERS_AT] >> 3 & 7 == 1


def finished(pictures: Pictures) -> list["VideoFrame"]:
    """Returns the frames that the decoder still holds, and makes it ready for another place."""
    context = pictures.stream.codec_context
    frames = pictures.opened.tried(lambda: context.decode(None))
    context.flush_buffers()
    return pictures.opened.checked(frames)
