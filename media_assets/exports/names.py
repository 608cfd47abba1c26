"""Names of exported files: those of their rows, with the extension of what the file is."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from media_assets.file_keys import CONTROL_CHARACTERS
from media_assets.images.formats import OUTPUT_FORMATS
from media_assets.media_types import IMAGE, MediaType
from media_assets.temporary_folder import is_temporary_name

_EXTENSIONS = {
    **{name: (of.extension,) for name, of in OUTPUT_FORMATS.items()},
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "TIFF": (".tif", ".tiff"),
}
"""The extensions of each format of images, the usual one first."""
_OTHER_EXTENSIONS = {
    "mp4": (".m4v", ".3gp", ".3g2"),
    "ts": (".m2ts",),
    "mpg": (".mpeg",),
    "ogg": (".ogv", ".oga", ".opus"),
    "m4a": (".m4b",),
    "aiff": (".aif",),
}
"""Those of other kinds, besides the usual one."""
_EXTENSION = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{1,4}$")
_ENDS_LIKE_A_DIGEST = re.compile(r"--[0-9a-f]{12}(\.[^.]*)?$")
_DIGITS = 12
_MOST_BYTES = 255
"""The longest name that Linux's file systems accept."""


def file_names(files: Iterable[tuple[str, str | None]], medium: MediaType = IMAGE) -> Sequence[str]:
    """Returns a relative path for the file of each row, all different and below their folder.

    A path is the row's name, with the extension of the file's format. If it cannot be kept, or
    equals another one when upper and lower case and the forms of Unicode count as the same, a
    digest of the row's name is added.

    >>> file_names([("trip/a.jpg", "WEBP"), ("b.JPG", "JPEG"), ("c.png", "JPEG"), ("c", "JPEG")])
    ['trip/a.webp', 'b.JPG', 'c--58704e585ac9.jpg', 'c--2e7d2c03a950.jpg']
    """
    rows = list(files)
    plain = [_path(row, _extensions(name, medium)) for row, name in rows]
    keys = Counter(_key(path) for path, _ in plain)
    folders = {folder for key in keys for folder in _folders(key)}
    return [
        path
        if not is_changed and keys[key := _key(path)] == 1 and key not in folders
        else _with_digest(path, row)
        for (path, is_changed), (row, _) in zip(plain, rows, strict=True)
    ]


def extension_of(name: str | None, medium: MediaType = IMAGE) -> str:
    """Returns the usual extension of a format, without the dot; `bin` if it is not known."""
    return (*_extensions(name, medium), ".bin")[0].removeprefix(".")


def _extensions(name: str | None, medium: MediaType) -> Sequence[str]:
    """Returns the extensions of a format, the usual one first; none if it is not known."""
    if medium.is_decoded or not name:
        return _EXTENSIONS.get(name or "", ())
    return (medium.extension(name), *_OTHER_EXTENSIONS.get(name, ()))


def _path(row: str, known: Sequence[str]) -> tuple[str, bool]:
    """Returns a path for a row, and whether its name had to be changed for it."""
    segments = [segment for segment in row.split("/") if segment]
    *folders, last = [_segment(segment) for segment in segments] or [("_", True)]
    file, is_changed = _with_extension(last[0], known), last[1]
    is_changed |= _is_too_long(file) or _ENDS_LIKE_A_DIGEST.search(file) is not None
    path = "/".join([*(folder for folder, _ in folders), file])
    return path, is_changed or any(changed for _, changed in folders)


def _segment(text: str) -> tuple[str, bool]:
    """Returns a name in a path, and whether it is another one than the text."""
    safe = CONTROL_CHARACTERS.sub("_", text)
    if safe in (".", "..") or is_temporary_name(safe):
        safe = f"_{safe.strip('.')}"
    safe = _cut(safe, _MOST_BYTES) if _is_too_long(safe) else safe
    return safe, safe != text


def _with_extension(file: str, known: Sequence[str]) -> str:
    found = _EXTENSION.search(file)
    if not known or (found and found[0].lower() in known):
        return file
    return (file[: found.start()] if found else file) + known[0]


def _with_digest(path: str, row: str) -> str:
    folder, slash, file = path.rpartition("/")
    found = _EXTENSION.search(file)
    stem, extension = (file[: found.start()], found[0]) if found else (file, "")
    digest = sha256(row.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    ending = f"--{digest}{extension}"
    return f"{folder}{slash}{_cut(stem, _MOST_BYTES - len(ending))}{ending}"


def _is_too_long(name: str) -> bool:
    return len(name.encode("utf-8", "surrogateescape")) > _MOST_BYTES


def _cut(text: str, most_bytes: int) -> str:
    return text.encode("utf-8", "surrogateescape")[:most_bytes].decode("utf-8", "ignore")


def _key(path: str) -> str:
    """Returns a text that is the same for paths that some file systems hold to be one."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _folders(key: str) -> Iterable[str]:
    while key := key.rpartition("/")[0]:
        yield key
