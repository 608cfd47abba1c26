"""What splits a row: a splitter turns the medium of one row into parts, each a row of its own."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from media_assets.column_types import ColumnType
from media_assets.errors import PartsTooManyError

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a row.

    Attributes:
        key: Its name within the row: unique there, and in the order of the parts.
        fields: Its index values, by name; all of those that the splitter names.
        value: The medium: an image, a path or a handle. None for a part that was skipped.
        format: The format of this part's file; None for that of the splitter.
        save_options: The options that belong to `format`.
        kept_format: The format in which an image is read that is kept in its parent; None for PNG.
    """

    key: str
    fields: Mapping[str, object]
    value: object = None
    format: str | None = None
    save_options: Mapping[str, object] | None = None
    kept_format: str | None = None


@dataclass(frozen=True, kw_only=True)
class Splitter(ABC):
    """How the rows of a table are split into parts.

    Attributes:
        name: What is written in code: `frames`.
        reads: The kind of medium that it splits.
        makes: The kind of medium of a part.
        column: The name of the column that holds the parts, unless a table gives another one.
        fields: Its index values: a type for each name, as in `values=` of a table.
        code_version: Changes with everything that decides which parts there are, and what they are.
        part_version: Changes only with what decides the medium of a part that keeps its key, so
            that parts stay if others are chosen.
        description: What it does, in one line.
        format: The format of the parts' files, unless a table or the part gives one.
        save_options: The options that belong to `format`.
        version: Its own version, which is raised when its parts change.
        is_native: Whether it takes every frame, which is too much to be stored unasked.
        input_types: What it reads of a row, by name, if it reads more than its source column; then
            `source` below is a mapping with these, its `resources` and what else is `given`.
        resources: The Dagster resources that it takes.
        given: What else it takes: `row`, `partition_key`, `log`.
    """

    name: str
    reads: ColumnType
    makes: ColumnType
    column: str
    fields: Mapping[str, object] = field(hash=False)
    code_version: str
    part_version: str
    description: str
    format: str | None = None
    save_options: Mapping[str, object] | None = field(default=None, hash=False)
    version: int = 1
    is_native: bool = False
    input_types: Mapping[str, ColumnType] = field(default_factory=dict[str, ColumnType], hash=False)
    resources: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @abstractmethod
    def split(self, source: object, skip: Callable[[str], bool], max_parts: int) -> Iterator[Part]:
        """Yields the parts in the order of their keys; one of them is in memory at a time.

        Args:
            source: What a row function gets: a handle, or an image.
            skip: Returns whether the part with a key is there already: it is yielded without its
                medium, and not decoded for it.
            max_parts: The most parts of a row.

        Raises:
            PartsTooManyError: There are more.
            UnreadableFileError: The source is damaged, or exceeds its limits.
        """

    @abstractmethod
    def extract(self, source: object, part_key: str, fields: Mapping[str, object]) -> object:
        """Returns the medium of one part, as `split` yields it.

        Args:
            source: As in `split`.
            part_key: The part's key.
            fields: Its index values.

        Raises:
            UnreadableFileError: The source is damaged, or exceeds its limits.
        """

    def fragment(self, fields: Mapping[str, object]) -> str | None:
        """Returns what follows `#` in the address of a part within its source, as W3C defines it.

        None if no part can be addressed, and so all of them must be stored.
        """
        del fields
        return None

    def address(self, fields: Mapping[str, object]) -> str | None:
        """Returns the fragment, and with it all else that the part can be read by.

        None as for `fragment`.
        """
        return self.fragment(fields)

    def largest_part(self, size: tuple[int, int]) -> tuple[int, int]:
        """Returns the size of the largest part of an image of a size: by default the same."""
        return size

    @property
    def has_addresses(self) -> bool:
        """Whether its parts can be addressed within their source, and need not be stored."""
        return type(self).fragment is not Splitter.fragment


def version_of(name: str, version: int, *decisive: object) -> str:
    """Returns a digest of a splitter's name, its own version, and what decides its parts.

    Example:
        >>> version_of("tiles", 1, (256, 256), 0) == version_of("tiles", 1, [256, 256], 0)
        True
    """
    text = json.dumps([name, version, *decisive], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def check_count(count: int, max_parts: int, *, parts: str, fewer: str) -> None:
    """Refuses more parts than a row may have.

    Args:
        count: How many there are.
        max_parts: The most.
        parts: What they are: "frames".
        fewer: How there would be fewer of them.

    Raises:
        PartsTooManyError: There are too many.
    """
    if count > max_parts:
        raise PartsTooManyError(parts, count, max_parts, fewer=fewer)
