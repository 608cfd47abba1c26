"""Tables made from the rows of others: what splits a row, and the column that holds its parts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assets.columns import ComputedColumn, Declared, check_declared_destination, parse_where
from media_assets.errors import DeclarationError
from media_assets.images.formats import Encoding
from media_assets.media_types import medium_of
from media_assets.row_value import PARENT
from media_assets.split import Splitter

if TYPE_CHECKING:
    from media_assets.tables.table import MediaTable

MAX_PARTS = 10_000
"""The most parts of a row, by default."""


@dataclass(frozen=True, slots=True)
class Splitting:
    """How a table's rows come from those of another.

    Attributes:
        parent: The other table.
        splitter: What splits a row of it.
        max_parts: The most parts of a row.
        has_own_format: Whether the declaration says how files of parts are written, whatever the
            splitter would choose for each.
    """

    parent: "MediaTable"
    splitter: Splitter
    max_parts: int
    has_own_format: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOptions:
    """The arguments of `MediaTable.derived_table` for the column of the parts, unchecked."""

    name: str | None
    destination: Declared | None
    format: str | None
    save_options: Mapping[str, object] | None
    where: str | None


def index_values(splitter: Splitter) -> dict[str, object]:
    """Returns the types of the index values of parts, by name."""
    return {PARENT: str, **splitter.fields}


def part_column(
    table: str, parent: "MediaTable", splitter: Splitter, options: PartOptions
) -> ComputedColumn:
    """Returns the column of the parts' media, which is computed from columns of the parent.

    Raises:
        DeclarationError: An option cannot be used, or the parent holds another kind of media.
    """
    name = options.name or splitter.column
    reads = splitter.input_types or {parent.source.name: splitter.reads}
    if not splitter.input_types and parent.source.type != splitter.reads:
        raise DeclarationError(
            what=f"{splitter.name} splits {medium_of(splitter.reads).plural}, but table "
            f"{parent.name!r} holds {medium_of(parent.source.type).plural}.",
            accepted=f"A table of {medium_of(splitter.reads).plural}.",
            fix="Use another splitter, or a function of your own.",
        )
    check_declared_destination(options.destination, column=f"{table}/{name}")
    is_default = options.format is None and options.save_options is None
    encoding = medium_of(splitter.makes).check_encoding(
        splitter.format if is_default else options.format,
        (splitter.save_options if is_default else options.save_options) or {},
    )
    return ComputedColumn(
        name=name,
        function=_not_called,
        input_types=reads,
        type=splitter.makes,
        code_version=splitter.part_version
        if is_default
        else _with(splitter.part_version, encoding),
        destination=options.destination,
        encoding=encoding,
        where=None if options.where is None else parse_where(options.where, column=name),
        resources=splitter.resources,
        given=splitter.given,
        description=splitter.description,
    )


def _with(version: str, encoding: Encoding) -> str:
    text = json.dumps([encoding.format, dict(encoding.save_options)], sort_keys=True, default=repr)
    return f"{version}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _not_called() -> None:
    """Stands for a row function: the splitter gives the media of all parts of a row."""
