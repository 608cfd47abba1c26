"""Frames of videos: which ones, when, how they look, and how many are in memory."""

import weakref
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from media_assets.containers.limits import MediaLimits
from media_assets.containers.opening import open_media
from media_assets.errors import MediaOptionError, MediaTimeError
from media_assets.video.decoding import chosen_frames, index_of
from media_assets.video.handle import Video
from media_assets.video.selection import Selection, select
from media_assets.video.streams import Pictures
from media_assets_tests.media import open_files
from media_assets_tests.media.videos import FPS, SIZE, gray_of, make_video

LIMITS = MediaLimits()
GROUPS = {
    "closed": ("h264", {"x264-params": "keyint=5:bframes=2", "preset": "ultrafast"}),
    "open": ("h264", {"x264-params": "open-gop=1:keyint=6:bframes=3:b-adapt=0:scenecut=0"}),
    "open-hevc": (
        "hevc",
        {"x265-params": "log-level=none:open-gop=1:keyint=6:bframes=3:scenecut=0"},
    ),
    "vp9": ("vp9", {"crf": "12", "b": "0", "g": "6", "cpu-used": "8"}),
    "mpeg4": ("mpeg4", {"qscale": "2", "g": "6", "bf": "2"}),
}


def grays(video: Video, **chosen: float) -> list[tuple[float, int]]:
    """Times and numbers of the chosen frames, by their grays."""
    return [(round(frame.time, 3), number_of(frame.image)) for frame in video.frames(**chosen)]  # pyright: ignore[reportArgumentType]


def number_of(image: Image.Image) -> int:
    """The number of a frame, of those below 15, by its gray at the bottom right."""
    gray = pixel(image, (image.width - 3, image.height - 3))[1]
    return min(range(15), key=lambda index: abs(gray_of(index) - gray))


def pixel(image: Image.Image, place: tuple[int, int]) -> tuple[int, int, int]:
    return cast("tuple[int, int, int]", image.convert("RGB").getpixel(place))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    return Video(make_video(tmp_path_factory.mktemp("videos") / "a.mp4"))


def test_all_frames_come_in_order_with_their_times(video: Video) -> None:
    assert grays(video) == [(index / FPS, index) for index in range(10)]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({"fps": 2}, [0, 5]),
        ({"fps": 10}, list(range(10))),
        ({"fps": 100}, list(range(10))),
        ({"fps": 4}, [0, 2, 5, 7]),
        ({"every": 0.3}, [0, 3, 6, 9]),
        ({"every": 5.0}, [0]),
        ({"count": 2}, [2, 7]),
        ({"count": 1}, [5]),
        ({"keyframes": True}, [0, 5]),
        ({"start": 0.35, "end": 0.61}, [4, 5, 6]),
        ({"fps": 5, "start": 0.5}, [5, 7, 9]),
        ({"start": 5.0}, []),
    ],
)
def test_frames_are_chosen_by_time(
    video: Video, chosen: dict[str, float], numbers: list[int]
) -> None:
    assert [number for _, number in grays(video, **chosen)] == numbers


