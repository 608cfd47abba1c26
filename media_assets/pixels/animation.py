"""`Animation`: frames with the time that each is shown, decoded one at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from PIL import Image

Picture = TypeVar("Picture", Image.Image, "Animation")
Options = ParamSpec("Options")


class Animation:
    """The frames of an animated image, and how they are played; an image has one frame.

    Frames are decoded while they are iterated, one after another, each time anew.

    Attributes:
        durations: How many seconds each frame is shown, as its file says; browsers show frames of
            0.01 seconds and less for 0.1.
        loop: How often the frames are played; 0 for ever.

    Examples:
        >>> blink = Animation([Image.new("L", (8, 8)), Image.new("L", (8, 8), 255)], 0.5)
        >>> len(blink), blink.duration, [frame.getpixel((0, 0)) for frame in blink]
        (2, 1.0, [0, 255])
    """

    def __init__(
        self,
        frames: Sequence[Image.Image] | Callable[[], Iterable[Image.Image]],
        durations: float | Sequence[float],
        *,
        loop: int = 0,
    ) -> None:
        """Makes an animation.

        Args:
            frames: The frames, or a function that returns them for each iteration, so that not all
                need be in memory.
            durations: The seconds of each frame; one number for all of them, if they are a list.
            loop: How often they are played; 0 for ever.

        Raises:
            ValueError: There are no frames, not as many durations, or a negative number.
        """
        if isinstance(durations, int | float):
            durations = [durations] * (0 if callable(frames) else len(frames))
        self.durations = tuple(map(float, durations))
        self.loop = loop
        if not self.durations or (not callable(frames) and len(frames) != len(self.durations)):
            problem = f"{len(self.durations)} durations are not one for each frame, or none"
            raise ValueError(problem)
        if min(*self.durations, loop, 0) < 0:
            problem = f"durations {self.durations} and loop {loop} are not all 0 or more"
            raise ValueError(problem)
        self._frames = frames

    def __len__(self) -> int:
        """The number of frames."""
        return len(self.durations)

    def __iter__(self) -> Iterator[Image.Image]:
        """Yields the frames, each a whole image of the same size.

        Raises:
            UndecodableImageError: A frame is damaged.
        """
        return iter(self._frames() if callable(self._frames) else self._frames)

    @property
    def duration(self) -> float:
        """How many seconds all frames are shown, once."""
        return sum(self.durations)

    def map(self, function: Callable[[Image.Image], Image.Image]) -> "Animation":
        """Returns the animation of the frames that a function makes; it is called when they are.

        Examples:
            >>> gray = Animation([Image.new("RGB", (8, 8))], 0.1).map(lambda f: f.convert("L"))
            >>> [frame.mode for frame in gray]
            ['L']
        """
        return Animation(lambda: map(function, self), self.durations, loop=self.loop)


class OfPictures(Protocol[Options]):
    """A transform that makes an image of an image, and an animation of an animation."""

    def __call__(self, image: Picture, *args: Options.args, **kwargs: Options.kwargs) -> Picture:
        """Returns what it makes of an image, or of every frame."""
        ...


def of_frames(
    transform: Callable[Concatenate[Image.Image, Options], Image.Image],
) -> OfPictures[Options]:
    """Lets a transform of images take animations, too."""

    @wraps(transform)
    def apply(
        image: "Image.Image | Animation", *args: Options.args, **kwargs: Options.kwargs
    ) -> "Image.Image | Animation":
        if isinstance(image, Animation):
            return image.map(lambda frame: transform(frame, *args, **kwargs))
        return transform(image, *args, **kwargs)

    return cast("OfPictures[Options]", apply)
