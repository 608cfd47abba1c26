"""Files of this machine that are inserted: found in folders, wanted, and named as rows."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from media_assets.errors import UploadError
from media_assets.uploads.identity import local_version
from media_assets.uploads.log import Upload

IMAGE_EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif"}
)
"""What a folder gives unless all its files are asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """Files that were named or found, before anything is recorded."""

    uploads: tuple[Upload, ...]
    left_alone: int = 0


def find_files(
    paths: Sequence[Path],
    *,
    name: str | None = None,
    all_files: bool = False,
    relative_to: Path | None = None,
) -> Found:
    """Lists what the paths name: a file as it is, a folder's image files recursively.

    A row's name is the path relative to the folder given, or a single file's own name. A file
    that is named twice counts once. Broken links, pipes and the like are left alone in folders.

    Args:
        paths: Files and folders.
        name: The row's name, for a single file.
        all_files: Take every file of a folder, whatever its extension; hidden ones excepted.
        relative_to: The folder that the names of folders' files are relative to, if it is not
            the folder given.

    Raises:
        UploadError: A path does not exist, a folder cannot be read, two files have one row's
            name, or `name` is given with more than one file.
    """
    uploads: list[Upload] = []
    left_alone = 0
    for path in paths:
        # pathlib would follow links, and fail for a file named "~x".
        location = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111
        if location.is_dir():
            taken, others = _folder_uploads(location, relative_to or location, all_files=all_files)
            uploads += taken
            left_alone += others
        elif location.is_file():
            uploads.append(file_upload(location, location.name))
        else:
            raise UploadError(
                what=f"There is no file or folder {str(path)!r}.",
                accepted="Existing files, and folders of image files.",
                fix="Check the path; nothing was inserted.",
            )
    uploads = one_of_each(uploads)
    if name is None:
        return Found(tuple(uploads), left_alone)
    if len(uploads) != 1:
        raise UploadError(
            what=f"--name {name!r} was given with {len(uploads)} files.",
            accepted="A name for one single file.",
            fix="Insert the files one by one, or drop --name.",
        )
    return Found((replace(uploads[0], row=row_name(name)),), left_alone)


def file_upload(path: Path, row: str) -> Upload:
    """Returns a local file as an upload; a name that is no text is shown with its bytes escaped."""
    status = path.stat()
    version = local_version(status.st_mtime_ns, status.st_ctime_ns)
    return Upload(row_name(row), path.as_uri(), status.st_size, version)


def _folder_uploads(folder: Path, root: Path, *, all_files: bool) -> tuple[list[Upload], int]:
    """Returns the wanted files of a folder, named relative to the root, and how many others."""
    uploads: list[Upload] = []
    left_alone = 0
    for file in _files_below(folder):
        if is_wanted(file.relative_to(folder), all_files=all_files) and file.is_file():
            uploads.append(file_upload(file, file.relative_to(root).as_posix()))
        else:
            left_alone += 1
    return uploads, left_alone


def _files_below(folder: Path) -> Iterator[Path]:
    """All files of a folder in a stable order; links to folders are not followed.

    Raises:
        UploadError: A folder cannot be read: what is in it would be missed in silence.
    """
    for parent, folders, files in os.walk(folder, onerror=_refuse_unreadable):
        folders.sort()
        for file in sorted(files):
            yield Path(parent, file)


def is_wanted(relative: PurePath, *, all_files: bool) -> bool:
    """Whether a file of a folder is taken: not hidden or temporary, and an image or all are."""
    is_hidden = any(part.startswith((".", "~")) for part in relative.parts)
    return not is_hidden and (all_files or relative.suffix.lower() in IMAGE_EXTENSIONS)


def row_name(name: str) -> str:
    """Returns a file's name as a row's: bytes that are no text are shown escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _refuse_unreadable(error: OSError) -> None:
    raise UploadError(
        what=f"The folder {str(error.filename)!r} cannot be read: {error.strerror}.",
        accepted="Folders that this user may list.",
        fix="Grant the right to read it, or move it away; nothing was inserted.",
    ) from error


def one_of_each(uploads: Iterable[Upload]) -> list[Upload]:
    """Returns each row once; refuses two files under one name."""
    seen: dict[str, Upload] = {}
    for upload in uploads:
        other = seen.setdefault(upload.row, upload)
        if other.uri != upload.uri:
            raise UploadError(
                what=f"Two files have the row name {upload.row!r}: {other.uri} and {upload.uri}.",
                accepted="Each row's name once within an insert.",
                fix="Insert their common folder, or name one with --name; nothing was inserted.",
            )
    return list(seen.values())
