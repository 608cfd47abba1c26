"""A folder that an export writes to: each file whole or not at all, and none replaced unasked."""

import errno
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from stat import S_ISREG

from media_assets.errors import ExportFolderError, MediaAssetsError
from media_assets.stores.exclusive_create import create_exclusively
from media_assets.stores.os_errors import local_error
from media_assets.stores.staging import staging_name
from media_assets.temporary_folder import (
    TemporaryFolder,
    is_temporary_name,
    remove_abandoned_folders,
)

OTHER_CONTENT = "there is another file of that name"
_OTHER_PLACE = "its folder is a link to elsewhere"
_NO_NAME = "no file can have its name here"
_TAKEN = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY}
_NOT_POSSIBLE = {errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG}
"""The first two are what file systems such as exFAT say to a name with a colon."""


class NotWrittenError(Exception):
    """Raised for a file that stays as it is; its text says why."""


class ExportFolder:
    """A folder of exported files, made if it is missing.

    Files are staged in a hidden folder within it, which the next export deletes if this process is
    killed. Any number of exports can write to one folder at once.

    Attributes:
        path: Its absolute path, without links.
    """

    def __init__(self, path: Path, staging: Path, *, replaces: bool) -> None:
        self.path = path
        self._staging, self._replaces = staging, replaces
        self._checked: set[Path] = set()

    def has(self, name: str, digest: str, size_bytes: int | None) -> bool:
        """Returns whether a file is there with this content, which need not be read then.

        Raises:
            NotWrittenError: There is another one, which is not to be replaced.
        """
        target = self.path / name
        try:
            status = target.lstat()
        except OSError:  # `place` will say what is wrong, if anything
            return False
        self._check_folder(target)
        is_alike = S_ISREG(status.st_mode) and size_bytes in (None, status.st_size)
        if is_alike and _digest_of(target) == digest:
            return True
        if not self._replaces:
            raise NotWrittenError(OTHER_CONTENT)
        return False

    @contextmanager
    def stage(self) -> Generator[Path]:
        """Gives the path of a file to write, which is deleted after the block unless placed.

        Raises:
            StoreFaultError: The disk is full, or the folder is not writable.
        """
        staged = self._staging / staging_name()
        try:
            yield staged
        except OSError as error:
            if isinstance(error, MediaAssetsError):
                raise
            raise local_error(error, self.path.as_uri(), action="write to") from error
        finally:
            staged.unlink(missing_ok=True)

    def place(self, staged: Path, name: str) -> None:
        """Gives a staged file its name.

        Raises:
            NotWrittenError: There is another file of that name, or no file can have it.
            OSError: The disk is full, or the folder is not writable.
        """
        target = self.path / name
        self._check_folder(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if self._replaces:
                staged.replace(target)
            else:
                create_exclusively(staged, target)
        except OSError as error:
            if error.errno in _TAKEN:
                raise NotWrittenError(OTHER_CONTENT) from error
            if error.errno in _NOT_POSSIBLE:
                raise NotWrittenError(_NO_NAME) from error
            raise

    def count_others(self, names: Iterable[str]) -> int:
        """Counts the files in the folders of these names that are none of them."""
        own = {self.path / name for name in names}
        folders = {self.path, *(path.parent for path in own)}
        return sum(
            entry.is_file(follow_symlinks=False) and Path(entry.path) not in own
            for folder in folders
            if folder.is_dir()
            for entry in os.scandir(folder)
            if not is_temporary_name(entry.name)
        )

    def _check_folder(self, target: Path) -> None:
        """Refuses to write through a link, which may lead out of the folder."""
        folder = target.parent
        if folder not in self._checked:
            if folder.resolve() != folder:
                raise NotWrittenError(_OTHER_PLACE)
            self._checked.add(folder)


def _digest_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # a real file
    except OSError:
        return None


@contextmanager
def open_export_folder(path: Path | str, *, replaces: bool) -> Generator[ExportFolder]:
    """Gives a folder to export to.

    Args:
        path: A local path.
        replaces: Whether files of the same name and other content are replaced.

    Raises:
        ExportFolderError: It is a URI, or the path of a file.
        StoreFaultError: The disk is full, or the folder cannot be made or written to.
    """
    if "://" in str(path):
        raise ExportFolderError(str(path), problem="is not on this machine")
    folder = Path(path).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        remove_abandoned_folders(folder)
        staging = TemporaryFolder(folder)
    except (FileExistsError, NotADirectoryError) as error:
        raise ExportFolderError(str(path), problem="is, or is below, a file") from error
    except OSError as error:
        raise local_error(error, folder.as_uri(), action="export to") from error
    with staging:
        yield ExportFolder(folder, staging.path, replaces=replaces)
