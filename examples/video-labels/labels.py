"""Videos, two frames of each second, what each frame shows, and what that says of the video."""

from collections.abc import Mapping
from itertools import groupby

import numpy as np

import media_assets as ma

videos = ma.MediaTable("videos", media=ma.Video)
frames = videos.derived_table("frames", ma.split.frames(every=0.5, size=(640, 360)))


class Labels:
    """Stands for a model that takes seconds to load: the nearest of some colors is the label."""

    colors: Mapping[str, tuple[int, int, int]] = {
        "sunset": (230, 120, 50),
        "sea": (40, 90, 170),
        "meadow": (70, 150, 60),
        "snow": (240, 243, 248),
    }

    def __init__(self) -> None:
        self.names = list(self.colors)
        self.weights = np.array(list(self.colors.values()), "float32")

    def __call__(self, images: list[ma.Image]) -> list[str]:
        """Returns a label for each image of a batch."""
        small = [np.asarray(image.convert("RGB").resize((16, 16)), "float32") for image in images]
        means = np.stack(small).mean(axis=(1, 2))
        distances = np.linalg.norm(means[:, None] - self.weights[None], axis=2)
        return [self.names[nearest] for nearest in distances.argmin(axis=1)]


@ma.load_once
def model() -> Labels:
    """The model, loaded once per process, when the first batch comes."""
    return Labels()


@frames.computed_column(batch_size=32, max_concurrency=1, code_version="1")
def label(frame: list[ma.Image]) -> list[str]:
    """What a frame shows."""
    return model()(frame)


@frames.computed_column()
def sharpness(frame: ma.Image) -> float:
    """How sharp a frame is."""
    return ma.transforms.sharpness(frame)


@videos.computed_column()
def story(frames: ma.Parts) -> str:
    """The labels of a video in their order, each once for a run of equal ones."""
    return ", ".join(name for name, _ in groupby(part.label for part in frames))


@videos.computed_column()
def poster(frames: ma.Parts) -> ma.Image:
    """The sharpest frame."""
    return max(frames, key=lambda part: part.sharpness).frame


defs = ma.build_defs([videos])
