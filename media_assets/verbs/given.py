"""The types of what an insert and an update are given in Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

Source = str | Path
"""A file, a folder, an http(s) URL, or a URI in storage."""

Values = Mapping[str, object]
"""Values by the name of their column."""


class ArrowTable(Protocol):
    """A table that Arrow can read: of pandas, pyarrow, Polars, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Returns its rows as a capsule of Arrow's C stream interface."""
        ...
