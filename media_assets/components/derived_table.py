"""A derived table in YAML: what splits the rows of another table, and its columns."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from media_assets.components.column import ColumnModel, FilesModel
from media_assets.components.ready_functions import import_function, ready_splitter
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.split import Splitter
from media_assets.split.functions import splitter_of
from media_assets.tables.derived import MAX_PARTS
from media_assets.tables.table import MediaTable


class DerivedTableModel(FilesModel):
    """A table made from the rows of another: frames of videos, pages of documents, tiles."""

    name: Annotated[str, Field(description="Its name below that of the table it is made from.")]
    columns: list[ColumnModel] = Field(default_factory=list[ColumnModel])
    split: Annotated[
        Literal["frames", "pages", "tiles", "segments", "renditions"] | None,
        Field(description="A splitter of media_assets.split."),
    ] = None
    options: Annotated[
        Mapping[str, Any] | None, Field(description="The splitter's arguments, by name.")
    ] = None
    function: Annotated[
        str | None,
        Field(description="Or a function that yields the parts, as module and name."),
    ] = None
    source: Annotated[
        str | None, Field(description="The column of the parts. Default: frame, page, tile, ...")
    ] = None
    stored: Annotated[
        bool | None,
        Field(description="false keeps the parts in the files of their parents. Default: true."),
    ] = None
    where: Annotated[
        str | None, Field(description="SQL over values of a row: which rows are split.")
    ] = None
    max_parts: int = MAX_PARTS
    code_version: Annotated[
        str | None, Field(description="Your own, of a function. Default: derived from its source.")
    ] = None
    description: str | None = None
    pool: str | None = None
    of: Annotated[
        str | None,
        Field(description="An earlier derived table that it is made from. Default: the table."),
    ] = None

    def add_to(self, table: MediaTable) -> None:
        """Declares the table and its columns.

        Raises:
            DeclarationError: Part of it cannot be used; the message says what to write.
            UnknownNameError: There is no derived table of the name in `of`.
        """
        parent = self._parent(table)
        derived = parent.derived_table(
            self.name,
            self._splitter(parent),
            source=self.source,
            destination=self.destination,
            format=self.format,
            save_options=self.save_options,
            object_options=self.object_options,
            publish=self.publish,
            stored=self.stored,
            where=self.where,
            max_parts=self.max_parts,
            description=self.description,
            pool=self.pool,
        )
        for column in self.columns:
            column.add_to(derived)

    def _parent(self, table: MediaTable) -> MediaTable:
        known = {each.name.removeprefix(f"{table.name}/"): each for each in table.all_derived}
        if self.of is None or self.of in known:
            return table if self.of is None else known[self.of]
        where = f"derived from {table.name!r}, before {self.name!r}"
        raise UnknownNameError(kind="table", name=self.of, known=known, where=where)

    def _splitter(self, parent: MediaTable) -> Splitter:
        if (self.split is None) == (self.function is None) or (self.function and self.options):
            raise DeclarationError(
                what=f"Derived table {self.name!r} of {parent.name!r} has split={self.split!r}, "
                f"function={self.function!r} and options={self.options!r}.",
                accepted="Either `split` with `options`, or `function` alone.",
                fix="Drop one of them.",
            )
        if self.function is not None:
            function = import_function(self.function)
            return splitter_of(function, name=self.name, code_version=self.code_version)
        return ready_splitter(self.split or "", self.options or {}, table=self.name)
