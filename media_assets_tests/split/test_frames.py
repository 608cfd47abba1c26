"""Frames of videos: exactly those that decoding everything gives, with as little decoding."""

import gc
import pickle
import weakref
from collections.abc import Mapping
from itertools import count, takewhile
from pathlib import Path
from time import sleep

import av
import pytest
from PIL import Image

from media_assets import split
from media_assets.containers.limits import MediaLimits
from media_assets.errors import DeclarationError, PartsTooManyError
from media_assets.split.frame_keys import Names
from media_assets.video.handle import Video
from media_assets_tests.media.hostile import make_changing
from media_assets_tests.media.videos import make_video
from media_assets_tests.split.parts import MANY, nothing, parts_of
from media_assets_tests.split.videos import FRAMES, KINDS, decoded, make

CHOICES: dict[str, Mapping[str, float]] = {
    "0.5": {"fps": 0.5},
    "1": {"fps": 1},
    "3.3": {"fps": 3.3},
    "native": {},
    "every-7": {"every": 0.7, "start": 0.5},
}


@pytest.fixture(scope="module", params=KINDS)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("videos"), KINDS[request.param])


def expected(path: Path, choice: Mapping[str, float]) -> dict[float, bytes]:
    """The chosen frames, found by looking at every wanted time."""
    frames, lasts = decoded(path)
    if not {"fps", "every"} & set(choice):
        return {round(frame.time, 6): frame.pixels for frame in frames}
    start, step = choice.get("start", 0.0), choice.get("every") or 1 / choice["fps"]
    times = (start + number * step for number in count())
    wanted = takewhile(lambda time: time < frames[-1].time + lasts - 0.001, times)
    shown = (
        next((frame for frame in reversed(frames) if frame.time <= time + 0.001), frames[0])
        for time in wanted
    )
    return {round(frame.time, 6): frame.pixels for frame in shown}


@pytest.mark.parametrize("choice", CHOICES)
def test_frames_are_those_of_decoding_everything(path: Path, choice: str) -> None:
    splitter = split.frames(**CHOICES[choice])  # pyright: ignore[reportArgumentType]

    parts = parts_of(splitter, Video(path))

    found = {round(float(str(part.fields["time"])), 6): pixels_of(part.value) for part in parts}
    assert found == expected(path, CHOICES[choice])
    assert [part.fields["number"] for part in parts] == list(range(1, len(parts) + 1))
    assert [part.key for part in parts] == sorted({part.key for part in parts})


def pixels_of(value: object) -> bytes:
    assert isinstance(value, Image.Image)
    return value.tobytes()


class Counted(MediaLimits):
    """Limits that count the frames that are decoded, and once more where one is taken."""

    decoded = 0

    def check(self, unit: str, found: float) -> None:
        Counted.decoded += unit == "pixels"
        super().check(unit, found)


_IN_HEADER = 2
"""How often the size that the header gives is checked: in each pass over the file."""


@pytest.fixture
def counted() -> type[Counted]:
    Counted.decoded = 0
    return Counted


@pytest.mark.parametrize("name", ["h264-closed", "h264-open", "hevc-closed", "hevc-open", "vp9"])
def test_only_what_frames_need_is_decoded(
    tmp_path: Path, counted: type[Counted], name: str
) -> None:
    video = Video(make(tmp_path, KINDS[name]), limits=counted())

    parts = parts_of(split.frames(every=2.0), video)

    assert [part.key for part in parts] == ["000000000", "000002000", "000004000"]
    whole_groups = 24 if "open" in name else 0  # where a frame refers to the group before
    assert counted.decoded - _IN_HEADER - 3 <= 1 + 9 + 5 + 3 + whole_groups < FRAMES


def test_frames_that_are_there_are_not_decoded(tmp_path: Path, counted: type[Counted]) -> None:
    video = Video(make(tmp_path, KINDS["h264-closed"]), limits=counted())
    every = [part.key for part in split.frames(fps=2).split(video, nothing, MANY)]
    counted.decoded = 0

    parts = list(split.frames(fps=2).split(video, lambda _: True, MANY))

    assert [(part.key, part.value) for part in parts] == [(key, None) for key in every]
    assert parts[3].fields == {"time": 1.5, "number": 4}
    assert counted.decoded <= _IN_HEADER


def test_a_split_goes_on_where_it_ended(tmp_path: Path, counted: type[Counted]) -> None:
    video = Video(make(tmp_path, KINDS["h264-closed"]), limits=counted())
    whole = parts_of(split.frames(), video)
    counted.decoded = 0

    rest = list(split.frames().split(video, lambda key: key < "000003600", MANY))

    assert [part.value is None for part in rest] == [True] * 36 + [False] * 12
    assert [pixels_of(part.value) for part in rest[36:]] == [
        pixels_of(part.value) for part in whole[36:]
    ]
    assert counted.decoded - _IN_HEADER - 12 <= 12


