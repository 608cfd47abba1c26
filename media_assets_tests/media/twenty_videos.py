"""Twenty videos, no two alike in codec, container, sound, turn and rate, and a table of them."""

from pathlib import Path
from typing import Any

import media_assets as ma
from media_assets_tests.media.videos import make_video

SIZE = (320, 180)
SECONDS = 2
_FPS = 10
_UNEVEN = [0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 14, 15, 17, 18, 19]
"""Frames of a variable rate, in tenths of a second."""

_SOUND = {"with_audio": True}
_OPUS = {"with_audio": True, "audio_codec": "opus"}
_MP3 = {"with_audio": True, "audio_codec": "mp3"}
_TURNED = {"rotation": 90}
_VARIABLE = {"times": _UNEVEN}

VIDEOS: dict[str, dict[str, Any]] = {
    "h264.mp4": _SOUND,
    "h264-silent.mp4": {},
    "h264-turned.mp4": _SOUND | _TURNED,
    "h264-variable.mp4": _VARIABLE,
    "h264.mkv": _SOUND,
    "h264-variable.mkv": _VARIABLE,
    "h264-turned.mov": _SOUND | _TURNED,
    "h264.avi": _MP3,
    "hevc.mp4": _SOUND,
    "hevc-silent.mkv": {},
    "hevc-turned.mov": _TURNED,
    "hevc-variable.mkv": _VARIABLE,
    "vp9.webm": _OPUS,
    "vp9-silent.webm": {},
    "vp9-variable.webm": _VARIABLE,
    "vp9.mkv": _OPUS,
    "mpeg4.avi": _MP3,
    "mpeg4-silent.avi": {},
    "mpeg4.mp4": _SOUND,
    "mpeg4-turned.mov": _SOUND | _TURNED,
}
TURNED = {name for name, options in VIDEOS.items() if "rotation" in options}
SILENT = {name for name, options in VIDEOS.items() if "with_audio" not in options}


def make_all(folder: Path) -> None:
    """Writes the videos into a folder."""
    folder.mkdir()
    for name, options in VIDEOS.items():
        codec = name.partition(".")[0].partition("-")[0]
        make_video(folder / name, codec=codec, seconds=SECONDS, fps=_FPS, size=SIZE, **options)


def show_table(pictures: str, clips: str, sounds: str) -> ma.MediaTable:
    """A table whose columns go to three places."""
    show = ma.MediaTable("show", media=ma.Video)

    @show.computed_column()
    def duration(source_video: ma.Video) -> float | None:
        return source_video.duration

    @show.computed_column(destination=pictures)
    def poster(source_video: ma.Video) -> ma.Image:
        return ma.transforms.poster(source_video)

    @show.computed_column(format="mp4", save_options={"codec": "h264"}, destination=clips)
    def clip(source_video: ma.Video) -> ma.Video:
        return source_video.clip(0, 1)

    @show.computed_column(format="ogg", destination=sounds)
    def sound(source_video: ma.Video) -> ma.Audio | None:
        return source_video.audio()

    @show.computed_column(destination=pictures)
    def waveform(sound: ma.Audio | None) -> ma.Image | None:
        return None if sound is None else sound.waveform((320, 80))

    return show
