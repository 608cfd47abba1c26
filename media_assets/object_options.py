"""How a file is kept as an object of a bucket: headers, metadata, storage class, encryption."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TypeGuard, cast
from urllib.parse import quote

from media_assets.destinations import Destination, Provider, parse_destination
from media_assets.errors import ObjectOptionError
from media_assets.file_keys import row_stem
from media_assets.row_templates import RowTemplate

_ROW_NAMES = ("row", "row_stem")
_METADATA_NAME = re.compile(r"[A-Za-z0-9_-]+")
_OF_HEADERS = ("cache-control", "content-", "storage-class")
_ENCRYPTIONS = ("AES256", "aws:kms")
_HEADERS = ("cache_control", "content_disposition", "metadata", "storage_class")
_KNOWN_TO: Mapping[Provider, tuple[str, ...]] = MappingProxyType(
    {
        "s3": (*_HEADERS, "encryption", "kms_key", "requester_pays"),
        "endpoint": (*_HEADERS, "encryption", "kms_key", "requester_pays"),
        "gcs": (*_HEADERS, "requester_pays"),
        "azure": _HEADERS,
        "r2": _HEADERS,
        "b2": (*_HEADERS[:3], "encryption"),
        "tigris": _HEADERS,
        "file": _HEADERS,
        "memory": _HEADERS,
    }
)
"""What each provider knows. A local folder keeps no headers, as it keeps no content type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectOptions:
    """How files are kept as objects of a bucket; None leaves an option to the bucket.

    Attributes:
        cache_control: The header of that name: how long browsers and CDNs may keep a file.
        content_disposition: The header of that name, a template with `{row}` and `{row_stem}`:
            `attachment; filename="{row_stem}.webp"`.
        metadata: The object's own metadata, templates as well.
        storage_class: The provider's name of a storage class, on Azure of an access tier.
        encryption: `AES256` for keys of the storage (SSE-S3), `aws:kms` for one of a key
            management service (SSE-KMS).
        kms_key: The key for `aws:kms`; the account's default key if it is not given.
        requester_pays: Whether this side pays for requests to the bucket, whoever owns it. On
            Google the project that pays.
    """

    cache_control: str | None = None
    content_disposition: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    storage_class: str | None = None
    encryption: str | None = None
    kms_key: str | None = None
    requester_pays: bool | str = False

    @classmethod
    def of(
        cls, given: "Mapping[str, object] | ObjectOptions | None", *, where: str
    ) -> "ObjectOptions":
        """Checks options.

        Args:
            given: The options, or their values by name.
            where: What they are of, for the error: "column 'thumbnail'".

        Raises:
            ObjectOptionError: A name is unknown, or a value cannot be used.
            DeclarationError: A template has another name.
        """
        if given is None:
            return NONE
        values = given.given if isinstance(given, ObjectOptions) else given
        checked: dict[str, object] = {}
        for name, value in values.items():
            if name not in _NAMES:
                raise ObjectOptionError(where, name, value, accepted=f"{', '.join(_NAMES)}.")
            if value is not None:
                checked[name] = _checked(name, value, where)
        found = cls(**cast("Mapping[str, str]", checked))  # pyright: ignore[reportArgumentType]
        if found.kms_key and found.encryption != "aws:kms":
            accepted = "A key together with encryption='aws:kms'."
            raise ObjectOptionError(where, "kms_key", found.kms_key, accepted=accepted)
        return found

    @property
    def given(self) -> dict[str, object]:
        """The options that are set, by name."""
        values = ((option.name, getattr(self, option.name)) for option in fields(self))
        return {name: value for name, value in values if value}

    @property
    def text(self) -> str | None:
        """What an object is kept with, as JSON in one spelling; None for nothing of its own."""
        kept = {name: value for name, value in self.given.items() if name != "requester_pays"}
        return json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else None

    @classmethod
    def of_text(cls, text: str | None) -> "ObjectOptions":
        """Returns options from their text."""
        return cls(**json.loads(text)) if text else NONE

    def or_else(self, other: "ObjectOptions") -> "ObjectOptions":
        """Returns these options, with another one's where these have none."""
        return ObjectOptions(**cast("Mapping[str, str]", {**other.given, **self.given}))  # pyright: ignore[reportArgumentType]

    def check_known(self, destination: Destination, *, where: str) -> None:
        """Refuses what a destination's provider does not know.

        Raises:
            ObjectOptionError: The text says what the provider knows.
        """
        known = _KNOWN_TO[destination.provider]
        for name, value in self.given.items():
            is_project = destination.provider == "gcs" and name == "requester_pays"
            if name not in known or (is_project and not isinstance(value, str)):
                shown = "requester_pays with the name of a project" if is_project else name
                raise ObjectOptionError(
                    where,
                    name,
                    value,
                    problem=f"which {destination.uri} does not know",
                    accepted=f"There: {', '.join(known)}."
                    if not is_project
                    else f"There: {shown}.",
                    fix=_INSTEAD.get(name, "Drop it, or choose another destination."),
                )

    def attributes(self, row: str) -> dict[str, str]:
        """Returns the headers and metadata of a row's object, as obstore names them."""
        if self == NONE:
            return {}
        names = {"row": row, "row_stem": row_stem(row)}
        found = {name: RowTemplate(text).fill(names) for name, text in self.metadata.items()}
        found = {name: _ascii(text) for name, text in found.items()}
        if self.cache_control:
            found["Cache-Control"] = self.cache_control
        if self.content_disposition:
            filled = RowTemplate(self.content_disposition).fill(_without_quotes(names))
            found["Content-Disposition"] = _ascii(filled)
        if self.storage_class:
            found["Storage-Class"] = self.storage_class
        return found


