"""A kind of media in few lines: a poem, a text file that begins with a title."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from PIL import Image

from media_assets.errors import UnreadableFileError
from media_assets.images.formats import OutputFormat
from media_assets.limits import Limits

EXTENSIONS = frozenset({".poem"})
LIMITS = Limits
FORMATS = {"poem": OutputFormat(".poem", "text/x-poem", frozenset())}


class Poem:
    """What row functions get; counts how many are open."""

    opened = 0
    is_closed = False

    def __init__(
        self,
        path: Path,
        text: str | None = None,
        limits: Limits | None = None,
        facts: "PoemFacts | None" = None,
    ) -> None:
        del limits, facts  # it has none, and needs none
        self.path, self.text = path, path.read_text() if text is None else text
        Poem.opened += 1

    def loud(self) -> "Poem":
        return Poem(self.path, self.text.upper())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        Poem.opened -= not self.is_closed
        self.is_closed = True


@dataclass
class PoemFacts:
    format: str
    verses: int


def check_options(_format: str, _options: Mapping[str, object]) -> None:
    """Poems have no options."""


def recognize(first_bytes: bytes) -> str | None:
    return "poem" if first_bytes.startswith(b"# ") else None


def inspect(path: Path, _limits: Limits | None = None) -> PoemFacts:
    lines = path.read_text().splitlines()
    if not lines or not lines[0].startswith("# "):
        what = "The file holds no poem."
        raise UnreadableFileError(what, accepted="A line '# title' first.", fix="Add one.")
    return PoemFacts("poem", len(lines) - 1)


def write(
    made: Poem | Path, target: Path, _format: str, _options: object, *, limits: Limits
) -> PoemFacts:
    target.write_text(made.text if isinstance(made, Poem) else made.read_text())
    return inspect(target, limits)


def thumbnail(path: Path, size: tuple[int, int], _limits: Limits) -> Image.Image:
    return Image.new("RGB", size, "#" + f"{len(path.read_text()):06d}")
