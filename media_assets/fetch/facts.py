"""A file's size and version, as its host states them."""

import re
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPResponse

from media_assets.errors import (
    SourceAnswerError,
    SourceDeniedError,
    SourceMissingError,
)
from media_assets.fetch.exchange import AttemptError, seconds_to_wait
from media_assets.fetch.source_url import SourceUrl
from media_assets.fetch.unzipping import encoding_of

_GONE = {404, 410}
_OK = {200, 203}  # a proxy that changed something sends 203
_DENIED = {401, 403, 407, 451}
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_VERSION = 200
LARGEST_SIZE = 10**18 - 1
"""Bytes; a host that states more is ignored."""

_SIZE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The facts that a host states about a source.

    Attributes:
        size_bytes: The size of the body, as sent; None if not stated.
        version: A text that changes when the file does: the ETag, else the time of the last
            modification; None if the host states neither.
    """

    size_bytes: int | None
    version: str | None


def facts_of(response: HTTPResponse) -> SourceFacts:
    """Returns the facts in the headers of a complete answer."""
    length = (response.getheader("Content-Length") or "").strip()
    is_stated = _SIZE.fullmatch(length) and not response.getheader("Transfer-Encoding")
    is_stated = is_stated and encoding_of(response) is None  # else it is the compressed size
    etag = (response.getheader("ETag") or "").strip()
    modified = (response.getheader("Last-Modified") or "").strip()
    version = etag or (f"modified {modified}" if modified else None)
    if version is not None and len(version) > _LONGEST_VERSION:
        version = f"sha256 {sha256(version.encode()).hexdigest()}"
    return SourceFacts(int(length) if is_stated else None, version)


def check_status(response: HTTPResponse, url: SourceUrl) -> None:
    """Raises an error unless the answer has the file.

    Raises:
        AttemptError: The status may be temporary.
        SourceMissingError: 404 or 410.
        SourceDeniedError: 401, 403, 407 or 451.
        SourceAnswerError: Any other status.
    """
    status, reason = response.status, f"its host answered with status {response.status}"
    if status in _TRANSIENT:
        asked = seconds_to_wait(response.getheader("Retry-After") or "")
        raise AttemptError(reason, retry_after=asked)
    if status in _GONE:
        raise SourceMissingError(url.shown, reason=reason)
    if status in _DENIED:
        raise SourceDeniedError(url.shown, reason=reason)
    if status not in _OK:
        raise SourceAnswerError(url.shown, reason=reason)