_NAMES = tuple(option.name for option in fields(ObjectOptions))
_INSTEAD = {
    "encryption": "Drop it: set the bucket's own default encryption or key instead.",
    "kms_key": "Drop it: set the bucket's own default key instead.",
}
NONE = ObjectOptions()


@dataclass(frozen=True, slots=True)
class DestinationOptions:
    """The options of destinations, the longest prefix last; a picklable value."""

    options: tuple[tuple[Destination, ObjectOptions], ...] = ()

    @classmethod
    def of(cls, named: Mapping[str, Mapping[str, object]], *, source: str) -> "DestinationOptions":
        """Checks options by destination.

        Raises:
            DestinationError: A name is not a destination.
            ObjectOptionError: An option is unknown, to this package or to the provider.
        """
        found: list[tuple[Destination, ObjectOptions]] = []
        for text, given in named.items():
            destination, where = parse_destination(text, source=source), f"{source} for {text!r}"
            options = ObjectOptions.of(given, where=where)
            options.check_known(destination, where=where)
            found.append((destination, options))
        return cls(tuple(sorted(found, key=lambda one: len(one[0].prefix))))

    def at(self, destination: Destination) -> ObjectOptions:
        """Returns the options below a destination; those of longer prefixes win."""
        options = NONE
        for named, own in self.options:
            if named.contains(destination):
                options = own.or_else(options)
        return options

    @property
    def payers(self) -> Iterator[tuple[Destination, str]]:
        """Yields each bucket for whose requests this side pays, with the project or nothing."""
        for named, options in self.options:
            if options.requester_pays:
                paying = options.requester_pays
                yield named.bucket_root, "" if paying is True else str(paying)


def without_payer(options: ObjectOptions) -> ObjectOptions:
    """Returns options without who pays, which is a matter of the bucket."""
    return replace(options, requester_pays=False)


def _checked(name: str, value: object, where: str) -> object:
    if name == "metadata":
        if not _is_texts(value):
            accepted = (
                "A text for each name: {'team': 'shop'}. Names have letters, digits, '-' and '_', "
                "and are not those of headers."
            )
            raise ObjectOptionError(where, name, value, accepted=accepted)
        for text in value.values():
            RowTemplate.of(text, where=f"metadata of {where}", known=_ROW_NAMES)
        return dict(value)
    if name == "requester_pays" and isinstance(value, bool):
        return value
    if not isinstance(value, str) or not value or not _is_for_header(name, value):
        raise ObjectOptionError(where, name, value, accepted="A text in one line, in ASCII.")
    if name == "content_disposition":
        RowTemplate.of(value, where=f"content_disposition of {where}", known=_ROW_NAMES)
    if name == "encryption" and value not in _ENCRYPTIONS:
        accepted = "AES256 (SSE-S3) or aws:kms (SSE-KMS), if need be with kms_key."
        raise ObjectOptionError(where, name, value, accepted=accepted)
    return value


def _is_texts(value: object) -> TypeGuard[Mapping[str, str]]:
    if not isinstance(value, Mapping):
        return False
    pairs: Sequence[tuple[object, object]] = list(cast("Mapping[object, object]", value).items())
    return all(_is_metadata_name(name) and isinstance(text, str) for name, text in pairs)


def _is_metadata_name(name: object) -> bool:
    """Whether it can be a header's end, and is no header, which obstore would take it for."""
    if not isinstance(name, str) or _METADATA_NAME.fullmatch(name) is None:
        return False
    return not name.lower().startswith(_OF_HEADERS)


def _is_for_header(name: str, value: str) -> bool:
    """Whether a header can hold a text; that of a file's name is percent-encoded if need be."""
    return value.isprintable() and (value.isascii() or name == "content_disposition")


def _without_quotes(names: Mapping[str, str]) -> dict[str, str]:
    """Returns names that cannot end a quoted text of a header."""
    return {name: text.replace("\\", "_").replace('"', "'") for name, text in names.items()}


def _ascii(text: str) -> str:
    """Returns a text that every header can hold: others are percent-encoded."""
    is_fit = text.isascii() and text.isprintable()
    return text if is_fit else quote(text, safe=" !#$&'()*+,-./:;<=>?@[]^_`{|}~\"")
