"""Limits on an image before it is decoded, and where each was set."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields

from media_assets.errors import ImageTooLargeError, SettingError
from media_assets.home import variable_of


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The limits on an image, checked before it is decoded.

    Attributes:
        max_pixels: Width times height of the first frame. A single image larger than the room for
            images uses up to 16 bytes per pixel. Above 179 million, WEBP and TIFF also need a
            higher `PIL.Image.MAX_IMAGE_PIXELS`.
        max_bytes: The file's size.
        max_frames: Frames or pages. Only the first is ever decoded; the default limits the time to
            count them, and allows half a minute of animation at 30 frames a second.
        decided_by: The setting that decided each limit, by the limit's name.
    """

    max_pixels: int = 128_000_000
    max_bytes: int = 256 * 1024**2
    max_frames: int = 1_000
    decided_by: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)

    def check(self, unit: str, found: int) -> None:
        """Refuses a value above its limit.

        Args:
            unit: `pixels`, `bytes` or `frames`.
            found: The number of them.

        Raises:
            ImageTooLargeError: The number is above the limit.
        """
        name = f"max_{unit}"
        limit: int = getattr(self, name)
        if found > limit:
            raise ImageTooLargeError(unit, found, limit, setting=self.setting(name))

    def setting(self, name: str) -> str:
        """Returns the setting that decides a limit, as a user would write it."""
        by_default = f"`{variable_of(name)}`, or `{name}` in the table's `image_limits=`"
        return self.decided_by.get(name, by_default)


LIMIT_NAMES = tuple(each.name for each in fields(ImageLimits) if each.name != "decided_by")


def limits_of_file(
    size: tuple[int | None, int | None], size_bytes: int | None, frames: int | None
) -> ImageLimits:
    """Returns limits that admit a file in the catalog, which was within the limits of its time."""
    least = ImageLimits()
    return ImageLimits(
        max(least.max_pixels, (size[0] or 0) * (size[1] or 0)),
        max(least.max_bytes, size_bytes or 0),
        max(least.max_frames, frames or 0),
    )


def check_limits(given: Mapping[str, int], *, where: str) -> Mapping[str, int]:
    """Returns limits from the code, after checking them.

    Args:
        given: Limits by name, such as `{"max_pixels": 200_000_000}`.
        where: Where they were set, for the error.

    Raises:
        SettingError: A name is unknown, or a limit is not a whole number of at least 1.
    """
    for name, limit in given.items():
        if name not in LIMIT_NAMES:
            setting, accepted = f"image_limits of {where}", f"One of {', '.join(LIMIT_NAMES)}."
            raise SettingError(setting, name, accepted=accepted, example="max_pixels")
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:  # pyright: ignore[reportUnnecessaryIsInstance]  # from user code
            _refuse(f"{name} of {where}", limit)
    return given


def decide_limits(
    sources: Iterable[tuple[str, Mapping[str, int]]], setting: Callable[[str], str | None]
) -> ImageLimits:
    """Returns the limits that apply: each is the first source's that gives it.

    Args:
        sources: Where limits were given, as text that follows "`max_pixels` in", and the limits.
        setting: Returns an environment variable or its like; asked last.

    Raises:
        SettingError: A variable is not a whole number of at least 1.
    """
    limits: dict[str, int] = {}
    settings: dict[str, str] = {}
    for where, given in sources:
        for name, limit in given.items():
            if name not in limits:
                limits[name], settings[name] = limit, f"`{name}` in {where}"
    for name in LIMIT_NAMES:
        text = setting(variable_of(name))
        if text is not None and name not in limits:
            if not text.isdecimal() or int(text) < 1:
                _refuse(variable_of(name), text)
            limits[name], settings[name] = int(text), f"`{variable_of(name)}`"
    return ImageLimits(**limits, decided_by=settings)


def _refuse(setting: str, value: object) -> None:
    accepted = "A whole number, 1 or more."
    raise SettingError(setting, str(value), accepted=accepted, example="200000000")
