"""Safe fetching of http(s) sources: no URL, redirect or DNS answer reaches a private network."""

from typing import TYPE_CHECKING, BinaryIO

from media_assets.errors import SourceAnswerError, SourceDeniedError
from media_assets.fetch.addresses import Network, is_public
from media_assets.fetch.environment import Environment
from media_assets.fetch.limits import FetchLimits, parse_networks
from media_assets.fetch.source_url import parse_source_url

if TYPE_CHECKING:
    from media_assets.fetch.download import Download
    from media_assets.fetch.facts import SourceFacts

__all__ = [
    "Environment",
    "FetchLimits",
    "Network",
    "fetch",
    "head",
    "is_public",
    "parse_networks",
]

_LIMITS, _OUTSIDE = FetchLimits(), Environment()


def fetch(
    url: str,
    *,
    limits: FetchLimits = _LIMITS,
    outside: Environment = _OUTSIDE,
    stops_after: int | None = None,
    into: BinaryIO | None = None,
) -> "Download":
    """Returns the complete bytes of one version of a source.

    A body that a host compressed without being asked is decompressed, up to the same limit.

    Every address of a host must be public or allowed, again after each redirect, and the
    connection uses a checked address. No proxy of the environment is used, and no cookie is sent.

    Args:
        url: An http(s) URL without user and password.
        limits: Limits of size and time; the deadline counts from this call.
        outside: Name lookup, certificates and pauses; by default those of this machine.
        stops_after: Stop reading after this many bytes; all are read by default.
        into: Replace the contents of this file with the bytes, and return none.

    Raises:
        SourceError: The source does not give a file; `is_transient` says whether it may later.
    """
    from media_assets.fetch.download import Attempts, read_body  # noqa: PLC0415  slow: http.client

    source = parse_source_url(url)
    return Attempts(source, limits, outside).answer(
        "GET",
        lambda response: read_body(
            response,
            source.shown,
            max_bytes=limits.max_bytes,
            stops_after=stops_after,
            into=into,
        ),
    )


def head(
    url: str, *, limits: FetchLimits = _LIMITS, outside: Environment = _OUTSIDE
) -> "SourceFacts":
    """Returns the facts that the host states about a source, without reading it.

    It sends HEAD or, if the host refuses that, as S3 does for a presigned URL, a GET that ends
    before its body.

    Raises:
        SourceError: As for `fetch`, but not for a source that is too large.
    """
    from media_assets.fetch.download import Attempts  # noqa: PLC0415  slow: http.client
    from media_assets.fetch.facts import facts_of  # noqa: PLC0415  likewise

    attempts = Attempts(parse_source_url(url), limits, outside)
    try:
        return attempts.answer("HEAD", facts_of)
    except (SourceDeniedError, SourceAnswerError):
        return attempts.answer("GET", facts_of)