@pytest.mark.parametrize("name", ["h264-broadcast", "mpeg4-avi"])
def test_skipping_works_where_everything_is_decoded(tmp_path: Path, name: str) -> None:
    video = Video(make(tmp_path, KINDS[name]))
    whole = parts_of(split.frames(fps=2), video)

    some = list(split.frames(fps=2).split(video, lambda key: key < "000002000", MANY))

    assert [part.value is None for part in some] == [part.key < "000002000" for part in whole]
    assert pixels_of(some[-1].value) == pixels_of(whole[-1].value)


def test_each_frame_is_found_again(path: Path) -> None:
    splitter = split.frames(fps=3.3, size=(32, 32))
    video = Video(path)

    for part in parts_of(splitter, video):
        again = splitter.extract(video, part.key, part.fields)
        assert pixels_of(again) == pixels_of(part.value)
        assert isinstance(again, Image.Image)
        assert again.size == (32, 24)


def make_close(folder: Path) -> Path:
    """Frames that are ten to a millisecond."""
    times = [0, 1, 2, 50, 51, 1000, 2000, 2004]
    return make_video(
        folder / "a.mp4", fps=10_000, times=times, options={"x264-params": "bframes=0"}
    )


def test_frames_within_a_millisecond_have_keys_of_their_own(tmp_path: Path) -> None:
    video = Video(make_close(tmp_path))
    splitter = split.frames()

    parts = parts_of(splitter, video)

    assert [part.key for part in parts] == [
        *("000000000", "000000000.001", "000000000.002", "000000005", "000000005.001"),
        *("000000100", "000000200", "000000200.001"),
    ]
    for part in parts:
        assert pixels_of(splitter.extract(video, part.key, part.fields)) == pixels_of(part.value)


def test_a_frame_keeps_its_key_whichever_others_are_chosen(tmp_path: Path) -> None:
    video = Video(make_close(tmp_path))
    keys = {part.fields["time"]: part.key for part in parts_of(split.frames(), video)}

    for splitter in (split.frames(start=0.00015), split.frames(fps=100), split.frames(count=3)):
        for part in parts_of(splitter, video):
            assert part.key == keys[part.fields["time"]]


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"count": 3}, ["000000800", "000002400", "000004000"]),
        ({"count": 1, "start": 1.0, "end": 2.0}, ["000001500"]),
        ({"keyframes": True}, ["000000000", "000001200", "000002400", "000003600"]),
        ({"start": 4.5}, ["000004500", "000004600", "000004700"]),
        ({"every": 60.0}, ["000000000"]),
        ({"start": 60.0}, []),
    ],
)
def test_frames_are_chosen(tmp_path: Path, options: dict[str, float], keys: list[str]) -> None:
    video = Video(make(tmp_path, KINDS["h264-closed"]))

    assert [part.key for part in parts_of(split.frames(**options), video)] == keys  # pyright: ignore[reportArgumentType]


def test_too_many_frames_are_refused_before_one_is_decoded(
    tmp_path: Path, counted: type[Counted]
) -> None:
    video = Video(make(tmp_path, KINDS["h264-closed"]), limits=counted())
    parts = split.frames().split(video, nothing, 47)

    with pytest.raises(PartsTooManyError, match=r"48 frames .* At most 47 .* max_parts="):
        next(parts)
    assert counted.decoded <= _IN_HEADER
    assert len(list(split.frames().split(video, nothing, 48))) == 48


def test_too_many_frames_of_a_file_without_an_index_are_refused_as_they_come(
    tmp_path: Path,
) -> None:
    parts = split.frames().split(Video(make(tmp_path, KINDS["h264-broadcast"])), nothing, 2)

    assert [next(parts).key, next(parts).key] == ["000000000", "000000100"]
    with pytest.raises(PartsTooManyError, match="3 frames"):
        next(parts)


def test_one_frame_is_in_memory_at_a_time(tmp_path: Path) -> None:
    video = Video(make(tmp_path, KINDS["h264-closed"]))
    alive: list[weakref.ref[Image.Image]] = []

    for part in split.frames().split(video, nothing, MANY):
        assert isinstance(part.value, Image.Image)
        alive.append(weakref.ref(part.value))
        del part
        assert sum(each() is not None for each in alive) == 0

    assert len(alive) == FRAMES


