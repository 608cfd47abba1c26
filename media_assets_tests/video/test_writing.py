"""Edited videos: copied where possible, encoded where not, the same bytes every time."""

import os
import resource
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import av
import pytest

from media_assets.audio import kind as audio
from media_assets.errors import (
    MediaOptionError,
    MediaTimeError,
    OutputFormatError,
    UnreadableMediaError,
)
from media_assets.video import transforms
from media_assets.video.handle import Video
from media_assets.video.kind import FORMATS, check_options, inspect, thumbnail, write
from media_assets_tests.media.stream_digests import stream_digests
from media_assets_tests.media.videos import SIZE, make_video
from media_assets_tests.video.test_frames import RED_AT, number_of, red_corner


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "a.mp4"
    return make_video(path, seconds=2, with_audio=True)


def sha(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def numbers(path: Path) -> list[int]:
    return [number_of(frame.image) for frame in Video(path).frames()]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_and_read_again_and_is_repeatable(
    source: Path, tmp_path: Path, name: str
) -> None:
    facts = write(Video(source), tmp_path / "first", name)
    write(Video(source), tmp_path / "second", name)

    assert (facts.format, facts.width, facts.height) == (name, *SIZE)
    assert facts.audio_codec is not None
    assert len(numbers(tmp_path / "first")) == 20
    assert sha(tmp_path / "first") == sha(tmp_path / "second")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mp4", {"codec": "hevc"}),
        ("mp4", {"codec": "mpeg4"}),
        ("webm", {"codec": "vp8"}),
        ("mkv", {"codec": "vp9", "crf": 40}),
        ("mp4", {"crf": 30, "preset": "ultrafast", "audio_bit_rate": 32_000}),
    ],
)
def test_options_decide_how_it_is_encoded_and_it_is_repeatable(
    source: Path, tmp_path: Path, name: str, options: dict[str, object]
) -> None:
    clip = Video(source).clip(0.3, 0.8, exact=True)

    facts = write(clip, tmp_path / "first", name, options)
    write(clip, tmp_path / "second", name, options)

    assert facts.codec == options.get("codec", "h264")
    assert numbers(tmp_path / "first") == [3, 4, 5, 6, 7]
    assert sha(tmp_path / "first") == sha(tmp_path / "second")


def test_a_copy_has_the_packets_of_its_source(source: Path, tmp_path: Path) -> None:
    write(Video(source), tmp_path / "a.mkv", "mp4")
    write(Video(source).mute(), tmp_path / "b.mkv", "mp4")

    assert stream_digests(tmp_path / "a.mkv") == stream_digests(source)
    assert stream_digests(tmp_path / "b.mkv").video == stream_digests(source).video
    assert stream_digests(tmp_path / "b.mkv").audio is None


