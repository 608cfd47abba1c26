"""SQL functions of a fileurl: a presigned or public URL, and the path of a local copy."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property

import duckdb
from duckdb.func import SPECIAL

from media_assets.catalog.views import TableSources, digests_of
from media_assets.errors import MediaAssetsError
from media_assets.reading import Reader
from media_assets.records.database import connect
from media_assets.urls import presign, public_url_of

_SIGN, _LOCATE, _PUBLIC = "presigned_url", "localpath", "public_url"


class FileFunctions:
    """The functions of a fileurl, in the queries that name them.

    They are `presigned_url(fileurl, seconds)`, `public_url(fileurl)` and `localpath(fileurl)`. Null
    gives null. So does a file without a public URL, and one that is neither on this machine nor in
    the cache has no path.

    Attributes:
        failure: The error that a function raised, which DuckDB only quotes.
        read: The sources of the query's views, which have the digests of files.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.failure: MediaAssetsError | None = None
        self.read: list[TableSources] = []

    def add_to(self, connection: duckdb.DuckDBPyConnection, query: str) -> None:
        """Adds the functions that a query names."""
        text = query.lower()
        if _SIGN in text:
            connection.create_function(_SIGN, self._sign, ["VARCHAR", "DOUBLE"], "VARCHAR")
        if _LOCATE in text:
            self._add(connection, _LOCATE, self._path)
        if _PUBLIC in text:
            self._add(connection, _PUBLIC, self._public)

    @staticmethod
    def _add(
        connection: duckdb.DuckDBPyConnection, name: str, function: Callable[..., str | None]
    ) -> None:
        # By default, a function that returns null for a text is an error.
        connection.create_function(name, function, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)

    def _sign(self, fileurl: str, seconds: float) -> str:
        with self._failures_kept():
            return presign(fileurl, seconds, self._reader)

    def _public(self, fileurl: str | None) -> str | None:
        if fileurl is None:
            return None
        with self._failures_kept():
            return public_url_of(fileurl, self._reader)

    def _path(self, fileurl: str | None) -> str | None:
        if fileurl is None:
            return None
        with self._failures_kept():
            path = self._reader.path(fileurl)
            if path is None and self._reader.cache is not None:
                path = self._reader.kept(fileurl, self._digests.get(fileurl))
        return None if path is None else str(path)

    @cached_property
    def _digests(self) -> dict[str, str]:
        """The digests of all files that the query may refer to, read when first needed."""
        with connect() as connection:
            return digests_of(connection, (c for read in self.read for c in read.cells.values()))

    @contextmanager
    def _failures_kept(self) -> Generator[None]:
        try:
            yield
        except MediaAssetsError as error:
            self.failure = error
            raise
