"""http(s) sources, safely: no URL, redirect or DNS answer leads into a private network."""

from media_assets.errors import SourceAnswerError, SourceDeniedError
from media_assets.fetch.addresses import Network, is_public
from media_assets.fetch.attempts import Attempts
from media_assets.fetch.download import Download
from media_assets.fetch.environment import Environment
from media_assets.fetch.exchange import AttemptError
from media_assets.fetch.facts import SourceFacts, check_status, facts_of
from media_assets.fetch.limits import FetchLimits, parse_networks
from media_assets.fetch.source_url import parse_source_url

__all__ = [
    "Download",
    "Environment",
    "FetchLimits",
    "Network",
    "SourceFacts",
    "fetch",
    "fetch_bytes",
    "head",
    "is_public",
    "parse_networks",
]

_LIMITS, _OUTSIDE = FetchLimits(), Environment()


def fetch(url: str, *, limits: FetchLimits = _LIMITS, outside: Environment = _OUTSIDE) -> Download:
    """Returns the bytes of a source in chunks.

    What a host packed by gzip without being asked is unpacked, up to the same limit.

    Every address that a host has must be public or allowed, at each redirect anew, and the very
    address that was checked is dialled. No proxy of the environment is used, and no cookie sent.

    Args:
        url: An http(s) URL without user and password.
        limits: What it may take; the deadline runs from this call on.
        outside: Names, certificates and pauses; the machine's own by default.

    Raises:
        SourceRefusedError: No such URL. All other errors, of other subclasses of `SourceError`
            too, come with the chunks.
    """
    attempts = Attempts(parse_source_url(url), limits, outside)
    return Download(attempts, max_bytes=limits.max_bytes)


def fetch_bytes(
    url: str, *, limits: FetchLimits = _LIMITS, outside: Environment = _OUTSIDE
) -> bytes:
    """Returns all bytes of a source; see `fetch`.

    Raises:
        SourceError: The source gives no file; `is_transient` tells whether it may later.
    """
    return fetch(url, limits=limits, outside=outside).read()


def head(
    url: str, *, limits: FetchLimits = _LIMITS, outside: Environment = _OUTSIDE
) -> SourceFacts:
    """Returns what the host tells of a source, without reading it.

    It asks with HEAD, and where the host refuses that, as S3 does for a presigned URL, with a GET
    that ends before its body.

    Raises:
        SourceError: As for `fetch_bytes`; a source that is too large is none.
    """
    attempts = Attempts(parse_source_url(url), limits, outside)
    method = "HEAD"
    while True:
        try:
            with attempts.ask(method, {}) as response:
                check_status(response, attempts.url)
                return facts_of(response)
        except AttemptError as error:
            attempts.wait_after(error)
        except (SourceDeniedError, SourceAnswerError):
            if method == "GET":
                raise
            method = "GET"
