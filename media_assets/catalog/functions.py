"""What a query may ask of a fileurl: a URL that anybody can open, or the path on this machine."""

from collections.abc import Generator
from contextlib import contextmanager

import duckdb
from duckdb.func import SPECIAL

from media_assets.errors import MediaAssetsError
from media_assets.reading import Reader
from media_assets.stores import Storage
from media_assets.urls import presigned_url

_SIGN, _LOCATE = "presigned_url", "localpath"


def names_signing(query: str) -> bool:
    """Whether a query may sign URLs, which takes the credentials of the storage."""
    return _SIGN in query.lower()


class FileFunctions:
    """`presigned_url(fileurl, seconds)` and `localpath(fileurl)`, in the queries that name them.

    Null gives null. The path of a file that is not on this machine is null, too.

    Attributes:
        failure: What a function raised, which DuckDB only quotes.
    """

    def __init__(self, storage: Storage) -> None:
        """Takes the credentials that URLs are signed with."""
        self._storage, self._reader = storage, Reader(storage)
        self.failure: MediaAssetsError | None = None

    def add_to(self, connection: duckdb.DuckDBPyConnection, query: str) -> None:
        """Adds the functions that a query names; a query that names none pays nothing."""
        text = query.lower()
        if _SIGN in text:
            connection.create_function(_SIGN, self._signed, ["VARCHAR", "DOUBLE"], "VARCHAR")
        if _LOCATE in text:
            # Otherwise a function that returns null for some text is an error.
            connection.create_function(
                _LOCATE, self._path, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL
            )

    def _signed(self, fileurl: str, seconds: float) -> str:
        with self._failures_kept():
            return presigned_url(fileurl, seconds, storage=self._storage)

    def _path(self, fileurl: str | None) -> str | None:
        with self._failures_kept():
            path = None if fileurl is None else self._reader.path(fileurl)
        return None if path is None else str(path)

    @contextmanager
    def _failures_kept(self) -> Generator[None]:
        try:
            yield
        except MediaAssetsError as error:
            self.failure = error
            raise
