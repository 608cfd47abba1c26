"""What is known of a file of a medium once it was inspected."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file of a medium.

    Attributes:
        format: A name of the kind's formats.
        width: Pixels, upright; None if it has no pictures.
        height: Pixels, upright.
        frames: How many pictures an image file has; None for other kinds.
        marks: What was left out of the file, or is wrong with it.
        others: The kind's other facts, by name: plain values of JSON.
        found: All of these as the kind's own `inspect` returned them; None if it did not.
    """

    format: str
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    marks: tuple[str, ...] = ()
    others: Mapping[str, object] = field(default_factory=dict[str, object])
    found: object = field(default=None, compare=False)

    @classmethod
    def of(cls, found: object) -> "FileFacts":
        """Returns the facts of a dataclass of a kind's own."""
        known: dict[str, Any] = asdict(cast("Any", found))
        known.pop("size_bytes", None)
        names = ("format", "width", "height", "frames", "marks")
        named = {name: known.pop(name) for name in names if name in known}
        return cls(**named, others=known, found=found)
