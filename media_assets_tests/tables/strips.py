"""A splitter of tests: cuts an image into strips, and counts what it does."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from PIL import Image

from media_assets.column_types import ColumnType
from media_assets.errors import PartsTooManyError
from media_assets.split import Part, Splitter


@dataclass(frozen=True, kw_only=True)
class Strips(Splitter):
    """Cuts an image into strips of some height, top down.

    Attributes:
        height: The height of a strip in pixels.
        opened: The sizes of the images that were split.
        cut: The keys of the strips that were cut.
        fails_at: The position of the strip that cannot be cut.
        error: What is raised then.
        same_key: Whether all strips have one key.
    """

    height: int
    opened: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]], hash=False)
    cut: list[str] = field(default_factory=list[str], hash=False)
    fails_at: int | None = None
    error: Exception = field(default=ValueError("torn"), hash=False)
    same_key: bool = False

    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        assert isinstance(source, Image.Image)
        self.opened.append(source.size)
        for position, top in enumerate(range(0, source.height, self.height)):
            if position == self.fails_at:
                raise self.error
            if position == max_parts:
                raise PartsTooManyError(self.name, position + 1, max_parts, fewer="higher ones")
            key = "0000" if self.same_key else f"{top:04}"
            if skip(key):
                yield Part(key, {"top": top})
                continue
            self.cut.append(key)
            bottom = min(top + self.height, source.height)
            yield Part(key, {"top": top}, source.crop((0, top, source.width, bottom)))

    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        raise NotImplementedError


def strips(height: int = 4, *, part_version: str = "strips", **options: object) -> Strips:
    """Returns the splitter: every part of the same key is the same, whatever the height."""
    return Strips(
        name="strips",
        reads=ColumnType.IMAGE,
        makes=ColumnType.IMAGE,
        column="strip",
        fields={"top": int},
        code_version=f"strips of {height}",
        part_version=part_version,
        description="Strips.",
        format="PNG",
        height=height,
        **options,  # pyright: ignore[reportArgumentType]
    )
