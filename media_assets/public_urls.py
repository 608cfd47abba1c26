"""Public URLs: where others read the files below a destination, such as a CDN's addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from media_assets.addresses import split_address
from media_assets.destinations import Destination, parse_destination, parse_fileurl
from media_assets.errors import FileurlError, PublicUrlError
from media_assets.row_templates import RowTemplate

_NAMES = ("key", "fileurl")


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """The template of each destination that has one, the longest prefix first; picklable."""

    templates: tuple[tuple[Destination, str], ...] = ()

    @classmethod
    def of(cls, named: Mapping[str, object], *, source: str) -> "PublicUrls":
        """Checks base URLs and templates by destination.

        Args:
            named: For each destination a base URL, to which a file's key below the destination is
                added, or a template with `{key}` or `{fileurl}`, both percent-encoded.
            source: Who names them, for errors.

        Raises:
            DestinationError: A name is not a destination.
            PublicUrlError: A URL is not one of the web, or has credentials.
            DeclarationError: A template has another name in braces.
        """
        found: list[tuple[Destination, str]] = []
        for text, url in named.items():
            destination = parse_destination(text, source=source)
            found.append((destination, _template(url, f"{source} for {text!r}")))
        return cls(tuple(sorted(found, key=lambda one: -len(one[0].prefix))))

    def of_file(self, fileurl: str) -> str | None:
        """Returns the public URL of a file; None if its destination has none."""
        if not self.templates:
            return None
        fileurl, fragment = split_address(fileurl)
        if fragment is not None:
            found = self.of_file(fileurl)
            return None if found is None else f"{found}#{fragment}"
        try:
            root, key = parse_fileurl(fileurl)
        except FileurlError:
            return None
        for destination, template in self.templates:
            if root == destination.bucket_root and key.startswith(destination.prefix):
                below = key.removeprefix(destination.prefix)
                names = {"key": _quote(below, "/"), "fileurl": _quote(fileurl, "")}
                return RowTemplate(template).fill(names)
        return None

    def file_at(self, url: str) -> str | None:
        """Returns the fileurl behind a URL that ends with a file's key; None for any other text."""
        for destination, template in self.templates:
            base, name, rest = template.partition("{key}")
            if name and not rest and url.startswith(base):
                key = unquote(url.removeprefix(base).partition("?")[0], errors="surrogateescape")
                return destination.fileurl(destination.key(key))
        return None


def _template(url: object, where: str) -> str:
    parts = urlsplit(url) if isinstance(url, str) else None
    is_web = parts is not None and parts.scheme in ("http", "https") and parts.netloc
    if parts is None or not is_web or "@" in parts.netloc or "\\" in str(url):
        raise PublicUrlError(where, str(url))
    text = RowTemplate.of(str(url), where=where, known=_NAMES)
    return text.text if text.names else f"{text.text.rstrip('/')}/{{key}}"


def _quote(text: str, safe: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe=safe)
