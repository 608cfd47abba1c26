"""Files that are not media, or not what their headers say: an error each, and nothing else read."""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assets.containers.limits import MediaLimits
from media_assets.errors import (
    EmptyMediaError,
    MediaTooLargeError,
    MediaTooSlowError,
    MissingExtraError,
    UndecodableMediaError,
    UnreadableMediaError,
    UnsupportedCodecError,
    UnsupportedMediaError,
)
from media_assets.video.handle import Video
from media_assets.video.kind import inspect, write
from media_assets_tests.media import open_files
from media_assets_tests.media.hostile import (
    LISTS,
    WORDS,
    make_changing,
    make_empty_video,
    make_giant,
    make_image,
    make_list,
    make_song,
    patched,
    with_reference,
    with_times,
)
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import SIZE, make_video


@pytest.fixture(autouse=True)
def all_files_are_closed(tmp_path: Path) -> Iterator[None]:
    yield
    assert open_files(tmp_path) == []


def error_of(path: Path, limits: MediaLimits | None = None) -> UnreadableMediaError:
    with pytest.raises(UnreadableMediaError) as caught:
        inspect(path, limits)
    return caught.value


@pytest.mark.parametrize("name", LISTS)
def test_a_text_is_refused_and_nothing_that_it_names_is_asked_for(
    tmp_path: Path, name: str
) -> None:
    make_video(tmp_path / "secret.mp4", seconds=0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)  # noqa: FBT003  as the standard library has it
        path = make_list(tmp_path / "a.mp4", name, port=server.getsockname()[1])

        error = error_of(path)

        assert isinstance(error, UnsupportedMediaError)
        assert f"The file holds {WORDS[name]}" in error.what
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("image_format", ["PNG", "GIF", "HEIC"])
def test_an_image_is_refused_and_belongs_into_a_table_of_images(
    tmp_path: Path, image_format: str
) -> None:
    error = error_of(make_image(tmp_path / "a.mp4", image_format))

    name = "HEIF" if image_format == "HEIC" else image_format
    assert f"a {name} image" in error.what
    assert error.fix == "Insert it into a table of images."


def test_a_file_without_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()

    assert isinstance(error_of(tmp_path / "a.mp4"), EmptyMediaError)


def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")

    assert "folder, device or pipe" in error_of(tmp_path / "a.mp4").what


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "a.mp4")


