"""Recognition of containers by content."""

from pathlib import Path

import pytest

from media_assets.audio import kind as audio
from media_assets.containers.recognition import FIRST_BYTES, recognize
from media_assets.video import kind as video
from media_assets_tests.media.hostile import LISTS, box, make_image, make_list
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video


def first_bytes(path: Path) -> bytes:
    return path.read_bytes()[:FIRST_BYTES]


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "h264"),
        ("a.mov", "mpeg4"),
        ("a.mkv", "mpeg4"),
        ("a.webm", "vp8"),
        ("a.avi", "mpeg4"),
        ("a.ts", "mpeg4"),
        ("a.mpg", "mpeg2video"),
    ],
)
def test_a_video_is_recognized_by_content(tmp_path: Path, name: str, codec: str) -> None:
    made = make_video(tmp_path / name, codec=codec, seconds=0.4, fps=25)

    assert recognize(first_bytes(made)) == name.partition(".")[2]
    assert video.recognize(first_bytes(made)) == name.partition(".")[2]


@pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.wav", "a.flac", "a.ogg", "a.aac"])
def test_a_sound_is_recognized_by_content(tmp_path: Path, name: str) -> None:
    made = make_audio(tmp_path / name, seconds=0.2)

    assert audio.recognize(first_bytes(made)) == name.partition(".")[2]


def test_an_audio_only_container_is_not_video_and_vice_versa(tmp_path: Path) -> None:
    sound = first_bytes(make_audio(tmp_path / "a.wav", seconds=0.1))
    pictures = first_bytes(make_video(tmp_path / "a.avi", codec="mpeg4", seconds=0.2))

    assert (video.recognize(sound), audio.recognize(pictures)) == (None, None)


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_strings_are_not_media(tmp_path: Path, name: str) -> None:
    assert recognize(first_bytes(make_list(tmp_path / "a.mp4", name))) is None


@pytest.mark.parametrize("image_format", ["PNG", "GIF", "JPEG", "WEBP", "AVIF", "TIFF", "HEIC"])
def test_images_are_not_recognized_as_video_or_audio(tmp_path: Path, image_format: str) -> None:
    assert recognize(first_bytes(make_image(tmp_path / "a.mp4", image_format))) is None


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"])
def test_image_brands_are_not_recognized_as_video(brand: bytes) -> None:
    assert recognize(box(b"ftyp", brand + bytes(4) + brand)) is None


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"avc1", b"dash", b"3gp5", b"M4V ", b"XAVC"])
def test_brands_of_videos_are_mp4(brand: bytes) -> None:
    assert recognize(box(b"ftyp", brand + bytes(4) + brand)) == "mp4"
