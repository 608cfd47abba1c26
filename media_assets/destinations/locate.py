"""Parsing of URIs of all forms into a bucket and the rest."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from media_assets.destinations.hosts import HostMatch, is_provider_host, match_host
from media_assets.destinations.model import Destination, Provider
from media_assets.errors import DestinationError, FileurlError
from media_assets.masking import redact_uri

_WRITE_A_URI = "Write it as 's3://bucket/prefix/', or drop it to use local storage."
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HOST_AND_PORT = re.compile(
    r"(?P<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,220}[A-Za-z0-9]")
_BUCKET_SYNTAX: Mapping[Provider, re.Pattern[str]] = MappingProxyType(
    {
        "azure": re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}|\$root|\$web"),
        "endpoint": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?"),
        "memory": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"),
    }
)
_LARGEST_PORT = 65535
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_HTTPS_FORM = "Write it as 'https://host/bucket/prefix/'."


@dataclass(frozen=True, slots=True)
class Given:
    """A destination or a fileurl as written.

    Attributes:
        text: The text, which may contain secrets: never show it.
        source: The origin of a destination; None for a fileurl.
    """

    text: str
    source: str | None

    def refuse(
        self, problem: str, *, fix: str = _WRITE_A_URI, cause: Exception | None = None
    ) -> NoReturn:
        """Raises an error that shows the text without its secrets."""
        shown = redact_uri(self.text)
        if self.source is None:
            raise FileurlError(shown, problem=problem) from cause
        raise DestinationError(shown, source=self.source, problem=problem, fix=fix) from cause


def has_scheme(text: str) -> bool:
    """Returns whether a text is a URI rather than a path."""
    return _SCHEME.match(text) is not None


def split_uri(given: Given) -> tuple[Destination, str]:
    """Returns the bucket and the rest of a URI, decoded but not checked.

    Raises:
        DestinationError: The form of the URI is unknown.
        FileurlError: The same, for a text given as a fileurl.
    """
    match = _SCHEME.match(given.text)
    form = _FORMS.get(match[1].lower()) if match else None
    if match is None or form is None:
        given.refuse("has no supported scheme")
    if not _is_utf8(given.text):
        given.refuse("is not valid Unicode text")
    authority, _, rest = given.text[match.end() :].partition("/")
    return form(given, match[1].lower(), authority, rest)


def _file(given: Given, scheme: str, authority: str, rest: str) -> tuple[Destination, str]:
    if authority.lower() not in ("", "localhost"):
        given.refuse(
            "names a folder on another machine",
            fix=f"Write a folder on this machine with three slashes: '{scheme}:///folder/'.",
        )
    return Destination("file", None, "", ""), _percent_decode(rest)


def _bucket_and_key(
    provider: Provider,
) -> Callable[[Given, str, str, str], tuple[Destination, str]]:
    """Returns a parser of the form `scheme://bucket/key`, with the key unencoded."""

    def form(given: Given, scheme: str, authority: str, rest: str) -> tuple[Destination, str]:
        if "@" in authority or (":" in authority and "@" in rest):  # a secret may contain slashes
            _refuse_credentials(given)
        if not authority:
            given.refuse("does not name a bucket", fix=f"Write it as '{scheme}://bucket/prefix/'.")
        return Destination(provider, None, _check_bucket(given, provider, authority), ""), rest

    return form


def _azure(given: Given, scheme: str, authority: str, rest: str) -> tuple[Destination, str]:
    """Parses `scheme://container@account-host/key`, or `az://container/key`."""
    container, at, host = authority.rpartition("@")
    if not at and scheme == "az":
        return _bucket_and_key("azure")(given, scheme, authority, rest)
    if ":" in container or "@" in container:
        _refuse_credentials(given)
    match = match_host(host.lower())
    if not container or match is None or match.provider != "azure":
        given.refuse(
            "does not name a container of an Azure account",
            fix=f"Write it as '{scheme}://container@account.blob.core.windows.net/prefix/'.",
        )
    bucket = _check_bucket(given, "azure", container)
    return Destination("azure", match.endpoint, bucket, ""), rest


def _http(given: Given, scheme: str, authority: str, rest: str) -> tuple[Destination, str]:
    """Parses `https://host[:port]/bucket/key`, or `https://bucket.host/key`."""
    if "@" in authority:
        _refuse_credentials(given)
    if "?" in given.text or "#" in given.text:
        given.refuse(
            "has a '?' or '#'", fix="Remove it and everything after it, or write %3F and %23."
        )
    match = _HOST_AND_PORT.fullmatch(authority.lower())
    if match is None or int(match["port"] or 0) > _LARGEST_PORT:
        given.refuse("has an invalid host", fix=_HTTPS_FORM)
    host = match["host"]
    port = "" if match["port"] in (None, _DEFAULT_PORTS[scheme]) else f":{match['port']}"
    found = match_host(host)
    if found is None and is_provider_host(host):
        given.refuse(
            f"has the host {host!r}, which is not the address of a bucket", fix=_HTTPS_FORM
        )
    if found is not None and (scheme != "https" or port):
        given.refuse(f"does not use https on the default port of {host!r}", fix=_HTTPS_FORM)
    found = found or HostMatch("endpoint", f"{scheme}://{host}{port}", None)
    return _bucket_in_path(given, found, rest)


def _bucket_in_path(given: Given, found: HostMatch, rest: str) -> tuple[Destination, str]:
    bucket = found.bucket
    if bucket is None:
        bucket, _, rest = rest.partition("/")
        if not bucket:
            given.refuse("does not name a bucket", fix=_HTTPS_FORM)
    bucket = _check_bucket(given, found.provider, _percent_decode(bucket))
    return Destination(found.provider, found.endpoint, bucket, ""), _percent_decode(rest)


def _check_bucket(given: Given, provider: Provider, bucket: str) -> str:
    syntax = _BUCKET_SYNTAX.get(provider, _BUCKET)
    if not syntax.fullmatch(bucket) or ".." in bucket:
        what = "container" if provider == "azure" else "bucket"
        given.refuse(f"has an invalid {what} name", fix=f"Check the {what} name for typing errors.")
    return bucket


def _refuse_credentials(given: Given) -> NoReturn:
    given.refuse(
        "contains credentials", fix="Remove them, and set them on the provider's resource."
    )


def _percent_decode(text: str) -> str:
    """Decodes percent-encoding once; bytes that are not UTF-8 become surrogates."""
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def _is_utf8(text: str) -> bool:
    """Whether a text has no surrogates, which UTF-8 has no bytes for; each cell's URL is asked."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_FORMS: Mapping[str, Callable[[Given, str, str, str], tuple[Destination, str]]] = MappingProxyType(
    {
        "file": _file,
        "memory": _bucket_and_key("memory"),
        "s3": _bucket_and_key("s3"),
        "s3a": _bucket_and_key("s3"),
        "gs": _bucket_and_key("gcs"),
        "gcs": _bucket_and_key("gcs"),
        "r2": _bucket_and_key("r2"),
        "b2": _bucket_and_key("b2"),
        "tigris": _bucket_and_key("tigris"),
        "az": _azure,
        "wasb": _azure,
        "wasbs": _azure,
        "abfs": _azure,
        "abfss": _azure,
        "https": _http,
        "http": _http,
    }
)
