"""The file system of this machine as a store."""

import os
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from errno import EXDEV
from pathlib import Path
from stat import S_ISREG

from media_assets.destinations import Destination
from media_assets.errors import (
    FileExistsInStoreError,
    MediaAssetsError,
    NotSignableError,
    StoredFileMissingError,
    UnsafeKeyError,
)
from media_assets.file_keys import check_key
from media_assets.stores.exclusive_create import create_exclusively, make_durable
from media_assets.stores.folder_walk import folder_names, walk
from media_assets.stores.os_errors import local_error, local_faults
from media_assets.stores.protocol import CHUNK_BYTES, Attributes, StoredFile
from media_assets.stores.staging import is_staging_name, staging_name

_ROOT = Destination("file", None, "", "")


class LocalStore:
    """The whole file system; a key is an absolute path without its leading slash.

    Every write goes to a hidden name in the same folder and is then renamed, so readers never see
    a partial file, and a killed process leaves at most a hidden file. `create` also waits for the
    disk; `put` does not, so a power failure may lose the writes of the last seconds.

    Links are followed by reads, and replaced by writes. A listing does not enter links to folders
    below its prefix.
    """

    def fileurl(self, key: str) -> str:
        """Returns a `file://` URL."""
        return _ROOT.fileurl(key)

    def put(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        """Writes a file; the content type is not kept."""
        del content_type
        target = self.path(key)
        with self._temporary(key, target) as temporary:
            temporary.write_bytes(data)
            temporary.replace(target)

    def put_file(
        self,
        key: str,
        staged: Path,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Renames the file, or copies it if it was staged on another file system."""
        del content_type, attributes
        target = self.path(key)
        try:
            staged.replace(target)
        except OSError:
            self._put_elsewhere(key, staged, target)

    def _put_elsewhere(self, key: str, staged: Path, target: Path) -> None:
        """Does what a plain rename cannot: makes the folder, or copies to another file system."""
        if not staged.is_file():
            raise StoredFileMissingError(staged.absolute().as_uri())
        with self._temporary(key, target) as temporary:
            try:
                staged.replace(target)
            except OSError as error:
                if error.errno != EXDEV:
                    raise
                shutil.copyfile(staged, temporary)
                temporary.replace(target)
                staged.unlink()

    def staging_folder(self, key_prefix: str) -> Path:
        """Makes and returns the folder itself."""
        folder = Path("/" + key_prefix.rpartition("/")[0])
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise local_error(error, self.fileurl(key_prefix), action="make the folder") from error
        return folder

    def create(self, key: str, data: bytes) -> None:
        """Writes the file, flushes it to the disk, and then links it to its name."""
        target = self.path(key)
        with local_faults(self.fileurl(key), action="write"):
            changed = _folders_to_sync(target.parent)
        with self._temporary(key, target) as temporary:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            try:
                create_exclusively(temporary, target)
            except FileExistsError as error:
                raise FileExistsInStoreError(self.fileurl(key)) from error
            for folder in changed:
                make_durable(folder)

    def get(self, key: str) -> bytes:
        path = self.path(key)
        with local_faults(self.fileurl(key), action="read"):
            return path.read_bytes()

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        path = self.path(key)
        with local_faults(self.fileurl(key), action="read"), path.open("rb") as file:
            while chunk := file.read(chunk_bytes):
                yield chunk

    def download(self, key: str, target: Path) -> None:
        path = self.path(key)
        with local_faults(self.fileurl(key), action="read"):
            shutil.copyfile(path, target)

    def head(self, key: str) -> StoredFile:
        """Makes the etag from time and size, so that it survives a restored backup."""
        name = self._name(key)
        try:
            # A `Path`, or a context for the errors, takes longer to make than this look.
            stat = os.stat(name)  # noqa: PTH116
        except OSError:
            with local_faults(self.fileurl(key), action="read"):
                raise
        if not S_ISREG(stat.st_mode):
            raise StoredFileMissingError(self.fileurl(key))
        return StoredFile(
            key=key,
            size_bytes=stat.st_size,
            modified_at=datetime.fromtimestamp(stat.st_mtime, UTC),
            etag=f"{stat.st_mtime_ns:x}-{stat.st_size:x}",
        )

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        """Lists with the names of one folder in memory for each level of the tree."""
        return self._list(prefix, start_after, staged=False)

    def folders(self, prefix: str) -> Sequence[str]:
        """Returns folders, without links to folders."""
        if not _can_begin_a_key(prefix):
            return ()
        with local_faults(self.fileurl(prefix), action="list"):
            return folder_names(prefix)

    def list_staged(self, prefix: str = "") -> Iterator[StoredFile]:
        return self._list(prefix, "", staged=True)

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes files; empty folders stay."""
        for key in keys:
            path = self.path(key)
            try:
                path.unlink(missing_ok=True)
            except (IsADirectoryError, NotADirectoryError):
                continue
            except OSError as error:
                raise local_error(error, self.fileurl(key), action="delete") from error

    def copy(
        self,
        source_key: str,
        target_key: str,
        *,
        content_type: str | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        del content_type, attributes
        source, target = self.path(source_key), self.path(target_key)
        self.head(source_key)
        with self._temporary(target_key, target) as temporary:
            shutil.copyfile(source, temporary)
            temporary.replace(target)

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Raises an error: only files in cloud storage can have a presigned URL."""
        del expires_in
        raise NotSignableError(self.fileurl(key))

    def path(self, key: str) -> Path:
        """Accepts newlines in a key, since file names may have them."""
        return Path(self._name(key))

    def _name(self, key: str) -> str:
        check_key(key, has_control_characters=True)
        try:
            os.fsencode(key)
        except UnicodeEncodeError as error:
            raise UnsafeKeyError(repr(key), problem="it is not valid Unicode text") from error
        return "/" + key

    def _list(self, prefix: str, start_after: str, *, staged: bool) -> Iterator[StoredFile]:
        if not _can_begin_a_key(prefix):
            return
        keys = walk(
            prefix, start_after=start_after, is_wanted=lambda name: is_staging_name(name) is staged
        )
        with local_faults(self.fileurl(prefix), action="list"):
            for key in keys:
                try:
                    yield self.head(key)
                except StoredFileMissingError:
                    continue  # deleted since its folder was listed

    @contextmanager
    def _temporary(self, key: str, target: Path) -> Generator[Path]:
        """Gives a hidden path next to the target, which is removed after a failure."""
        temporary = target.with_name(staging_name())
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError) and not isinstance(error, MediaAssetsError):
                raise local_error(error, self.fileurl(key), action="write") from error
            raise


def _can_begin_a_key(prefix: str) -> bool:
    folders = prefix.split("/")[:-1]
    return "\0" not in prefix and not any(name in ("", ".", "..") for name in folders)


def _folders_to_sync(folder: Path) -> list[Path]:
    """Returns the folders that a new file changes: its own, and the parents of new ones."""
    changed = [folder]
    while not changed[-1].exists():
        changed.append(changed[-1].parent)
    return changed
