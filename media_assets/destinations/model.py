"""A destination, and the fileurls of files below it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

Provider = Literal["file", "memory", "s3", "gcs", "azure", "r2", "b2", "tigris", "endpoint"]
"""The kinds of storage; `endpoint` is any S3-compatible server that is none of the others."""

SCHEMES: dict[Provider, str] = {
    "memory": "memory",
    "s3": "s3",
    "gcs": "gs",
    "azure": "az",
    "r2": "r2",
    "b2": "b2",
    "tigris": "tigris",
}
"""How a bucket is written when its endpoint is the one that the provider's resource names."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The place under which files are written.

    Attributes:
        provider: The kind of storage.
        endpoint: `https://host[:port]` where the destination names its server, else None: then
            the server is the one that the provider's resource names, or the provider's own.
        bucket: The bucket or container; empty for local folders.
        prefix: What every key begins with: empty, or without a leading and with a trailing slash.
            For a local folder its absolute path, without the leading slash.
    """

    provider: Provider
    endpoint: str | None
    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        """The destination as text; `parse_destination` reads it back."""
        return self.fileurl(self.prefix)

    @property
    def bucket_root(self) -> "Destination":
        """The same bucket without the prefix; `/` for local folders."""
        return replace(self, prefix="")

    @property
    def path(self) -> Path | None:
        """The local folder, None for a bucket."""
        return Path("/" + self.prefix) if self.provider == "file" else None

    def key(self, *segments: str) -> str:
        """Returns the key of what the segments name below the prefix.

        A last segment of `""` gives the key prefix of a folder, with its trailing slash.
        """
        return self.prefix + "/".join(segments)

    def fileurl(self, key: str) -> str:
        """Returns the fileurl of a key in this bucket; `parse_fileurl` is its exact inverse.

        The key stands percent-encoded in `file://` and `https://` fileurls, and as it is in
        `s3://`, `gs://` and the other storage schemes, as all tools of these providers have it.

        Args:
            key: The full key within the bucket: `prefix` is not added.
        """
        if self.provider == "file":
            return "file:///" + _percent_encode(key)
        if self.endpoint is not None:
            return f"{self.endpoint}/{self.bucket}/{_percent_encode(key)}"
        return f"{SCHEMES[self.provider]}://{self.bucket}/{key}"

    def storage_url(self, key: str) -> str:
        """Returns the fileurl of a key, by a scheme of storage where there is one for it.

        An account of Azure has one, beside the https address that `fileurl` gives; a server of
        the S3 protocol has none.
        """
        if self.provider == "azure" and self.endpoint is not None:
            return f"az://{self.bucket}@{self.endpoint.removeprefix('https://')}/{key}"
        return self.fileurl(key)


def _percent_encode(key: str) -> str:
    """Encodes all but unreserved characters and slashes; bytes that are no UTF-8 survive."""
    return quote(key.encode("utf-8", "surrogateescape"), safe="/")
