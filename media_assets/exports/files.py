"""The files of a column as a plain folder of files."""

import shutil
from collections.abc import Callable
from pathlib import Path

from media_assets.concurrency import map_concurrently
from media_assets.errors import (
    CorruptFileError,
    ImageTooLargeError,
    LinkChangedError,
    SourceError,
    StoredFileMissingError,
    StoredFileRefusedError,
    UploadChangedError,
)
from media_assets.exports.dataset import MediaDataset, RecordedFile
from media_assets.exports.folder import ExportFolder, NotWrittenError, open_export_folder
from media_assets.exports.names import file_names
from media_assets.exports.outcome import ExportOutcome
from media_assets.media_types import MediaType, medium_of
from media_assets.temporary_folder import TemporaryFolder
from media_assets.values import ColumnType

OF_ONE_FILE = (
    CorruptFileError,
    ImageTooLargeError,
    LinkChangedError,
    SourceError,
    StoredFileMissingError,
    StoredFileRefusedError,
    UploadChangedError,
)
"""Errors of a file that say nothing of its storage."""


def export_files(
    dataset: MediaDataset,
    column: str,
    folder: Path | str,
    *,
    replaces: bool = False,
    tell: Callable[[], None] = lambda: None,
) -> ExportOutcome:
    """Writes the file of each row of a column, under the row's name; `tell` is called after each.

    Files that are there with the same content are not read again. At most 16 images are in memory,
    and no file of another kind. `MediaTable.export` describes the options and errors.
    """
    files = ((place, dataset.file(column, place)) for place in range(len(dataset)))
    found = [(place, file.format) for place, file in files if file is not None]
    rows = dataset.rows
    medium = medium_of(ColumnType(dataset.columns[column]))
    names = file_names(((rows[place], name) for place, name in found), medium)
    with open_export_folder(folder, replaces=replaces) as opened:
        outcome = ExportOutcome(opened.path)

        def write(work: tuple[int, str]) -> bool | Exception:
            place, name = work
            file = dataset.file(column, place)
            assert file is not None  # noqa: S101  as found above
            try:
                return _write(dataset, file, name, opened, medium)
            except (NotWrittenError, *OF_ONE_FILE) as error:
                return error.with_traceback(None)

        places = [place for place, _ in found]
        work = zip(places, names, strict=True)
        for place, name, result in zip(places, names, map_concurrently(write, work), strict=True):
            tell()
            match result:
                case bool():
                    outcome.written += result
                    outcome.unchanged += not result
                    outcome.rows += 1
                case NotWrittenError():
                    outcome.kept.append((name, str(result)))
                case _:
                    outcome.unreadable.append((rows[place], str(result)))
        outcome.others = opened.count_others(names)
    return outcome


def _write(
    dataset: MediaDataset, file: RecordedFile, name: str, folder: ExportFolder, medium: MediaType
) -> bool:
    """Writes a file, and returns whether it was not there yet."""
    if folder.has(name, file.digest, file.size_bytes):
        return False
    if medium.is_decoded:
        data = dataset.read(file)
        with folder.stage() as staged:
            staged.write_bytes(data)
            folder.place(staged, name)
        return True
    with TemporaryFolder() as copies, folder.stage() as staged:
        # A remote file's copy may share its bytes with the cache, and the export is its owner's.
        found = dataset.local(file, copies.path / "file")
        shutil.copyfile(found.path, staged)
        if not found.is_unchanged():
            raise UploadChangedError(file.fileurl)
        folder.place(staged, name)
    return True