def test_a_clip_is_copied_from_the_key_frame_before(source: Path, tmp_path: Path) -> None:
    facts = write(Video(source).clip(0.8, 1.4), tmp_path / "a.mp4", "mp4")

    assert numbers(tmp_path / "a.mp4") == [5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert facts.audio_codec == "aac"
    assert Video(tmp_path / "a.mp4").frame(0).size == SIZE


@pytest.mark.parametrize("name", ["mp4", "mov", "mkv"])
def test_frames_that_are_only_there_for_others_stay_hidden(
    source: Path, tmp_path: Path, name: str
) -> None:
    cut_by_others(source, tmp_path / "cut.mp4", at=0.7)

    write(Video(tmp_path / "cut.mp4"), tmp_path / "made", name)

    shown = [*range(7, 15), *numbers(source)[15:]]
    assert numbers(tmp_path / "cut.mp4") == shown
    assert numbers(tmp_path / "made") == shown
    assert inspect(tmp_path / "made").duration == pytest.approx(1.3, abs=0.01)
    assert number_of(Video(tmp_path / "made").frame(0)) == 7


def test_sound_that_begins_before_the_pictures_stays_with_them_when_it_is_encoded(
    source: Path, tmp_path: Path
) -> None:
    with av.open(str(source)) as old, av.open(str(tmp_path / "late.mkv"), "w") as new:
        streams = {s.index: new.add_stream_from_template(s, opaque=True) for s in old.streams}
        for packet in old.demux():
            if packet.pts is not None and packet.dts is not None:
                is_shown = packet.stream.type == "video"
                late = round(0.5 / packet.time_base) if is_shown else 0
                packet.pts, packet.dts = packet.pts + late, packet.dts + late
                packet.stream = streams[packet.stream.index]
                new.mux(packet)

    write(Video(tmp_path / "late.mkv"), tmp_path / "a.webm", "webm")

    sound = Video(tmp_path / "a.webm").audio()
    assert sound is not None
    assert sound.duration == pytest.approx(1.5, abs=0.1)
    assert len(numbers(tmp_path / "a.webm")) == 20


def test_a_video_that_was_cut_after_its_only_key_frame_holds_pictures(tmp_path: Path) -> None:
    source = make_video(tmp_path / "whole.mp4", options={"x264-params": "keyint=99:bframes=2"})
    cut_by_others(source, tmp_path / "cut.mp4", at=0.7)

    assert inspect(tmp_path / "cut.mp4").duration == pytest.approx(0.3, abs=0.01)
    assert numbers(tmp_path / "cut.mp4") == [7, 8, 9]


def cut_by_others(source: Path, target: Path, *, at: float) -> None:
    """Cuts the beginning of a video as FFmpeg does: frames since the key frame stay, hidden."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream, opaque=True)
        assert stream.time_base is not None
        old.seek(round(at / stream.time_base), stream=stream)
        for packet in old.demux(stream):
            if packet.pts is not None and packet.dts is not None:
                shift = round(at / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = copy
                new.mux(packet)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "mpeg4"), ("a.avi", "mpeg4"), ("a.ts", "h264"), ("a.webm", "vp8")]
)
def test_clips_of_every_container_are_copied(tmp_path: Path, name: str, codec: str) -> None:
    path = make_video(tmp_path / name, codec=codec, seconds=1.5)

    write(Video(path).clip(0.7, 1.2), tmp_path / "clip", "mkv")

    found = numbers(tmp_path / "clip")
    assert found[:7] == [5, 6, 7, 8, 9, 10, 11]
    assert found[7:] in ([], [12, 13])  # a frame to which one before the end refers


def test_an_exact_clip_has_exactly_its_frames_and_samples(source: Path, tmp_path: Path) -> None:
    clip = Video(source).clip(0.8, 1.4, exact=True)

    facts = write(clip, tmp_path / "a.mkv", "mkv", {"codec": "mpeg4"})

    assert numbers(tmp_path / "a.mkv") == [8, 9, 10, 11, 12, 13]
    assert facts.duration == pytest.approx(0.6, abs=0.07)
    samples = audio.Audio(tmp_path / "a.mkv").samples(mono=True)
    assert len(samples) == pytest.approx(0.6 * 16_000, abs=2_100)


def test_a_chain_of_edits_is_one(source: Path, tmp_path: Path) -> None:
    chain = Video(source).clip(0.5).clip(0.2, 0.6, exact=True).resize((32, 32)).mute()

    facts = write(chain, tmp_path / "a.mp4", "mp4")

    assert (facts.width, facts.height, facts.audio_codec) == (32, 24, None)
    assert numbers(tmp_path / "a.mp4") == [7, 8, 9, 10]


def test_an_edited_video_answers_for_itself_and_leaves_nothing(source: Path) -> None:
    with Video(source).clip(0.5, 1.5, exact=True).resize((32, 32)) as clip:
        assert (clip.width, clip.height, clip.frame_count, clip.fps) == (32, 24, 10, 10)
        assert number_of(clip.frame(0.3)) == 8
        sound = clip.audio()
        assert sound is not None
        with sound:
            assert sound.duration == pytest.approx(1.0, abs=0.1)
            written = [clip.path, sound.path]
            assert all(path.exists() for path in written)

    assert not any(path.exists() for path in written)


@pytest.mark.parametrize(
    ("name", "codec", "audio_codec", "made"),
    [
        ("a.webm", "vp8", "opus", "webm"),
        ("a.mkv", "h264", "aac", "mp4"),
        ("a.mov", "prores_ks", "pcm_s16le", "mkv"),
    ],
)
def test_an_edited_video_has_the_streams_of_its_source(
    tmp_path: Path, name: str, codec: str, audio_codec: str, made: str
) -> None:
    pixels = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    path = make_video(
        tmp_path / name, codec=codec, pixels=pixels, with_audio=True, audio_codec=audio_codec
    )

    with Video(path).clip(0, 0.5) as clip:
        assert clip.default_format == made
        assert clip.facts.format == made
        assert clip.codec == codec.removesuffix("_ks")
        assert clip.facts.audio_codec == audio_codec


def test_a_full_disk_is_the_systems_error_and_leaves_no_file(source: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, hard))
    try:
        for video in (Video(source), Video(source).resize((32, 32))):
            with pytest.raises(OSError, match="File too large"):
                write(video, tmp_path / "a.mp4", "mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(tmp_path.iterdir()) == []


def test_a_video_without_sound_has_none(tmp_path: Path, source: Path) -> None:
    silent = Video(make_video(tmp_path / "a.mp4", seconds=0.2))

    assert (silent.has_audio, silent.audio()) == (False, None)
    assert Video(source).mute().audio() is None


@pytest.mark.parametrize(("rotation", "mirrored"), RED_AT)
def test_turned_videos_stay_upright_copied_and_encoded(
    tmp_path: Path, rotation: int, *, mirrored: bool
) -> None:
    path = make_video(tmp_path / "a.mp4", rotation=rotation, mirrored=mirrored, seconds=0.4)
    source = Video(path)

    copied = write(source, tmp_path / "copied", "mov")
    encoded = write(source.resize((32, 32)), tmp_path / "encoded", "webm")

    assert (copied.width, copied.height) == (source.width, source.height)
    assert (encoded.width > encoded.height) == (source.width > source.height)
    for name in ("copied", "encoded"):
        assert red_corner(Video(tmp_path / name).frame(0.2)) == RED_AT[rotation, mirrored]


def test_encoded_pixels_are_square_and_sides_are_even(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", aspect=Fraction(4, 3), seconds=0.3)

    facts = write(Video(path).resize((51, 51)), tmp_path / "b.mp4", "mp4")

    assert (facts.width, facts.height) == (50, 28)


def test_variable_rates_keep_their_times(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv", times=[0, 1, 2, 9, 10, 30])

    for name, video in (("copied", Video(path)), ("encoded", Video(path).resize((32, 32)))):
        write(video, tmp_path / name, "mp4")
        times = [frame.time for frame in Video(tmp_path / name).frames()]
        assert times == pytest.approx([0, 0.1, 0.2, 0.9, 1.0, 3.0], abs=0.002)


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
@pytest.mark.parametrize("exact", [True, False])
def test_a_clip_of_pictures_that_stand_still_shows_them_as_long(
    tmp_path: Path, ending: str, *, exact: bool
) -> None:
    slides = make_video(tmp_path / f"slides{ending}", codec="mpeg4", fps=1, times=[0, 10, 20])

    write(Video(slides).clip(12, 15, exact=exact), tmp_path / "one.mp4", "mp4")
    write(Video(slides).clip(2, 15, exact=True), tmp_path / "two.mp4", "mp4")

    assert numbers(tmp_path / "one.mp4")[-1] == 1
    assert inspect(tmp_path / "one.mp4").duration == pytest.approx(3 if exact else 15, abs=0.01)
    frames = [
        (frame.time, number_of(frame.image)) for frame in Video(tmp_path / "two.mp4").frames()
    ]
    assert frames == [(0.0, 0), (8.0, 1)]
    assert inspect(tmp_path / "two.mp4").duration == pytest.approx(13, abs=0.01)


@pytest.mark.parametrize("times", [(5.0, None), (2.5, 3.0)])
def test_a_clip_after_the_end_is_refused(
    source: Path, tmp_path: Path, times: tuple[float, float | None]
) -> None:
    for exact in (False, True):
        with pytest.raises(MediaTimeError, match="nothing at"):
            write(Video(source).clip(*times, exact=exact), tmp_path / "a.mp4", "mp4")

    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    ("name", "options", "named"),
    [
        ("flv", {}, "'flv'"),
        ("mp4", {"quality": 3}, "'quality'"),
        ("mp4", {"crf": 99}, "99"),
        ("webm", {"codec": "h264"}, "'h264'"),
        ("mp4", {"crf": True}, "True"),
    ],
)
def test_formats_and_options_are_checked(name: str, options: dict[str, object], named: str) -> None:
    with pytest.raises(OutputFormatError, match=named):
        check_options(name, options)


def test_sizes_and_times_are_checked_when_they_are_given(source: Path) -> None:
    with pytest.raises(MediaOptionError, match="The size"):
        Video(source).resize((0, 20))
    with pytest.raises(MediaOptionError, match="`end`"):
        Video(source).clip(2, 1)


def test_a_source_that_is_not_a_video_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"#EXTM3U\n")

    with pytest.raises(UnreadableMediaError):
        write(tmp_path / "a.mp4", tmp_path / "b.mp4", "mp4")

    assert os.listdir(tmp_path) == ["a.mp4"]  # noqa: PTH208  names


def test_the_sound_of_a_video_is_copied(source: Path, tmp_path: Path) -> None:
    sound = transforms.extract_audio(Video(source))
    assert sound is not None

    facts = audio.write(sound, tmp_path / "a.m4a", "m4a")

    assert (facts.codec, facts.format) == ("aac", "m4a")
    assert stream_digests(tmp_path / "a.m4a").audio == stream_digests(source).audio


def test_a_new_soundtrack_leaves_the_digest_of_the_pictures(tmp_path: Path) -> None:
    with_tone = make_video(tmp_path / "a.mp4", with_audio=True)
    without = make_video(tmp_path / "b.mp4")
    other = make_video(tmp_path / "c.mp4", fps=11, with_audio=True)

    first, second, third = map(stream_digests, (with_tone, without, other))

    assert first.video == second.video != third.video
    assert (first.audio == third.audio, second.audio) == (True, None)


def test_a_poster_of_a_short_video_is_its_middle(tmp_path: Path, source: Path) -> None:
    short = make_video(tmp_path / "a.mp4", seconds=0.5)

    assert number_of(transforms.poster(Video(short))) == 2
    assert number_of(transforms.poster(Video(source))) == 10
    assert thumbnail(source, (32, 32)).size == (32, 24)


def test_a_contact_sheet_has_frames_from_all_over(source: Path) -> None:
    sheet = transforms.contact_sheet(Video(source), columns=2, rows=2, size=(32, 32), gap=2)

    assert sheet.size == (2 * 34 + 2, 2 * 26 + 2)
    boxes = [(2, 2, 34, 26), (36, 2, 68, 26), (2, 28, 34, 52), (36, 28, 68, 52)]
    assert [number_of(sheet.crop(box)) for box in boxes[:3]] == [2, 7, 12]


def test_transforms_do_what_the_methods_do(source: Path) -> None:
    video = Video(source)

    assert transforms.clip(video, 0, 0.5, exact=True).frame_count == 5
    assert transforms.resize(video, (32, 32)).width == 32
    assert not transforms.mute(video).has_audio


def test_facts_are_those_of_inspect(source: Path) -> None:
    facts = inspect(source)
    video = Video(source, facts=facts)

    assert video.facts is facts
    assert (video.duration, video.size, video.codec) == (2.0, source.stat().st_size, "h264")
