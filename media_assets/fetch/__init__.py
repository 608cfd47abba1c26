"""http(s) sources, safely: no URL, redirect or DNS answer leads into a private network."""

from media_assets.errors import SourceAnswerError, SourceDeniedError
from media_assets.fetch.addresses import Network, is_public
from media_assets.fetch.download import Attempts, Download, downloaded
from media_assets.fetch.environment import Environment
from media_assets.fetch.facts import SourceFacts, facts_of
from media_assets.fetch.limits import FetchLimits, parse_networks
from media_assets.fetch.source_url import parse_source_url

__all__ = [
    "Download",
    "Environment",
    "FetchLimits",
    "Network",
    "SourceFacts",
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
) -> Download:
    """Returns the bytes of a source, of one version of it and whole.

    What a host packed by gzip without being asked is unpacked, up to the same limit.

    Every address that a host has must be public or allowed, at each redirect anew, and the very
    address that was checked is dialled. No proxy of the environment is used, and no cookie sent.

    Args:
        url: An http(s) URL without user and password.
        limits: What it may take; the deadline runs from this call on.
        outside: Names, certificates and pauses; the machine's own by default.
        stops_after: How many bytes are enough, after which the rest is not read; all by default.

    Raises:
        SourceError: The source gives no file; `is_transient` tells whether it may later.
    """
    source = parse_source_url(url)
    return Attempts(source, limits, outside).answer(
        "GET",
        lambda response: downloaded(
            response, source.shown, max_bytes=limits.max_bytes, stops_after=stops_after
        ),
    )


def head(
    url: str, *, limits: FetchLimits = _LIMITS, outside: Environment = _OUTSIDE
) -> SourceFacts:
    """Returns what the host tells of a source, without reading it.

    It asks with HEAD, and where the host refuses that, as S3 does for a presigned URL, with a GET
    that ends before its body.

    Raises:
        SourceError: As for `fetch`; a source that is too large is none.
    """
    attempts = Attempts(parse_source_url(url), limits, outside)
    try:
        return attempts.answer("HEAD", facts_of)
    except (SourceDeniedError, SourceAnswerError):
        return attempts.answer("GET", facts_of)