def test_audio_named_mp4_is_not_a_video(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.mp4", codec="aac", container="mp4")

    assert "mp4 without moving pictures" in error_of(path).what


def test_audio_in_its_own_format_is_not_a_video(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.mp4", codec="pcm_s16le", container="wav")

    assert "wav without moving pictures" in error_of(path).what


def test_cover_art_does_not_make_audio_a_video(tmp_path: Path) -> None:
    assert "without moving pictures" in error_of(make_song(tmp_path / "a.mp4")).what


def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    assert "it holds no picture" in error_of(make_empty_video(tmp_path / "a.mp4")).what


def test_a_video_cut_before_its_header_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    content = path.read_bytes()
    path.write_bytes(content[: content.find(b"moov") - 4])

    assert isinstance(error_of(path), UndecodableMediaError)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi"])
def test_a_video_that_ends_early_is_refused_although_its_first_frame_decodes(
    tmp_path: Path, name: str
) -> None:
    path = make_video(tmp_path / name, codec="mpeg4")
    if path.suffix in {".mp4", ".mov"}:
        write(path, tmp_path / "first", path.suffix)  # with its header at the beginning
        path = tmp_path / "first"
    path.write_bytes(path.read_bytes()[:-300])

    assert "it ends early: 300 bytes are missing" in error_of(path).what


def test_a_video_whose_pictures_are_in_another_file_is_refused(tmp_path: Path) -> None:
    other = make_video(tmp_path / "secret.mp4")
    path = with_reference(make_video(tmp_path / "a.mp4"), other)

    assert "it holds no picture" in error_of(path).what


def test_damage_in_the_middle_is_the_error_of_the_frames_there(tmp_path: Path) -> None:
    write(make_video(tmp_path / "made.mp4", seconds=2), tmp_path / "a.mp4", "mp4")
    content = bytearray((tmp_path / "a.mp4").read_bytes())
    middle = content.find(b"mdat") + (len(content) - content.find(b"mdat")) * 2 // 3
    content[middle:] = b"\x55" * (len(content) - middle)
    (tmp_path / "a.mp4").write_bytes(content)
    video = Video(tmp_path / "a.mp4")

    assert video.facts.width == SIZE[0]
    assert video.frame(0.1).size == SIZE
    with pytest.raises(UndecodableMediaError):
        list(video.frames())
    with pytest.raises(UndecodableMediaError):
        video.frame(1.8)


@pytest.mark.parametrize(
    "name",
    ["%03d.mp4", "a#t=1.mp4", "a\nb.mp4", "http:a.mp4", "concat:a|b.mp4", "-y.mp4", "ä b?.mp4"],
)
def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    made = make_video(tmp_path / "made.mp4", seconds=0.3)

    path = made.rename(tmp_path / name)

    assert inspect(path).width == SIZE[0]
    assert len(list(Video(path).frames())) == 3


def test_a_relative_name_that_looks_like_an_address_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_video(Path("made.mp4"), seconds=0.3).rename("tcp:1.mp4")

    assert inspect(Path("tcp:1.mp4")).width == SIZE[0]


@pytest.mark.parametrize(
    ("name", "kind", "offset", "size"),
    [
        ("a.mp4", b"mp4v", 24, struct.pack(">HH", 65_535, 65_535)),
        ("a.avi", b"strf", 8, struct.pack("<ii", 100_000, 100_000)),
    ],
)
def test_a_container_that_lies_about_pixels_is_not_believed(
    tmp_path: Path, name: str, kind: bytes, offset: int, size: bytes
) -> None:
    path = make_video(tmp_path / name, codec="mpeg4", seconds=0.3)

    facts = inspect(patched(path, kind, offset, size))

    assert (facts.width < 100, facts.height) == (True, SIZE[1])


def test_a_stream_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    large = error_of(make_giant(tmp_path / "a.mkv", (16_000, 16_000)))
    larger = error_of(make_giant(tmp_path / "b.mkv", (100_000, 100_000)))

    assert large.what == "The file has 256,000,000 pixels."
    assert isinstance(larger, UndecodableMediaError)


def test_a_header_of_too_few_pixels_does_not_lift_the_limit(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", codec="mpeg4", seconds=0.3, size=(640, 480))
    patched(path, b"mp4v", 24, struct.pack(">HH", 16, 16))

    assert isinstance(error_of(path, MediaLimits(max_pixels=10_000)), UnreadableMediaError)


@pytest.mark.parametrize("codec", ["h264", "vp9", "mpeg4"])
def test_pixels_are_limited(tmp_path: Path, codec: str) -> None:
    path = make_video(tmp_path / "a.mkv", codec=codec, seconds=0.3)

    error = error_of(path, MediaLimits(max_pixels=1_000))

    assert isinstance(error, MediaTooLargeError)
    assert "At most 1,000 pixels" in error.accepted
    assert "`max_pixels`" in error.fix


def test_a_header_of_a_billion_frames_takes_no_memory(tmp_path: Path) -> None:
    path = patched(make_video(tmp_path / "a.mp4"), b"stsz", 4, struct.pack(">II", 1, 10**9))

    assert "1,000,000,000 frames" in error_of(path).what


def test_a_header_of_a_hundred_years_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv", codec="mpeg4")
    content = path.read_bytes()
    years = b"\x44\x89\x88" + struct.pack(">d", 100 * 365 * 86_400 * 1000.0)
    at = content.find(b"\x44\x89\x88")
    path.write_bytes(content[:at] + years + content[at + len(years) :])

    assert "3,153,600,000 seconds" in error_of(path).what


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_the_last_picture_of_a_variable_rate_counts(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path / name, times=[0, 2, 4, 29])

    assert inspect(path).duration == 3.0


def test_a_length_that_no_stream_has_is_not_believed(tmp_path: Path) -> None:
    video = make_video(tmp_path / "a.mp4", times=[0, 2, 4, 29])
    path = patched(video, b"mvhd", 16, struct.pack(">I", 100 * 365 * 86_400 * 1000 % 2**32))

    assert (inspect(path).duration or 0) < 4


def test_bytes_and_time_are_limited(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")

    assert "2,585 bytes" in error_of(path, MediaLimits(max_bytes=1_000)).what
    assert isinstance(error_of(path, MediaLimits(max_work_seconds=0)), MediaTooSlowError)


def test_frames_are_limited_where_all_are_read(tmp_path: Path) -> None:
    video = Video(make_video(tmp_path / "a.mkv"), limits=MediaLimits(max_frames=5))

    with pytest.raises(MediaTooLargeError, match="6 frames"):
        list(video.frames())
    with pytest.raises(MediaTooLargeError, match="6 frames"):
        list(video.frames(every=0.5))


def test_times_that_go_back_are_moved_on(tmp_path: Path) -> None:
    options = {"g": "1", "qscale": "2"}
    path = make_video(tmp_path / "a.mkv", codec="mpeg4", options=options)
    with_times(path, [0, 100, 50, 300, 200, 200, -5, 700, 650, 900])

    times = [frame.time for frame in Video(path).frames()]

    assert len(times) == 10
    assert times == sorted(set(times))
    assert Video(path).frame(0.75).size == SIZE


def test_a_size_that_changes_midway_gives_pictures_of_the_first_size(tmp_path: Path) -> None:
    frames = list(Video(make_changing(tmp_path / "a.ts")).frames())

    assert {frame.image.size for frame in frames} == {SIZE}
    assert [frame.time for frame in frames] == sorted({frame.time for frame in frames})


def test_a_codec_that_is_not_decoded_is_named(tmp_path: Path) -> None:
    error = error_of(make_video(tmp_path / "a.avi", codec="flv", options={}))

    assert isinstance(error, UnsupportedCodecError)
    assert "flv" in error.what


def test_without_pyav_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=0.2)
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed

    with pytest.raises(MissingExtraError, match=r'pip install "media-assets\[video\]"'):
        inspect(path)


@pytest.mark.parametrize(
    ("name", "container", "options"),
    [
        ("a.webm", "webm", {"live": "1"}),
        ("a.mp4", "mp4", {"movflags": "+frag_keyframe+empty_moov"}),
        ("a.mkv", "matroska", {"live": "1"}),
    ],
)
def test_files_that_do_not_say_their_length_are_whole(
    tmp_path: Path, name: str, container: str, options: dict[str, str]
) -> None:
    codec = "vp8" if name == "a.webm" else "mpeg4"
    path = make_video(tmp_path / name, codec=codec, container=container, muxer_options=options)

    assert inspect(path).width == SIZE[0]
    assert len(list(Video(path).frames())) == 10


def test_bytes_after_the_end_are_ignored(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes() + bytes(100))

    assert inspect(path).width == SIZE[0]


def test_an_edited_copy_has_nothing_else_of_its_source(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", title="at home")

    write(path, tmp_path / "b.mp4", "mp4")

    assert (b"at home" in path.read_bytes(), b"at home" in (tmp_path / "b.mp4").read_bytes()) == (
        True,
        False,
    )
