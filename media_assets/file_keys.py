"""Keys of stored files: readable, URL-safe, and distinct for distinct texts.

The checks of keys that stores accept are here too; `destinations` decides where a key goes.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

from media_assets.errors import UnsafeKeyError

UNPARTITIONED = "_"
"""The path segment of a table without partitions."""

_MAX_SEGMENT = 80
_MAX_STEM = 60
_DIGEST_IN_SEGMENT = 12
_DIGEST_IN_FILE = 16

_SAFE = re.compile(r"[a-z0-9_]([a-z0-9._-]|(?<=[0-9])T(?=[0-9]))*(?<!\.)")
_LOWER_T_IN_TIME = re.compile(r"[0-9]t[0-9]")
_ENDS_LIKE_A_DIGEST = re.compile(r"--[0-9a-f]{12}$")
_RESERVED_ON_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_UNSAFE_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]+")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")
_HEX_DIGEST = re.compile(rf"[0-9a-f]{{{_DIGEST_IN_FILE},}}")
_FILE_NAME = re.compile(
    rf"[a-z0-9._-]{{1,{_MAX_STEM}}}-[0-9a-f]{{{_DIGEST_IN_FILE}}}\.[0-9A-Za-z]+"
)
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l"}
    | {"Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th"}
)


def safe_segment(text: str) -> str:
    """Returns a path segment of `[A-Za-z0-9._-]` that is unique to a text.

    A safe text is returned unchanged. Any other text becomes a readable slug and a digest, so that
    distinct texts have distinct segments even on file systems that ignore case or normalise
    Unicode. Capital letters are therefore not safe, except the `T` between the digits of a time,
    nor are names that Windows reserves or `ls` hides. No segment is empty or has more than 80
    characters.

    >>> safe_segment("20261122T1513-0001")
    '20261122T1513-0001'
    >>> safe_segment("Zürich / north")
    'Zurich-north--02f67c33e41d'
    """
    if _is_safe(text) and len(text) <= _MAX_SEGMENT:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_IN_SEGMENT]
    slug = _slug(text)
    if _RESERVED_ON_WINDOWS.fullmatch(slug):
        slug = "_" + slug
    slug = slug[: _MAX_SEGMENT - len(digest) - 2].rstrip("-.") or "_"
    return f"{slug}--{digest}"


@lru_cache(maxsize=1_024)  # each column of a row asks for it
def row_stem(row: str) -> str:
    """Returns a readable, lower-case name of 1 to 60 characters for a row's files.

    It comes from the last path segment of the row's name, without the extension. Different rows may
    share it: their files differ by the content digest that `file_key` adds.

    >>> row_stem("2026/Harbour at night.jpeg")
    'harbour-at-night'
    """
    names = [name for name in re.split(r"[/\\]", row) if name.strip(" .")]
    last = names[-1].lstrip(" .") if names else ""
    stem, dot, _ = last.rpartition(".")
    return _slug(stem if dot else last).lower()[:_MAX_STEM].rstrip("-.") or "row"


@lru_cache(maxsize=1_024)  # each cell asks for it
def partition_prefix(table: str, column: str, partition: str | None) -> str:
    """Returns the folder of one column in one partition: `"photos/flipped/2026-11-22/"`.

    A table's name may be a path; each of its parts becomes a segment.
    """
    names = [*table.split("/"), column, UNPARTITIONED if partition is None else partition]
    return "".join(f"{safe_segment(name)}/" for name in names)


def table_prefix(table: str) -> str:
    """Returns the folder of a table: `"team/photos/"`."""
    return "".join(f"{safe_segment(name)}/" for name in table.split("/"))


def column_prefix(table: str, column: str) -> str:
    """Returns the folder of one column in all partitions: `"team/photos/flipped/"`."""
    return table_prefix(f"{table}/{column}")


def file_key(
    *, table: str, column: str, partition: str | None, row: str, digest: str, extension: str
) -> str:
    """Returns the key of a file below its destination; the same arguments give the same key.

    Args:
        table: The table's name, which may be a path.
        column: The column's name.
        partition: The partition key; None for a table without partitions.
        row: The row's name.
        digest: The hexadecimal digest of the file's bytes; 16 digits are used.
        extension: The file's extension, with or without its dot.

    Raises:
        UnsafeKeyError: The digest is shorter than 16 digits or not lower-case hexadecimal, or the
            extension has characters other than letters and digits.

    >>> file_key(table="photos", column="flipped", partition="20261122T1513-0001",
    ...          row="a/harbour.png", digest="0123456789abcdef0123", extension=".jpg")
    'photos/flipped/20261122T1513-0001/harbour-0123456789abcdef.jpg'
    """
    ending = extension.removeprefix(".")
    name = f"{row_stem(row)}-{digest[:_DIGEST_IN_FILE]}.{ending}"
    if not _HEX_DIGEST.fullmatch(digest):
        raise UnsafeKeyError(name, problem=f"the digest {digest!r} is not hexadecimal")
    if not (ending.isascii() and ending.isalnum()):
        raise UnsafeKeyError(name, problem=f"the extension {extension!r} is not a file extension")
    return partition_prefix(table, column, partition) + name


def is_file_name(name: str) -> bool:
    """Returns whether the last name of a key is one that `file_key` gives.

    >>> is_file_name("harbour-0123456789abcdef.jpg"), is_file_name("harbour.jpg")
    (True, False)
    """
    return _FILE_NAME.fullmatch(name) is not None


def check_key(key: str, *, has_control_characters: bool = False) -> None:
    r"""Raises an error for a key that a store could lose, change, or follow out of its folder.

    Args:
        key: The full key within the bucket.
        has_control_characters: Whether `\n` and other control characters are allowed, except NUL.

    Raises:
        UnsafeKeyError: The text names the problem.
    """
    segments = key.split("/")
    if "" in segments:
        raise UnsafeKeyError(key, problem="a name in it is empty")
    if "." in segments or ".." in segments:
        raise UnsafeKeyError(key, problem="a name in it is '.' or '..'")
    if "\0" in key or (not has_control_characters and CONTROL_CHARACTERS.search(key)):
        raise UnsafeKeyError(key, problem="it contains a control character")


def _is_safe(text: str) -> bool:
    """Returns whether a text can be its own segment without colliding with another one."""
    return bool(
        _SAFE.fullmatch(text)
        and not _LOWER_T_IN_TIME.search(text)
        and not _ENDS_LIKE_A_DIGEST.search(text)
        and not _RESERVED_ON_WINDOWS.fullmatch(text)
    )


def _slug(text: str) -> str:
    """Reduces a text to `[A-Za-z0-9._-]`, without punctuation at its ends; possibly empty."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS_WITHOUT_DECOMPOSITION))
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    return _UNSAFE_CHARACTERS.sub("-", kept).strip("-._")
