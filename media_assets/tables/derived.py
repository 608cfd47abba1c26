"""Tables made from the rows of others: what splits a row, and the column that holds its parts."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, TypeVar

from media_assets.columns import (
    ColumnOptions,
    ComputedColumn,
    Declared,
    check_declared_destination,
    check_object_options,
    parse_where,
)
from media_assets.errors import DeclarationError, SameNameError
from media_assets.images.formats import Encoding
from media_assets.media_types import medium_of
from media_assets.object_options import ObjectOptions
from media_assets.publishing import PublishedName
from media_assets.row_value import PARENT
from media_assets.split import Splitter
from media_assets.split.functions import FunctionSplitter

if TYPE_CHECKING:
    from media_assets.tables.table import MediaTable

MAX_PARTS = 10_000
"""The most parts of a row, by default."""

SplitFunction = Callable[..., object]
"""A function that yields the parts of a row."""

_OF_FILES = ("destination", "format", "save_options", "object_options", "publish")
"""The options that speak of files of parts."""

Table = TypeVar("Table", bound="MediaTable")


class DerivedOptions(TypedDict, total=False):
    """The options of `MediaTable.derived_table`."""

    source: str | None
    destination: Declared | None
    format: str | None
    save_options: Mapping[str, object] | None
    object_options: Mapping[str, object] | ObjectOptions | None
    publish: str | None
    stored: bool | None
    where: str | None
    max_parts: int
    code_version: str | None
    description: str | None
    pool: str | None


@dataclass(frozen=True, slots=True)
class Splitting:
    """How a table's rows come from those of another.

    Attributes:
        parent: The other table.
        splitter: What splits a row of it.
        max_parts: The most parts of a row.
        has_own_format: Whether the declaration says how files of parts are written, whatever the
            splitter would choose for each.
        is_stored: Whether parts have files of their own; otherwise they are kept in their parents.
    """

    parent: "MediaTable"
    splitter: Splitter
    max_parts: int
    has_own_format: bool
    is_stored: bool = True


def derive(parent: Table, name: str, splitter: Splitter, options: DerivedOptions) -> Table:
    """Returns a new table made from the rows of another, which knows it from then on.

    Raises:
        DeclarationError: A name or an option cannot be used, or the splitter does not split what
            the parents hold.
    """
    if name in parent.derived or name in parent.own_names:
        raise SameNameError(parent.name, name)
    of_column = ColumnOptions(
        name=options.get("source"),
        destination=options.get("destination"),
        format=options.get("format"),
        save_options=options.get("save_options"),
        object_options=options.get("object_options"),
        publish=options.get("publish"),
        where=options.get("where"),
    )
    path = f"{parent.name}/{name}"
    column = part_column(path, parent, splitter, of_column, stored=options.get("stored"))
    table = type(parent)(
        path,
        media=medium_of(splitter.makes).name,
        source=column.name,
        values=index_values(splitter),
        description=options.get("description"),
        pool=options.get("pool") or parent.pool,
        rows_per_partition=parent.rows_per_partition,
        retry_policy=parent.retry_policy,
        backfill_policy=parent.backfill_policy,
        nightly=None,
        automation=parent.automation,
        severe_error_share=parent.severe_error_share,
        row_timeout=parent.row_timeout,
        owners=parent.owners,
        tags=parent.tags,
        kinds=parent.kinds,
        group_name=None if parent.group_name == parent.op_name else parent.group_name,
        op_tags=parent.op_tags,
        run_tags=parent.run_tags,
        hooks=parent.hooks,
    )
    table.partitioning = parent.partitioning.of_parts
    has_own_format = of_column.format is not None or bool(of_column.save_options)
    max_parts = options.get("max_parts", MAX_PARTS)
    table.splitting = Splitting(parent, splitter, max_parts, has_own_format, column.is_stored)
    table.hold_parts(column)
    parent.derived[name] = table
    return table


def index_values(splitter: Splitter) -> dict[str, object]:
    """Returns the types of the index values of parts, by name."""
    return {PARENT: str, **splitter.fields}


def part_column(
    table: str,
    parent: "MediaTable",
    splitter: Splitter,
    options: ColumnOptions,
    *,
    stored: bool | None,
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
    is_stored = _is_stored(table, parent, splitter, options, stored=stored)
    is_default = options.format is None and options.save_options is None
    object_options = check_object_options(name, options)
    if options.publish is not None:
        values = {*parent.values_in_names, *index_values(splitter)}
        PublishedName.of(options.publish, column=name, values=values)
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
        if is_default and is_stored
        else _with(splitter.part_version, encoding if is_stored else None),
        destination=options.destination,
        object_options=object_options,
        publish=options.publish,
        encoding=encoding,
        is_stored=is_stored,
        row_timeout=parent.row_timeout if isinstance(splitter, FunctionSplitter) else None,
        where=None if options.where is None else parse_where(options.where, column=name),
        resources=splitter.resources,
        given=splitter.given,
        description=splitter.description,
    )


def _is_stored(
    table: str,
    parent: "MediaTable",
    splitter: Splitter,
    options: ColumnOptions,
    *,
    stored: bool | None,
) -> bool:
    """Returns whether parts get files of their own.

    Raises:
        DeclarationError: They cannot be kept in their parents, an option speaks of files that there
            are none of, or it has to be said.
    """
    of = f"Derived table {table!r}"
    if stored is None and splitter.is_native:
        raise DeclarationError(
            what=f"{of} takes every frame, and does not say whether frames are stored.",
            accepted="stored=True, for a file of each frame; stored=False, for frames that stay in "
            "their videos, and are read from there.",
            fix="Say which, or take fewer frames: ma.split.frames(fps=1).",
        )
    if stored is None or stored:
        return True
    given = [name for name in _OF_FILES if getattr(options, name) is not None]
    if given:
        raise DeclarationError(
            what=f"{of} has stored=False and {given[0]}=, but such parts have no files.",
            accepted=f"stored=False without {', '.join(f'{name}=' for name in _OF_FILES)}.",
            fix=f"Drop {given[0]}=, or store the parts.",
        )
    if not splitter.has_addresses:
        raise DeclarationError(
            what=f"{of} has stored=False, but no address says which part of a file it would be.",
            accepted="stored=False with ma.split.frames, segments, pages and tiles.",
            fix="Drop stored=False.",
        )
    if parent.splitting is not None and not parent.splitting.is_stored:
        raise DeclarationError(
            what=f"{of} has stored=False, and so has the table {parent.name!r} that it is made of.",
            accepted="Parts that are kept in files, not in parts that are kept in files.",
            fix="Store the parts of one of the two.",
        )
    return False


def _with(version: str, encoding: Encoding | None) -> str:
    """Returns a version that depends on how files are written; None for parts without files."""
    written = encoding and [encoding.format, dict(encoding.save_options)]
    text = json.dumps(written, sort_keys=True, default=repr)
    return f"{version}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _not_called() -> None:
    """Stands for a row function: the splitter gives the media of all parts of a row."""