def test_a_frame_that_is_shown_long_is_taken_once(tmp_path: Path) -> None:
    video = Video(make_video(tmp_path / "a.mkv", times=[0, 1, 2, 9, 10, 30]))

    assert grays(video, fps=1) == [(0.0, 0), (1.0, 4), (3.0, 5)]
    assert grays(video, every=0.5) == [(0.0, 0), (0.2, 2), (1.0, 4), (3.0, 5)]


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_rounded_time_stamps_lose_no_frame_at_the_videos_own_rate(
    tmp_path: Path, name: str
) -> None:
    video = Video(make_video(tmp_path / name, codec="vp8", fps=30, seconds=0.5))

    assert len(list(video.frames(fps=30))) == 15


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        ({"fps": 1, "every": 2}, "fps=1, every=2"),
        ({"fps": 0}, "`fps` is 0"),
        ({"every": -1.0}, "`every` is -1.0"),
        ({"count": 0}, "`count` is 0"),
        ({"every": float("nan")}, "`every` is nan"),
        ({"start": -1.0}, "`start` is -1.0"),
        ({"start": 2.0, "end": 1.0}, "`end` is 1.0"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_when_it_is_made(
    video: Video, chosen: dict[str, float], named: str
) -> None:
    with pytest.raises(MediaOptionError, match=named):
        video.frames(**chosen)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("group", GROUPS)
def test_planned_frames_are_those_of_decoding_everything(tmp_path: Path, group: str) -> None:
    codec, options = GROUPS[group]
    path = make_video(tmp_path / "a.mkv", codec=codec, options=options, seconds=4)

    for selection in (select(every=0.7), select(fps=7), select(start=2.0), select(keyframes=True)):
        assert decoded(path, selection, is_planned=True) == decoded(
            path, selection, is_planned=False
        )


def decoded(path: Path, selection: Selection, *, is_planned: bool) -> list[tuple[float, bytes]]:
    index = index_of(path, LIMITS, selection)
    assert index is not None
    with open_media(path, LIMITS) as opened:
        frames = chosen_frames(Pictures(opened), selection, index if is_planned else None)
        return [(round(time, 3), frame.to_ndarray().tobytes()) for time, _, frame in frames]


@pytest.mark.parametrize("group", GROUPS)
def test_a_frame_by_time_is_the_one_that_is_shown_then(tmp_path: Path, group: str) -> None:
    codec, options = GROUPS[group]
    video = Video(make_video(tmp_path / "a.mkv", codec=codec, options=options, seconds=2))
    frames = list(video.frames())

    for index in (0, 4, 5, 6, 7, 11, 12, 13, 19):
        assert video.frame(index / FPS + 0.03).tobytes() == frames[index].image.tobytes()


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi", "a.ts"])
def test_every_container_can_be_entered_anywhere(tmp_path: Path, name: str) -> None:
    video = Video(make_video(tmp_path / name, seconds=1.5, with_audio=name != "a.avi"))

    assert [number_of(video.frame(at)) for at in (0, 0.4, 0.75, 1.1, 1.44)] == [0, 4, 7, 11, 14]
    assert [number for _, number in grays(video, every=0.4)] == [0, 4, 8, 12]


def test_recordings_joined_end_to_end_show_at_a_time_what_they_show_in_order(
    tmp_path: Path,
) -> None:
    short, long = (make_video(tmp_path / f"{n}.ts", seconds=n) for n in (0.5, 1.5))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(short.read_bytes() + long.read_bytes())
    video = Video(joined)

    frames = list(video.frames())

    for at in (0.0, 0.3, 0.72, 1.23, 1.82):
        shown = [frame for frame in frames if frame.time <= at + 0.001][-1]
        assert video.frame(at).tobytes() == shown.image.tobytes()


def test_a_time_outside_of_the_video_is_refused(video: Video) -> None:
    with pytest.raises(MediaTimeError, match=r"nothing at -1 s"):
        video.frame(-1)
    with pytest.raises(MediaTimeError, match=r"nothing at 1\.5 s.*from 0 to 1 s"):
        video.frame(1.5)
    assert number_of(video.frame(1.0)) == 9


def test_one_picture_is_in_memory_at_a_time(video: Video) -> None:
    alive: list[weakref.ref[Image.Image]] = []
    most = 0

    for frame in video.frames():
        alive.append(weakref.ref(frame.image))
        del frame
        most = max(most, sum(each() is not None for each in alive))

    assert (most, len(alive)) == (0, 10)


def test_frames_that_are_no_longer_wanted_close_the_file(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    frames = Video(path).frames()

    next(frames)

    assert open_files(tmp_path) == [path]
    del frames
    assert open_files(tmp_path) == []


@pytest.mark.parametrize("fps", [None, 5.0])
def test_memory_does_not_grow_with_the_duration(tmp_path: Path, fps: float | None) -> None:
    video = Video(make_video(tmp_path / "a.mkv", codec="mpeg4", seconds=200, size=(160, 120)))
    frames = video.frames(fps=fps)

    for _ in range(50):
        next(frames)
    before = resident_mb()
    count = sum(1 for _ in frames)

    assert count > 900
    assert resident_mb() - before < 8


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


RED_AT = {
    (0, False): "top left",
    (90, False): "bottom left",
    (180, False): "bottom right",
    (-90, False): "top right",
    (0, True): "top right",
    (90, True): "bottom right",
    (180, True): "bottom left",
    (-90, True): "top left",
}


def red_corner(image: Image.Image) -> str:
    across, down = image.width - 5, image.height - 5
    corners = {
        "top left": (4, 4),
        "top right": (across, 4),
        "bottom left": (4, down),
        "bottom right": (across, down),
    }
    pixels = {name: pixel(image, place) for name, place in corners.items()}
    return max(pixels, key=lambda name: pixels[name][0] - pixels[name][1])


@pytest.mark.parametrize(("rotation", "mirrored"), RED_AT)
def test_pictures_are_upright(tmp_path: Path, rotation: int, *, mirrored: bool) -> None:
    video = Video(make_video(tmp_path / "a.mp4", rotation=rotation, mirrored=mirrored, seconds=0.3))
    upright = SIZE[::-1] if rotation in {90, -90} else SIZE

    assert (video.width, video.height) == video.frame().size == upright
    assert red_corner(video.frame(0.1)) == red_corner(next(video.frames()).image)
    if (rotation, mirrored) in RED_AT:
        assert red_corner(video.frame(0.1)) == RED_AT[rotation, mirrored]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_pixels_are_square(tmp_path: Path, name: str) -> None:
    video = Video(make_video(tmp_path / name, aspect=Fraction(4, 3), seconds=0.3))

    assert (video.width, video.height) == video.frame().size == (85, 48)


def test_a_box_scales_down_only(video: Video) -> None:
    assert video.frame(size=(32, 32)).size == (32, 24)
    assert video.frame(size=(640, 640)).size == SIZE
    assert {frame.image.size for frame in video.frames(size=(16, 16))} == {(16, 12)}


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("a.mp4", "h264", "yuv420p", None),
        ("a.mp4", "h264", "yuvj420p", None),
        ("a.mp4", "h264", "yuv420p10le", None),
        ("a.mp4", "h264", "yuv444p", None),
        ("a.mp4", "h264", "yuv420p", {"x264-params": "tff=1", "crf": "12"}),
        ("a.mov", "prores_ks", "yuv422p10le", {}),
    ],
)
def test_depths_ranges_and_interlacing_have_the_same_colours(
    tmp_path: Path, name: str, codec: str, pixels: str, options: dict[str, str] | None
) -> None:
    path = make_video(tmp_path / name, codec=codec, pixels=pixels, options=options, seconds=0.5)
    image = Video(path).frame(0.3)

    assert image.mode == "RGB"
    red, gray = pixel(image, (10, 10)), pixel(image, (60, 40))
    assert all(abs(a - b) < 8 for a, b in zip(red, (220, 30, 30), strict=True))
    assert all(abs(each - gray_of(3)) < 8 for each in gray)


@pytest.mark.parametrize(
    ("codec", "pixels"), [("qtrle", "argb"), ("prores_ks", "yuva444p10le"), ("png", "rgba")]
)
def test_transparency_is_kept(tmp_path: Path, codec: str, pixels: str) -> None:
    path = make_video(tmp_path / "a.mov", codec=codec, pixels=pixels, options={}, seconds=0.2)

    assert Video(path).frame().mode == "RGBA"
