"""Entries that are left alone: reason, count and first names."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from media_assets.masking import shorten

Extensions = Collection[str] | None
"""The extensions of the files that are taken from a folder, in lower case; None for all files."""

_SHOWN_NAMES = 3
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class LeftAloneKind:
    """A reason to leave an entry alone.

    Attributes:
        one: The singular, such as "text file".
        many: The plural.
        is_fault: Whether it may be an upload that could not be read.
    """

    one: str
    many: str
    is_fault: bool = False

    def count(self, count: int) -> str:
        """Returns a number of them as a phrase."""
        return f"{count:,} {self.one if count == 1 else self.many}"


HIDDEN = LeftAloneKind("hidden or temporary file", "hidden or temporary files")
FOLDER_MARKER = LeftAloneKind("folder marker", "folder markers")
OWN_FILE = LeftAloneKind("file that a column keeps", "files that columns keep")
MISPLACED = LeftAloneKind("file in no partition", "files in no partition")
LINKED_FILE = LeftAloneKind(
    "link that leads out of the folder (see --follow-links)",
    "links that lead out of the folder (see --follow-links)",
)
LINKED_FOLDER = LeftAloneKind(
    "link to a folder (see --follow-links)", "links to folders (see --follow-links)"
)
LINK_AGAIN = LeftAloneKind("link to a folder already listed", "links to folders already listed")
BROKEN_LINK = LeftAloneKind("broken link", "broken links")
SPECIAL_FILE = LeftAloneKind("pipe, socket or device", "pipes, sockets or devices")
_NO_EXTENSION = LeftAloneKind("file without an extension", "files without an extension")
_TEXT = LeftAloneKind("text file", "text files")
_IMAGE = LeftAloneKind("image", "images")
_VIDEO = LeftAloneKind("video", "videos")
_AUDIO = LeftAloneKind("audio file", "audio files")
_RAW = LeftAloneKind("camera raw file", "camera raw files")
_OF_EXTENSION: Mapping[str, LeftAloneKind] = MappingProxyType(
    dict.fromkeys(
        (".txt", ".md", ".csv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".log"), _TEXT
    )
    | dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"), _VIDEO)
    | dict.fromkeys((".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".heic"), _IMAGE)
    | dict.fromkeys((".mp3", ".wav", ".m4a", ".flac", ".ogg", ".aac"), _AUDIO)
    | dict.fromkeys((".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf"), _RAW)
    | {
        ".pdf": LeftAloneKind("PDF", "PDF"),
        ".svg": LeftAloneKind("SVG", "SVG"),
        ".zip": LeftAloneKind("ZIP", "ZIP"),
    }
)
_LONGEST_EXTENSION = 8


def unreadable(reason: str) -> LeftAloneKind:
    """Returns the kind of entries that cannot be read, for this reason.

    >>> unreadable("permission denied").count(2)
    '2 entries that cannot be read (permission denied)'
    """
    described = f"that cannot be read ({reason})"
    return LeftAloneKind(f"entry {described}", f"entries {described}", is_fault=True)


def kind_left_alone(key: str, *, extensions: Extensions) -> LeftAloneKind | None:
    """Returns why a file is left alone because of its name; None if it is taken.

    Args:
        key: Its path below the listed folder or prefix.
        extensions: Those of the files that are taken; None for all, except hidden ones.

    >>> kind_left_alone("2026/harbour.pdf", extensions={".jpg"})
    LeftAloneKind(one='PDF', many='PDF', is_fault=False)
    """
    if key.endswith("/"):
        return FOLDER_MARKER
    path = PurePosixPath(key)
    if any(part.startswith((".", "~")) for part in path.parts):
        return HIDDEN
    extension = path.suffix.lower()
    if extensions is None or extension in extensions:
        return None
    if len(extension) <= 1:
        return _NO_EXTENSION
    if extension in _OF_EXTENSION:
        return _OF_EXTENSION[extension]
    is_plain = len(extension) <= _LONGEST_EXTENSION and extension[1:].isalnum()
    name = f"{extension} file" if is_plain else "other file"
    return LeftAloneKind(name, f"{name}s")


@dataclass(slots=True)
class LeftAlone:
    """The number of entries left alone of each kind, and the names of the first ones."""

    counts: Counter[LeftAloneKind] = field(default_factory=Counter[LeftAloneKind])
    names: dict[LeftAloneKind, list[str]] = field(default_factory=dict[LeftAloneKind, list[str]])

    def add(self, kind: LeftAloneKind, name: str) -> None:
        """Counts one entry."""
        self.counts[kind] += 1
        names = self.names.setdefault(kind, [])
        if len(names) < _SHOWN_NAMES:
            names.append(shorten(name, _LONGEST_NAME))

    def add_all(self, other: "LeftAlone") -> None:
        """Adds the counts of another one."""
        self.counts += other.counts
        for kind, names in other.names.items():
            own = self.names.setdefault(kind, [])
            own += names[: _SHOWN_NAMES - len(own)]

    @property
    def total(self) -> int:
        """The number of entries."""
        return self.counts.total()

    @property
    def faults(self) -> str:
        """The entries that could not be read, with the first names; empty if there are none."""
        texts = [
            f"{kind.count(count)}: {', '.join(map(repr, self.names[kind]))}"
            + (", ..." if count > _SHOWN_NAMES else "")
            for kind, count in self.counts.items()
            if kind.is_fault
        ]
        return "; ".join(texts)

    def __str__(self) -> str:
        """Returns the counts: `3 left alone: 2 PDF, 1 text file`."""
        kinds = [kind.count(count) for kind, count in self.counts.most_common()]
        return f"{self.total:,} left alone" + (": " if kinds else "") + ", ".join(kinds)
