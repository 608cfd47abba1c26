"""A destination, and the fileurls of files below it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

Provider = Literal["file", "memory", "s3", "gcs", "azure", "r2", "b2", "tigris", "endpoint"]
"""The kinds of storage; `endpoint` is any other S3-compatible server."""

SCHEMES: dict[Provider, str] = {
    "memory": "memory",
    "s3": "s3",
    "gcs": "gs",
    "azure": "az",
    "r2": "r2",
    "b2": "b2",
    "tigris": "tigris",
}
"""The scheme for a bucket on the server of the provider's resource."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The URI prefix below which files are written.

    Attributes:
        provider: The kind of storage.
        endpoint: `https://host[:port]` if the destination names its server; None for the server of
            the provider's resource, or the provider's own.
        bucket: The bucket or container; empty for local folders.
        prefix: The beginning of every key: empty, or without a leading and with a trailing slash.
            For a local folder, its absolute path without the leading slash.
    """

    provider: Provider
    endpoint: str | None
    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        """The destination as text, for `parse_destination`."""
        return self.fileurl(self.prefix)

    @property
    def bucket_root(self) -> "Destination":
        """The same bucket without the prefix; `/` for local folders."""
        return replace(self, prefix="") if self.prefix else self

    @property
    def path(self) -> Path | None:
        """The local folder; None for a bucket."""
        return Path("/" + self.prefix) if self.provider == "file" else None

    def contains(self, other: "Destination") -> bool:
        """Returns whether another destination is this one, or a folder in it."""
        return replace(other, prefix=self.prefix) == self and other.prefix.startswith(self.prefix)

    def key(self, *segments: str) -> str:
        """Returns the key of some segments below the prefix.

        With `""` as the last segment, it is the key prefix of a folder, with its trailing slash.
        """
        return self.prefix + "/".join(segments)

    def fileurl(self, key: str) -> str:
        """Returns the fileurl of a key in this bucket; `parse_fileurl` is its exact inverse.

        The key is percent-encoded in `file://` and `https://` fileurls, and unencoded in `s3://`,
        `gs://` and the other storage schemes, as in all tools of these providers.

        Args:
            key: The full key within the bucket; `prefix` is not added.
        """
        if self.provider == "file":
            return "file:///" + _percent_encode(key)
        if self.endpoint is not None:
            return f"{self.endpoint}/{self.bucket}/{_percent_encode(key)}"
        return f"{SCHEMES[self.provider]}://{self.bucket}/{key}"

    def storage_url(self, key: str) -> str:
        """Returns the fileurl of a key with a storage scheme, if it has one.

        An Azure account has one, besides the https address of `fileurl`; other servers of the S3
        protocol do not.
        """
        if self.provider == "azure" and self.endpoint is not None:
            return f"az://{self.bucket}@{self.endpoint.removeprefix('https://')}/{key}"
        return self.fileurl(key)


def _percent_encode(key: str) -> str:
    """Encodes all but unreserved characters and slashes; bytes that are not UTF-8 are kept."""
    return quote(key.encode("utf-8", "surrogateescape"), safe="/")
