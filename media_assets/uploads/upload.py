"""One upload as the log records it, and the history of its row."""

from collections.abc import Mapping
from dataclasses import dataclass

from media_assets.addresses import LOCAL, strip_signature
from media_assets.uploads.identity import content_id


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was found or named.

    Attributes:
        row: The row's name.
        uri: Where the file is: a fileurl, or an http(s) URL.
        size_bytes: Its size when it was found.
        version: A text that changes when the file changes: its modification time or etag.
        partition: The partition that holds it; empty until it has one.
        supersedes: The partition whose row of this name it replaces, possibly the same one; None
            for a new row.
        digest: SHA-256 of its content as 64 hex digits, if known.
        content: The identity of its content, if address, size and version have changed since it was
            first recorded; see `identity`.
        values: The row's own values, as a JSON object; None if it has none.
    """

    row: str
    uri: str
    size_bytes: int
    version: str
    partition: str = ""
    supersedes: str | None = None
    digest: str | None = None
    content: str | None = None
    values: str | None = None

    @property
    def address(self) -> str:
        """The address without its signature."""
        return strip_signature(self.uri)

    @property
    def read_version(self) -> str:
        """The version for readers, to check that the file is the one that was found.

        For remote files it includes the size, since the cache keeps their content by it.
        """
        return self.version if self.uri.startswith(LOCAL) else self.identity

    @property
    def identity(self) -> str:
        """32 hex digits that stand for its content, even after its address changes."""
        return self.content or content_id(self.uri, self.size_bytes, self.version)


@dataclass(frozen=True, slots=True)
class History:
    """The history of one row in a log.

    Attributes:
        upload: The row as it is, or as it was when deleted.
        is_deleted: Whether it is deleted.
        seen: The last recorded size and version at each of its addresses.
    """

    upload: Upload
    is_deleted: bool
    seen: Mapping[str, tuple[int, str]]
