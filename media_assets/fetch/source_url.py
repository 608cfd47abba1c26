"""URLs of sources: parsed, checked, and masked for display."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from media_assets.errors import SourceRefusedError
from media_assets.fetch.addresses import parse_address
from media_assets.file_keys import CONTROL_CHARACTERS
from media_assets.masking import SCHEME, shorten

_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_MAX_HOST = 253
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_PORT_THAT_IS_NONE = re.compile(r"^([^/?#:\[]*:)(?!\d*([/?#]|$))[^/?#]*")
_KEPT = "%/:?@!$&'()*+,;=~[]"


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """An http(s) URL that may be fetched, judging by its text.

    Attributes:
        scheme: "http" or "https".
        host: A name in ASCII and lower case without a final dot, or an IP address without brackets.
        port: The port, or the default one.
        target: Path and query, percent-encoded, as in a request line.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as in a Host header or URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The URL without its query, which may contain a signature."""
        path, has_query, _ = self.target.partition("?")
        return shorten(f"{self.scheme}://{self.authority}{path}" + ("?***" if has_query else ""))

    def redirect(self, location: str | None) -> "SourceUrl":
        """Returns the target of a redirect.

        Args:
            location: The Location header as `http.client` gives it, one character per byte.

        Raises:
            SourceRefusedError: It may not be fetched, or is http after https.
        """
        if location is None:
            raise SourceRefusedError(self.shown, problem="it redirects without a target")
        location = quote(location.encode("latin-1", "replace"), safe=_KEPT + "#")
        origin = f"{self.scheme}://{self.authority}{self.target}"
        try:
            joined = urljoin(origin, location)
        except ValueError as error:
            raise SourceRefusedError(
                self.shown, problem="it redirects to an invalid URL"
            ) from error
        target = parse_source_url(joined, redirected_from=self)
        if (self.scheme, target.scheme) == ("https", "http"):
            raise SourceRefusedError(
                self.shown, problem=f"it redirects from https to http, to {target.shown}"
            )
        return target


def parse_source_url(text: str, *, redirected_from: SourceUrl | None = None) -> SourceUrl:
    """Parses an http(s) URL, without looking up its host.

    A fragment is dropped, and non-ASCII characters are percent-encoded.

    Raises:
        SourceRefusedError: It is not an http(s) URL, or has a user or password.

    >>> parse_source_url("https://Example.org/a photo.jpg?width=3#top")
    SourceUrl(scheme='https', host='example.org', port=443, target='/a%20photo.jpg?width=3')
    """
    try:
        return _parse(text)
    except ValueError as error:
        shown = mask_text(text)
        problem = str(error) if isinstance(error, _UrlError) else "it is not a URL"
        if redirected_from is not None:
            shown, problem = redirected_from.shown, f"it redirects to {shown!r}, and {problem}"
        raise SourceRefusedError(shown, problem=problem) from None


class _UrlError(ValueError):
    """What is wrong with a URL, without showing it."""


def _parse(text: str) -> SourceUrl:
    if CONTROL_CHARACTERS.search(text):
        message = "it contains a control character"
        raise _UrlError(message)
    parts = urlsplit(text)
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        message = "its scheme is neither http nor https"
        raise _UrlError(message)
    if "@" in parts.netloc:
        message = "it contains a user or password"
        raise _UrlError(message)
    path = quote(parts.path, safe=_KEPT.replace("?", "")) or "/"
    query = quote(parts.query, safe=_KEPT)
    port = parts.port if parts.port is not None else _PORTS[scheme]
    if not 0 < port <= _MAX_PORT:
        message = "its port is 0"
        raise _UrlError(message)
    return SourceUrl(scheme, _host(parts), port, f"{path}?{query}" if query else path)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    host = host.removesuffix(".")
    is_bracketed = "[" in parts.netloc
    is_name = (
        not is_bracketed and len(host) <= _MAX_HOST and all(map(_LABEL.fullmatch, host.split(".")))
    )
    is_address = is_bracketed and "%" not in host and isinstance(parse_address(host), IPv6Address)
    if not is_name and not is_address:
        message = "its host is neither a name nor an IP address"
        raise _UrlError(message)
    return host


def mask_text(text: str) -> str:
    """Returns a text that may be an invalid URL, without possible secrets.

    >>> mask_text("https://me:secret@host/photo.jpg?signature=abc")
    'https://***@host/photo.jpg?***'
    """
    scheme = SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    if "@" in rest:
        rest = "***@" + rest.rpartition("@")[2]
    rest = _PORT_THAT_IS_NONE.sub(r"\1***", rest)
    rest = re.sub(r"([?#]).*", r"\1***", rest, count=1, flags=re.DOTALL)
    return shorten((scheme[0] if scheme else "") + rest)
