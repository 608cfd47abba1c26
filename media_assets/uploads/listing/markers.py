"""Folder markers: objects that tools keep in a bucket to stand for a folder."""

from collections.abc import Mapping

_MEDIA_TYPES = frozenset(
    {"application/x-directory", "application/directory", "httpd/unix-directory"}
)
_METADATA = "hdi_isfolder"
"""Set by Azure's tools, and by its storage accounts that have real folders."""
_HADOOP = "_$folder$"


def is_marker_by_name(key: str, size_bytes: int) -> bool:
    """Whether an object's key says that it stands for a folder."""
    return key.endswith("/") or (size_bytes == 0 and key.endswith(_HADOOP))


def may_be_marker(key: str, size_bytes: int) -> bool:
    """Whether it is worth asking for the media type of an object."""
    return size_bytes == 0 and "." not in key.rpartition("/")[2]


def is_marker(media_type: str | None, metadata: Mapping[str, str] | None) -> bool:
    """Whether what a storage keeps beside an object says that it stands for a folder.

    >>> is_marker("httpd/unix-directory", None), is_marker("image/png", {"Hdi_isfolder": "true"})
    (True, True)
    """
    kind = (media_type or "").partition(";")[0].strip().lower()
    told = {name.lower(): value for name, value in (metadata or {}).items()}
    return kind in _MEDIA_TYPES or told.get(_METADATA, "").lower() == "true"
