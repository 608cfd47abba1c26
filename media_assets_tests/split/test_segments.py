"""Segments of videos: cut at key frames, and together the whole."""

import pickle
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from media_assets import split
from media_assets.errors import DeclarationError, PartsTooManyError
from media_assets.split.video_segments import spans_of
from media_assets.video.handle import Video
from media_assets_tests.media.hostile import make_empty_video
from media_assets_tests.media.videos import make_video
from media_assets_tests.split.parts import nothing, parts_of
from media_assets_tests.split.videos import KINDS, decoded, make


@pytest.fixture
def video(tmp_path: Path) -> Video:
    return Video(make(tmp_path, KINDS["h264-closed"]))  # a key frame each 1.2 s of 4.8


def written(parts: list[split.Part], folder: Path) -> list[Path]:
    """The files of segments, as a table writes them."""
    files: list[Path] = []
    for part in parts:
        assert isinstance(part.value, Video)
        files.append(folder / f"{part.key}.{part.format}")
        part.value.write(files[-1], format=part.format)
    return files


def test_segments_start_at_key_frames_and_join_to_the_whole(video: Video, tmp_path: Path) -> None:
    parts = parts_of(split.segments(1.5), video)

    assert [part.key for part in parts] == ["000000000", "000001200", "000002400", "000003600"]
    assert [tuple(part.fields.values()) for part in parts] == [
        *((0.0, 1.2, 1), (1.2, 2.4, 2), (2.4, 3.6, 3), (3.6, 4.8, 4))
    ]
    frames = [frame.pixels for frame in decoded(video.path)[0]]
    again = [f.pixels for path in written(parts, tmp_path) for f in decoded(path)[0]]
    assert again == frames


@pytest.mark.parametrize(
    "kind",
    ["h264-open", "h264-late", "hevc-closed", "hevc-open", "vp9", "mpeg4-avi", "h264-broadcast"],
)
def test_segments_of_every_kind_of_video_lose_no_frame(tmp_path: Path, kind: str) -> None:
    video = Video(make(tmp_path, KINDS[kind]))
    whole = [frame.pixels for frame in decoded(video.path)[0]]

    parts = parts_of(split.segments(1.2), video)
    files = written(parts, tmp_path)

    found = [frame.pixels for path in files for frame in decoded(path)[0]]
    assert len(parts) >= 3
    assert list(dict.fromkeys(found)) == whole
    # Frames that are shown before a key frame, but need it, bring it along to their segment.
    assert len(found) <= len(whole) + (len(parts) - 1) * ("open" in kind)


def test_sound_goes_along(tmp_path: Path) -> None:
    video = Video(make_video(tmp_path / "a.mp4", seconds=2, with_audio=True))
    splitter = split.segments(1)

    files = [Video(path) for path in written(parts_of(splitter, video), tmp_path)]

    assert [each.has_audio for each in files] == [True, True]
    assert sum(each.duration or 0 for each in files) == pytest.approx(2, abs=0.2)


def test_segments_may_overlap(video: Video, tmp_path: Path) -> None:
    parts = parts_of(split.segments(2.4, overlap=0.5), video)

    assert [(part.fields["start"], part.fields["stop"]) for part in parts] == [
        (0.0, 1.7),
        (1.2, 4.1),
        (3.6, 4.8),
    ]
    assert [len(decoded(path)[0]) for path in written(parts, tmp_path)] == [17, 29, 12]


def test_key_frames_far_apart_make_longer_segments(tmp_path: Path) -> None:
    video = Video(make(tmp_path, KINDS["h264-closed"]))

    assert len(parts_of(split.segments(0.1), video)) == 4
    assert [part.fields["stop"] for part in parts_of(split.segments(60), video)] == [4.8]


def test_a_video_without_pictures_has_no_parts(tmp_path: Path) -> None:
    video = Video(make_empty_video(tmp_path / "a.mp4"))

    assert parts_of(split.segments(1), video) == parts_of(split.frames(fps=1), video) == []


def test_a_segment_is_found_again_and_addressed(video: Video) -> None:
    splitter = split.segments(1.2)
    part = parts_of(splitter, video)[1]

    assert splitter.fragment(part.fields) == "t=1.200,2.400"
    assert repr(splitter.extract(video, part.key, part.fields)) == repr(part.value)


def test_segments_that_are_there_are_not_made(video: Video) -> None:
    parts = list(split.segments(1.2).split(video, lambda key: key != "000001200", 4))

    assert [part.value is None for part in parts] == [True, False, True, True]
    with pytest.raises(PartsTooManyError, match="4 segments"):
        next(split.segments(1.2).split(video, nothing, 3))


@given(
    keys=st.lists(st.floats(0.01, 100), max_size=20).map(lambda keys: [0.0, *sorted(keys)]),
    more=st.floats(0.1, 50),
    step=st.floats(0.1, 60),
    overlap=st.floats(0, 10),
)
def test_spans_cover_the_whole_and_none_lies_within_another(
    keys: list[float], more: float, step: float, overlap: float
) -> None:
    end = keys[-1] + more

    spans = spans_of(keys, end, step, overlap)

    assert (spans[0].start, spans[-1].stop) == (0, end)
    assert {span.start for span in spans} <= set(keys)
    for one, following in pairwise(spans):
        assert one.start < following.start
        assert one.stop == following.start + overlap < following.stop + 1e-9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds": 0}, r"seconds=0.*ma\.split\.segments\(30"),
        ({"seconds": "30"}, "seconds='30'"),
        ({"seconds": float("inf")}, "seconds=inf"),
        ({"seconds": 10, "overlap": 10}, "overlap=10.*less than 10"),
        ({"seconds": 10, "overlap": -1}, "overlap=-1"),
        ({"seconds": 10, "overlap": None}, "overlap=None"),
    ],
)
def test_options_that_make_no_segments_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        split.segments(**options)


def test_the_version_follows_the_options() -> None:
    assert split.segments(10) == split.segments(10.0) != split.segments(10, overlap=1)
    assert split.segments(10).code_version != split.segments(11).code_version
    assert pickle.loads(pickle.dumps(split.segments(9))) == split.segments(9)  # noqa: S301  its own