def test_the_work_of_others_does_not_count_as_work_on_the_video(tmp_path: Path) -> None:
    path = make(tmp_path, KINDS["h264-closed"])
    slow = Video(path, limits=MediaLimits(max_work_seconds=3))

    for number, _ in enumerate(split.frames().split(slow, nothing, MANY)):
        sleep(3.1 if number == 1 else 0)

    assert len(list(slow.frames())) == FRAMES


def test_frames_have_their_own_sizes_whichever_are_there(tmp_path: Path) -> None:
    video = Video(make_changing(tmp_path / "a.ts"))
    splitter = split.frames()
    whole = parts_of(splitter, video)

    rest = list(splitter.split(video, lambda key: key < whole[6].key, MANY))[6:]

    sizes = [part.value.size for part in whole if isinstance(part.value, Image.Image)]
    assert set(sizes) == {(64, 48), (32, 32)}
    for part, again in zip(whole[6:], rest, strict=True):
        assert pixels_of(again.value) == pixels_of(part.value)
        assert pixels_of(splitter.extract(video, part.key, part.fields)) == pixels_of(part.value)


def test_transparent_frames_stay_transparent(tmp_path: Path) -> None:
    video = make_video(tmp_path / "a.mov", codec="png", pixels="rgba", options={}, seconds=0.2)

    part = parts_of(split.frames(), Video(video))[0]

    assert (part.format, part.save_options) == ("WEBP", {"quality": 90})


@pytest.mark.parametrize(
    ("time", "fragment"),
    [(12.0, "t=12.000"), (0.0, "t=0.000"), (1 / 3, "t=0.333334"), (61.0166, "t=61.016600")],
)
def test_a_fragment_is_never_earlier_than_its_frame(time: float, fragment: str) -> None:
    assert split.frames().fragment({"time": time}) == fragment
    assert float(fragment[2:]) >= time


def test_what_is_chosen_is_another_version_of_the_table_but_not_of_its_frames() -> None:
    some, more, smaller = split.frames(fps=1), split.frames(fps=2), split.frames(fps=1, size=360)

    assert len({some.code_version, more.code_version, smaller.code_version}) == 3
    assert some.part_version == more.part_version != smaller.part_version
    assert pickle.loads(pickle.dumps(some)) == some == split.frames(fps=1)  # noqa: S301  its own


def test_a_splitter_says_what_it_makes() -> None:
    assert split.frames(every=2).description == "a frame every 2 s"
    assert split.frames(count=1).description == "1 frame"
    assert split.frames(keyframes=True, start=1).description == "key frames from 1 s to the end"
    assert split.frames(size=64, end=2).description == (
        "all frames from 0 s to 2 s, at most 64 x 64 pixels"
    )
    native = [split.frames(), split.frames(start=1), split.frames(fps=1), split.frames(count=1)]
    assert [splitter.is_native for splitter in native] == [True, True, False, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 1, "every": 2}, r"fps=1, every=2.*at most one of.*ma\.split\.frames\(every=1"),
        ({"fps": 0}, "fps=0.*a positive number"),
        ({"fps": "1"}, "fps='1'"),
        ({"every": float("inf")}, "every=inf"),
        ({"every": -1.0}, r"every=-1\.0"),
        ({"count": 0}, "count=0.*whole number"),
        ({"count": 2.5}, r"count=2\.5"),
        ({"size": (0, 10)}, r"size=\(0, 10\)"),
        ({"size": "720p"}, "size='720p'"),
        ({"start": -1.0}, r"`start` is -1\.0"),
        ({"start": "0:10"}, "start='0:10'"),
        ({"start": 5, "end": 5}, "`end` is 5"),
        ({"end": "1"}, "end='1'"),
        ({"keyframes": 2}, "keyframes=2.*True or False"),
    ],
)
def test_options_that_choose_no_frames_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        split.frames(**options)  # pyright: ignore[reportArgumentType]


def test_keys_are_in_order_even_if_times_are_not() -> None:
    names = Names()

    assert [names.of(time) for time in (-0.5, 0.0, 0.1, 0.05, 0.2)] == [
        *("000000000", "000000000.001", "000000100", "000000100.001", "000000200"),
    ]


def test_a_frame_is_freed_as_soon_as_its_picture_is_made(tmp_path: Path) -> None:
    path = make(tmp_path, KINDS["h264-open"])
    gc.collect()
    gc.disable()
    try:
        parts = parts_of(split.frames(size=(32, 24)), Video(path))
        alive = [found for found in gc.get_objects() if isinstance(found, av.VideoFrame)]
    finally:
        gc.enable()

    assert len(parts) == FRAMES
    assert alive == []
