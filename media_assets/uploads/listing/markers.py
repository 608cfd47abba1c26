"""Folder markers: objects that tools keep in a bucket to represent a folder."""

from collections.abc import Mapping

_MEDIA_TYPES = frozenset(
    {"application/x-directory", "application/directory", "httpd/unix-directory"}
)
_METADATA = "hdi_isfolder"
"""Set by Azure's tools, and by storage accounts with real folders."""
_HADOOP = "_$folder$"


def is_marker_by_name(key: str, size_bytes: int) -> bool:
    """Returns whether an object's key and size mark it as a folder."""
    return key.endswith("/") or (size_bytes == 0 and key.endswith(_HADOOP))


def may_be_marker(key: str, size_bytes: int) -> bool:
    """Returns whether the media type of an object is worth a request."""
    return size_bytes == 0 and "." not in key.rpartition("/")[2]


def is_marker(media_type: str | None, metadata: Mapping[str, str] | None) -> bool:
    """Returns whether an object's media type or metadata mark it as a folder.

    >>> is_marker("httpd/unix-directory", None), is_marker("image/png", {"Hdi_isfolder": "true"})
    (True, True)
    """
    kind = (media_type or "").partition(";")[0].strip().lower()
    lowered = {name.lower(): value for name, value in (metadata or {}).items()}
    return kind in _MEDIA_TYPES or lowered.get(_METADATA, "").lower() == "true"
