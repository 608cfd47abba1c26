"""A table of videos in a module that commands and workers can load."""

import media_assets as ma


def duration(source_video: ma.Video) -> float | None:
    """How many seconds it lasts."""
    return source_video.duration


def poster(source_video: ma.Video) -> ma.Image:
    """A picture near its start."""
    return source_video.frame(0.2)


def clip(source_video: ma.Video) -> ma.Video:
    """Its first half second."""
    return source_video.clip(0, 0.5)


def clips_table(destination: str | None = None) -> ma.MediaTable:
    """Videos with a value, an image and a video made from each; the video goes to a destination."""
    table = ma.MediaTable("clips", media=ma.Video)
    table.computed_column(code_version="1")(duration)
    table.computed_column(code_version="1")(poster)
    table.computed_column(format="mp4", destination=destination, code_version="1")(clip)
    return table


clips = clips_table()
defs = ma.build_defs([clips])
