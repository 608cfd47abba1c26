"""Row functions for separate processes, which import them by this module."""

import os
import signal
import time

import media_assets as ma


def fatal(source_video: ma.Video) -> ma.Image:
    """The first picture; a decoder that dies with a video without sound."""
    if not source_video.has_audio:
        os.kill(os.getpid(), signal.SIGSEGV)
    return source_video.frame(0)


def endless(source_video: ma.Video) -> int:
    """Never ends with a video without sound."""
    while not source_video.has_audio:
        time.sleep(0.01)
    return 1


def clip(source_video: ma.Video) -> ma.Video:
    """The first half second."""
    return source_video.clip(0, 0.5)


def changing(source_video: ma.Video) -> float | None:
    """Its duration, of a file that changes meanwhile."""
    duration = source_video.duration
    with source_video.path.open("ab") as file:
        file.write(b"\0\0\0\x08free")
    return duration
