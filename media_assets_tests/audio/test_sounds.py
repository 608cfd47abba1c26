"""Sounds: what they are, their samples, edits, pictures; and files that are none."""

import wave
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media_assets.audio import transforms
from media_assets.audio.handle import Audio
from media_assets.audio.kind import FORMATS, check_options, inspect, thumbnail, write
from media_assets.containers.limits import MediaLimits
from media_assets.errors import (
    MediaOptionError,
    MediaTimeError,
    MediaTooLargeError,
    OutputFormatError,
    SamplesTooManyError,
    UndecodableMediaError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from media_assets_tests.media import open_files
from media_assets_tests.media.hostile import make_list, make_song
from media_assets_tests.media.sounds import RATE, make_audio, tone
from media_assets_tests.media.stream_digests import stream_digests
from media_assets_tests.media.videos import make_video

CODECS = {
    "a.m4a": "aac",
    "a.mp3": "mp3",
    "a.wav": "pcm_s16le",
    "a.flac": "flac",
    "a.ogg": "opus",
    "a.aac": "aac",
}


@pytest.fixture(autouse=True)
def all_files_are_closed(tmp_path: Path) -> Iterator[None]:
    yield
    assert open_files(tmp_path) == []


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_audio(tmp_path_factory.mktemp("sounds") / "a.wav", seconds=2)


def pitch(samples: np.ndarray, rate: int) -> float:
    """The loudest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * rate / len(samples))


@pytest.mark.parametrize("name", CODECS)
def test_facts_and_samples_of_every_format(tmp_path: Path, name: str) -> None:
    audio = Audio(make_audio(tmp_path / name, channels=2))
    samples = audio.samples()

    assert (audio.codec, audio.channels) == (CODECS[name], 2)
    assert audio.duration == pytest.approx(1.0, abs=0.12)
    assert samples.dtype == np.float32
    assert samples.shape == (pytest.approx(audio.sample_rate, abs=1_500), 2)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.05)
    assert pitch(samples[:, 0], audio.sample_rate) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_samples_of_lossless_formats_are_exact(tmp_path: Path, name: str) -> None:
    samples = Audio(make_audio(tmp_path / name)).samples(mono=True)

    assert samples.shape == (RATE,)
    assert np.abs(samples - tone(RATE)).max() < 2 / 32_768


def test_samples_can_be_resampled_and_mixed(tmp_path: Path) -> None:
    audio = Audio(make_audio(tmp_path / "a.wav", channels=2, rate=44_100))

    assert audio.samples(8_000, mono=True).shape == (8_000,)
    assert audio.samples(8_000).shape == (8_000, 2)
    assert pitch(audio.samples(8_000, mono=True), 8_000) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.25, 0.75), (1.5, None), (1.99, 5.0)])
def test_samples_of_a_part_are_cut_at_the_sample(
    wav: Path, start: float, end: float | None
) -> None:
    samples = Audio(wav).clip(start, end).samples(mono=True)

    whole = Audio(wav).samples(mono=True)
    assert samples.tobytes() == whole[int(start * RATE) : int((end or 2) * RATE)].tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_and_read_again_and_is_repeatable(
    wav: Path, tmp_path: Path, name: str
) -> None:
    part = Audio(wav).clip(0.5, 1.5, exact=True)

    facts = write(part, tmp_path / "first", name)
    write(part, tmp_path / "second", name)

    assert facts.format == name
    assert facts.duration == pytest.approx(1.0, abs=0.08)
    assert digest(tmp_path / "first") == digest(tmp_path / "second")
    samples = Audio(tmp_path / "first").samples(mono=True)
    assert pitch(samples, facts.sample_rate) == pytest.approx(440, abs=2)


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"])
def test_lossless_formats_keep_every_bit(tmp_path: Path, codec: str) -> None:
    path = make_audio(tmp_path / "a.wav", codec=codec)
    samples = Audio(path).samples()

    for name in ("wav", "flac", "m4a"):
        options = {"codec": "alac"} if name == "m4a" else None
        write(path, tmp_path / name, name, options)
        kept = 16 if codec == "pcm_s16le" or (name == "wav" and codec == "pcm_s16le") else 23
        assert np.abs(Audio(tmp_path / name).samples() - samples).max() <= 2.0**-kept


@pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.flac", "a.ogg", "a.wav"])
def test_packets_are_copied_where_the_format_can_hold_them(tmp_path: Path, name: str) -> None:
    path = make_audio(tmp_path / name)

    write(Audio(path), tmp_path / "copy", path.suffix)

    assert stream_digests(tmp_path / "copy").audio == stream_digests(path).audio


def test_a_clip_is_copied_and_nearly_exact(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.mp3", seconds=3)

    facts = write(Audio(path).clip(1, 2), tmp_path / "b.mp3", "mp3")

    assert facts.codec == "mp3"
    assert facts.duration == pytest.approx(1.0, abs=0.1)


def test_a_chain_of_edits_is_one_and_answers_for_itself(wav: Path) -> None:
    with Audio(wav).clip(0.5).resample(8_000, channels=2).clip(0.25, 1.0) as audio:
        assert (audio.sample_rate, audio.channels) == (8_000, 2)
        assert audio.duration == pytest.approx(0.75, abs=0.15)
        written = audio.path

    assert not written.exists()


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg", "a.m4a"])
def test_an_edited_sound_loses_nothing_by_its_temporary_format(tmp_path: Path, name: str) -> None:
    audio = Audio(make_audio(tmp_path / name))

    assert audio.default_format == name.partition(".")[2]
    with audio.clip(0, 0.5) as part:
        assert part.codec == CODECS[name]


@pytest.mark.parametrize("rate", [22_050, 44_100, 44_000, 192_000])
def test_a_rate_that_the_codec_does_not_know_becomes_one_that_it_does(
    tmp_path: Path, rate: int
) -> None:
    path = make_audio(tmp_path / "a.wav", rate=rate, seconds=0.5)

    for name in ("ogg", "mp3", "m4a"):
        assert write(path, tmp_path / name, name).duration == pytest.approx(0.5, abs=0.12)


def test_192_khz_with_eight_channels(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.wav", rate=192_000, channels=8, seconds=0.2)

    facts = write(Audio(path).resample(16_000, channels=1), tmp_path / "b.wav", "wav")

    assert Audio(path).samples().shape == (38_400, 8)
    assert (facts.sample_rate, facts.channels, facts.duration) == (16_000, 1, 0.2)
    with pytest.raises(MediaTooLargeError, match="8 channels"):
        inspect(path, MediaLimits(max_channels=6))


def test_more_samples_than_memory_may_hold_are_refused(tmp_path: Path) -> None:
    audio = Audio(make_audio(tmp_path / "a.wav"), limits=MediaLimits(max_samples=10_000))

    with pytest.raises(SamplesTooManyError, match=r"clip\(start, end\)"):
        audio.samples()
    assert audio.clip(0, 0.5).samples().shape == (8_000, 1)


def test_the_waveform_of_long_silence_takes_no_memory(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.flac", seconds=300, rate=8_000, level=0.0)
    thumbnail(path, (64, 32))
    before = resident_mb()

    image = Audio(path).waveform((100, 21))

    assert resident_mb() - before < 4
    columns = np.asarray(image.convert("L"))
    assert [(column < 255).sum() for column in columns.T] == [1] * 100


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def test_the_waveform_is_as_high_as_the_sound_is_loud(tmp_path: Path) -> None:
    for name, level, high in (("a.wav", 0.5, 51), ("b.wav", 1.0, 101)):
        image = Audio(make_audio(tmp_path / name, level=level)).waveform((40, 101), "black")
        heights = (np.asarray(image.convert("L")) < 128).sum(axis=0)
        assert image.size == (40, 101)
        assert heights.max() == pytest.approx(high, abs=2)
        assert heights.min() > 0.8 * high


def test_a_waveform_shows_a_part(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.wav", seconds=1)

    image = Audio(path).clip(0, 0.25).waveform((20, 20), (255, 0, 0), background=(0, 0, 0))

    assert {color for _, color in image.getcolors() or []} == {(255, 0, 0), (0, 0, 0)}


@pytest.mark.parametrize("name", ["ffconcat", "hls-http", "sdp", "text", "zeros"])
def test_a_text_file_is_refused_as_audio(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsupportedMediaError, match="The file holds"):
        inspect(make_list(tmp_path / "a.mp3", name))


def test_a_video_belongs_into_a_table_of_videos(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.m4a", with_audio=True, container="mp4", seconds=0.3)

    with pytest.raises(UnsupportedMediaError, match=r"a video \(mp4\).*source_video\.audio\(\)"):
        inspect(path)


def test_a_video_without_sound_has_no_samples(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMediaError, match="without sound"):
        Audio(make_video(tmp_path / "a.mp4", seconds=0.3)).samples()


def test_a_sound_with_a_cover_is_a_sound(tmp_path: Path) -> None:
    assert inspect(make_song(tmp_path / "a.m4a")).codec == "aac"


def test_a_sound_without_samples_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))

    with pytest.raises(UndecodableMediaError, match="it holds no samples"):
        inspect(tmp_path / "a.wav")


def test_a_sound_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[:-1000])

    with pytest.raises(UndecodableMediaError, match="1,000 bytes are missing"):
        inspect(path)


@pytest.mark.parametrize("name", ["a.flac", "a.m4a", "a.mp3"])
def test_broken_frames_are_the_error_of_the_samples_there(tmp_path: Path, name: str) -> None:
    path = make_audio(tmp_path / name, seconds=2)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2_000] = b"\x55" * 2_000
    path.write_bytes(content)

    assert inspect(path).channels == 1
    assert len(Audio(path).clip(0, 0.3).samples()) == 0.3 * RATE
    with pytest.raises(UndecodableMediaError):
        Audio(path).samples()


@pytest.mark.parametrize("exact", [False, True])
def test_a_clip_after_the_end_is_refused(wav: Path, tmp_path: Path, *, exact: bool) -> None:
    with pytest.raises(MediaTimeError, match=r"nothing at 5 s.*from 0 to 2 s"):
        write(Audio(wav).clip(5, exact=exact), tmp_path / "a.wav", "wav")


@pytest.mark.parametrize(
    ("name", "options", "named"),
    [
        ("mp4", {}, "'mp4'"),
        ("mp3", {"quality": 3}, "'quality'"),
        ("mp3", {"bit_rate": 3}, "3"),
        ("ogg", {"codec": "mp3"}, "'mp3'"),
    ],
)
def test_formats_and_options_are_checked(name: str, options: dict[str, object], named: str) -> None:
    with pytest.raises(OutputFormatError, match=named):
        check_options(name, options)


def test_rates_and_times_are_checked_when_they_are_given(wav: Path) -> None:
    for edit in (
        lambda: Audio(wav).resample(0),
        lambda: Audio(wav).resample(channels=9),
        lambda: Audio(wav).clip(2, 1),
    ):
        with pytest.raises(MediaOptionError):
            edit()


def test_a_bit_rate_decides_the_size(wav: Path, tmp_path: Path) -> None:
    sizes = [
        write(wav, tmp_path / "a", "mp3", {"bit_rate": rate}).size_bytes
        for rate in (16_000, 32_000, 64_000)
    ]

    assert all(more > 1.4 * less for less, more in pairwise(sizes))


def test_transforms_do_what_the_methods_do(wav: Path) -> None:
    with transforms.resample(Audio(wav), 8_000, channels=1) as changed:
        assert changed.sample_rate == 8_000
    with transforms.clip_audio(Audio(wav), 0, 1, exact=True) as part:
        assert part.duration == pytest.approx(1.0, abs=0.15)
    assert transforms.waveform(Audio(wav), (32, 16)).size == (32, 16)


def test_a_source_without_sound_leaves_no_file(tmp_path: Path) -> None:
    make_list(tmp_path / "a.mp3", "text")

    with pytest.raises(UnreadableMediaError):
        write(tmp_path / "a.mp3", tmp_path / "b.mp3", "mp3")

    assert not (tmp_path / "b.mp3").exists()
