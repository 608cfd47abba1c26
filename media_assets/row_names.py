"""Names of rows: the file's key by default, or its path, URL, stem or a template."""

import os
import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath
from string import Formatter
from urllib.parse import unquote, urlsplit

from media_assets.addresses import strip_signature
from media_assets.errors import DeclarationError

_DEFAULT = "{name}"
RULES = ("path", "url", "name", "stem")
"""The rules, each of which is also a field of a template."""


@dataclass(frozen=True, slots=True)
class Naming:
    """The rule by which a table or an insert names rows.

    Attributes:
        template: Text with `{name}` (the key below the given folder or prefix, or the file's own
            name), `{path}` (as given, with `..` resolved), `{url}` (host, path and query, without
            the parameters of a signature) and `{stem}` (the name without its extension).
    """

    template: str = _DEFAULT

    @classmethod
    def of(cls, rule: str | None) -> "Naming":
        """Parses a rule: one of the four words, or a template of them.

        Raises:
            DeclarationError: It is neither.
        """
        if rule is None:
            return cls()
        template = f"{{{rule}}}" if rule in RULES else rule
        try:
            parts = list(Formatter().parse(template))
        except ValueError:
            parts = []
        fields = [field for _, field, _, _ in parts if field is not None]
        plain = all(not spec and not conversion for _, _, spec, conversion in parts)
        if not fields or not plain or not set(fields) <= set(RULES):
            raise DeclarationError(
                what=f"name_by {rule!r} is not a rule for naming rows.",
                accepted="path, url, stem or name, or a template of them such as 'card1/{stem}'.",
                fix="Write one of these, or drop it to name rows by their keys.",
            )
        return cls(template)

    @property
    def keeps_folders(self) -> bool:
        """Whether names begin with the key, from which `{partition_key}` takes a partition."""
        return self.template in (_DEFAULT, "{stem}")

    def row(self, name: str, *, uri: str, path: str) -> str:
        """Returns the name of a file's row.

        Args:
            name: The file's key, or its own name.
            uri: Its address.
            path: Its path as given.
        """
        if self.template == _DEFAULT:
            return name
        return self.template.format(
            name=name,
            path=path,
            url=_without_scheme(strip_signature(uri)),
            stem=str(PurePosixPath(name).with_suffix("")) if name else "",
        )


DEFAULT = Naming()


def path_as_given(given: str, key: str | None = None) -> str:
    """Returns the path of a file that was given directly, or is below a given folder or prefix.

    Args:
        given: A path or a URL.
        key: The file's key below it; None if `given` is the file.

    >>> path_as_given("card/../photos/", "a/1.jpg")
    'photos/a/1.jpg'
    >>> path_as_given("https://example.com/images/a%20b.jpg?id=1")
    'images/a b.jpg'
    """
    if "://" in given:
        given = unquote(urlsplit(given).path).lstrip("/")
    path = posixpath.normpath(posixpath.join(given, key) if key else given)
    # A path above the working directory has no name relative to it.
    return os.path.abspath(path) if path.startswith("../") else path  # noqa: PTH100  no links


def _without_scheme(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    return rest.lstrip("/") if separator else scheme
