"""A table of videos in a module that commands and workers can load."""

import media_assets as ma


def clips_table(destination: str | None = None) -> ma.MediaTable:
    """Videos with a value, an image and a video made from each; the video goes to a destination."""
    clips = ma.MediaTable("clips", media=ma.Video)

    @clips.computed_column(code_version="1")
    def duration(source_video: ma.Video) -> float | None:
        return source_video.duration

    @clips.computed_column(code_version="1")
    def poster(source_video: ma.Video) -> ma.Image:
        return source_video.frame(0.2)

    @clips.computed_column(format="mp4", destination=destination, code_version="1")
    def clip(source_video: ma.Video) -> ma.Video:
        return source_video.clip(0, 0.5)

    return clips


clips = clips_table()
defs = ma.build_defs([clips])
