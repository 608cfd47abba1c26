"""A table of videos with frames in a module that workers can import."""

from PIL import Image

from media_assets.split import frames as split_frames
from media_assets.tables.table import MediaTable

videos = MediaTable("videos", media="video")
frames = videos.derived_table("frames", split_frames(fps=4, size=(32, 24)))


@frames.computed_column()
def small(frame: Image.Image) -> Image.Image:
    """The frame, half as large."""
    return frame.reduce(2)


@frames.computed_column()
def seconds(time: float, frame: Image.Image) -> float:
    """When it is shown."""
    return time
