"""The kinds of media, and what each offers to tables: a folder of the package for each kind.

A kind's module has these names, and imports its libraries only when one is called:

    EXTENSIONS                              what an insert of a folder takes, such as {".mp4"}
    FORMATS                                 by the name that `format=` takes, each with `extension`
                                            and `content_type`; the first is the default
    check_options(format, save_options)     checks them
    recognize(first_bytes)                  the format that the content shows, or None
    LIMITS                                  a class of `limits.Limits`; what follows takes one
    inspect(path, limits)                   the facts of a file, after opening it; or an error
    write(made, target, format, options, limits=)
                                            writes what a row function made, and inspects it
    thumbnail(path, size, limits)           an image of at most this size
    and the class that row functions get, made from a path, `limits=`, and `facts=` if `inspect`
    has returned any for the file; with `close()`.

Images are a kind, too, but row functions get them decoded, as Pillow's: see `pipeline.cells`.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assets.column_types import ColumnType, add_medium
from media_assets.errors import DeclarationError, OutputFormatError
from media_assets.file_facts import FileFacts
from media_assets.images.formats import Encoding, check_encoding
from media_assets.limits import Limits
from media_assets.optional_packages import require_extra

if TYPE_CHECKING:
    from PIL import Image


LimitsClass = type[Limits]
_FIRST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class MediaType:
    """A kind of media.

    Attributes:
        name: The name of its column type: `video`.
        module: The module that offers its functions.
        handle: The class in it that row functions get.
        plural: The name of many of them, for texts.
        packages: The packages on whose versions it depends which files can be read.
        extra: The extra of this package that installs them; None if they always are.
        facts: The names of facts that queries show beside format, width and height, and their
            types in DuckDB.
        of_uploads: The content types of formats that only uploads have: what Python knows of
            others depends on the machine.
    """

    name: str
    module: str
    handle: str
    plural: str
    packages: tuple[str, ...] = ()
    extra: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    of_uploads: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)

    @property
    def type(self) -> ColumnType:
        """Its column type."""
        return ColumnType(self.name)

    @property
    def source(self) -> str:
        """The name of a source column, unless a table gives another one."""
        return f"source_{self.name}"

    @property
    def is_decoded(self) -> bool:
        """Whether row functions get decoded pixels, and not a file."""
        return self.name == ColumnType.IMAGE

    @property
    def extensions(self) -> frozenset[str]:
        """What an insert of a folder takes, in lower case, each with its dot."""
        return self._offered("EXTENSIONS")

    def check_encoding(
        self, media_format: str | None, save_options: Mapping[str, object] | None
    ) -> Encoding:
        """Returns how a column's files are written.

        Raises:
            OutputFormatError: The format or an option is unknown, or a value is not valid.
        """
        if self.is_decoded:
            return check_encoding(media_format, save_options)
        formats: Mapping[str, object] = self._offered("FORMATS")
        name = media_format.lower().removeprefix(".") if media_format else next(iter(formats))
        if name not in formats:
            what = f"The output format of {self.plural}"
            raise OutputFormatError(media_format, what=what, accepted=", ".join(formats))
        options = dict(save_options or {})
        self._offered("check_options")(name, options)
        return Encoding(name, options)

    def has_format(self, name: str) -> bool:
        """Whether its files can be written in a format; the name is in lower case."""
        return name in {known.lower() for known in self._offered("FORMATS")}

    def recognizes(self, first_bytes: bytes) -> bool:
        """Whether a file that begins like this may be of this kind."""
        return self._offered("recognize")(first_bytes) is not None

    def extension(self, media_format: str) -> str:
        """Returns the extension of a file of this format, with the dot.

        Uploads may have formats that columns cannot write.
        """
        known = self._offered("FORMATS").get(media_format)
        return f".{media_format.lower()}" if known is None else known.extension

    def content_type(self, media_format: str) -> str:
        """Returns the content type of a file of this format, for HTTP."""
        known = self._offered("FORMATS").get(media_format)
        if known is not None:
            return known.content_type
        if media_format in self.of_uploads:
            return self.of_uploads[media_format]
        guessed, _ = guess_type(f"file{self.extension(media_format)}")
        return guessed or "application/octet-stream"

    @property
    def limits(self) -> LimitsClass:
        """The class of its limits."""
        return self._offered("LIMITS")

    def require_packages(self) -> None:
        """Checks that its packages are installed, without importing them.

        Raises:
            MissingExtraError: One is not.
        """
        if self.extra is None:
            return
        with require_extra(self.extra, f"{self.plural.capitalize()}"):
            for package in self.packages:
                if find_spec(package) is None:
                    raise ModuleNotFoundError(name=package)

    def inspect(self, path: Path, limits: Limits) -> FileFacts:
        """Returns the facts of a file, after opening it and decoding its first part.

        Raises:
            UnreadableFileError: It is of another kind, is damaged, or exceeds the limits.
            MissingPackageError: The package that reads it is not installed.
        """
        return FileFacts.of(self._offered("inspect")(path, limits))

    def open(self, path: Path, limits: Limits | None = None, facts: FileFacts | None = None) -> Any:  # noqa: ANN401  a class of the kind's own
        """Returns what a row function gets for a file; to be closed after the call.

        Args:
            path: The file.
            limits: By default, those on a file of the catalog.
            facts: What `inspect` returned for it, so that nothing is read again for them.
        """
        limits = limits or self.limits.of_any_file()
        return self._offered(self.handle)(path, limits=limits, facts=facts and facts.found)

    def can_write(self, made: object) -> bool:
        """Whether a row function may return this: a handle, or the path of a file."""
        return isinstance(made, Path | self._offered(self.handle))

    def write(
        self, made: object, target: Path, encoding: Encoding, limits: Limits | None = None
    ) -> FileFacts:
        """Writes what a row function made to a file, and returns its facts.

        Raises:
            UnreadableFileError: It made a path of a file that is of another kind, or damaged.
        """
        written = self._offered("write")(
            made, target, encoding.format, encoding.save_options, limits=limits or self.limits()
        )
        return FileFacts.of(written)

    def thumbnail(self, path: Path, size: tuple[int, int]) -> "Image.Image":
        """Returns an image of a file of the catalog, at most this wide and high."""
        return self._offered("thumbnail")(path, size, self.limits.of_any_file())

    def _offered(self, name: str) -> Any:  # noqa: ANN401  what the module has under this name
        return getattr(sys.modules.get(self.module) or import_module(self.module), name)


_TYPES: dict[str, MediaType] = {}
_OF_CLASS: dict[str, MediaType] = {}


def register(medium: MediaType) -> MediaType:
    """Makes a kind of media known, so that columns can hold it."""
    add_medium(medium.name)
    _TYPES[medium.name] = medium
    _OF_CLASS[medium.handle] = medium
    return medium


IMAGE = register(
    MediaType(
        "image",
        "media_assets.images.kind",
        "Image",
        "images",
        ("pillow",),
        facts={"truncated": "boolean", "duration": "double"},
    )
)
VIDEO = register(
    MediaType(
        "video",
        "media_assets.video.kind",
        "Video",
        "videos",
        ("av",),
        "video",
        {"duration": "double", "fps": "double", "codec": "varchar", "audio_codec": "varchar"},
        of_uploads={
            "avi": "video/x-msvideo",
            "ts": "video/mp2t",
            "mpg": "video/mpeg",
            "ogg": "video/ogg",
        },
    )
)
AUDIO = register(
    MediaType(
        "audio",
        "media_assets.audio.kind",
        "Audio",
        "audio files",
        ("av",),
        "video",
        {
            "duration": "double",
            "codec": "varchar",
            "sample_rate": "bigint",
            "channels": "bigint",
        },
        of_uploads={
            "aac": "audio/aac",
            "aiff": "audio/aiff",
            "mp4": "audio/mp4",
            "mov": "video/quicktime",
            "mkv": "audio/x-matroska",
            "webm": "audio/webm",
        },
    )
)
DOCUMENT = register(
    MediaType(
        "document",
        "media_assets.documents.kind",
        "Document",
        "documents",
        ("pypdfium2",),
        "pdf",
        {"pages": "bigint", "page_width": "double", "page_height": "double", "title": "varchar"},
    )
)


def medium_of(column_type: ColumnType) -> MediaType:
    """Returns the kind of media that a column holds; only for types with `is_medium`."""
    return _TYPES[column_type.kind]


def medium_given(given: object) -> MediaType:
    """Returns the kind of media of a table: by its class, such as `ma.Video`, or by its name.

    Raises:
        DeclarationError: It is none.
    """
    found = medium_of_class(given) if isinstance(given, type) else _TYPES.get(str(given))
    if found is None:
        classes = [f"ma.{medium.handle}" for medium in _TYPES.values()]
        raise DeclarationError(
            what=f"media={given!r} is not a kind of media.",
            accepted=f"{', '.join(classes)}; in YAML {', '.join(_TYPES)}.",
            fix="Write it like media=ma.Video.",
        )
    return found


def all_media() -> tuple[MediaType, ...]:
    """Returns all kinds of media that are known."""
    return tuple(_TYPES.values())


def medium_of_format(media_format: str) -> MediaType | None:
    """Returns the kind of media that is written in a format, by its name; None if none is."""
    name = media_format.lower().removeprefix(".")
    return next((medium for medium in _TYPES.values() if medium.has_format(name)), None)


def medium_of_file(path: Path) -> MediaType | None:
    """Returns the kind of media of a file by its first bytes; None if it is none, or an image.

    Where these leave it open, such as in Ogg, which holds video or audio, its name decides.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        first_bytes = file.read(_FIRST_BYTES)
    media = [medium for medium in _TYPES.values() if not medium.is_decoded]
    possible = [medium for medium in media if medium.recognizes(first_bytes)]
    named = [medium for medium in possible if path.suffix.lower() in medium.extensions]
    return next(iter([*named, *possible]), None)


def medium_of_class(found: type) -> MediaType | None:
    """Returns the kind of media whose class this is, or is derived from; None if it is none.

    Nothing is imported: whoever has the class has its module.
    """
    for base in found.__mro__:
        medium = _OF_CLASS.get(base.__name__)
        if medium is not None:
            package = "PIL" if medium.is_decoded else medium.module.removesuffix(".kind")
            if f"{base.__module__}.".startswith(f"{package}."):
                return medium
    return None


def all_facts() -> dict[str, str]:
    """Returns the names of the facts of all kinds of media, and their SQL types."""
    return {name: kind for medium in _TYPES.values() for name, kind in medium.facts.items()}
