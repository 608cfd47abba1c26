"""The cells of rows as tar files, as WebDataset reads them."""

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from media_assets.concurrency import map_concurrently
from media_assets.errors import UploadChangedError
from media_assets.exports.dataset import MediaDataset, RecordedFile
from media_assets.exports.files import OF_ONE_FILE
from media_assets.exports.folder import ExportFolder, NotWrittenError, open_export_folder
from media_assets.exports.names import extension_of
from media_assets.exports.outcome import ExportOutcome
from media_assets.file_keys import safe_segment
from media_assets.local_reading import LocalFile
from media_assets.media_types import medium_of
from media_assets.temporary_folder import TemporaryFolder
from media_assets.values import ColumnType

ROWS_PER_TAR = 1_000
_ROWS_AT_ONCE = 8
"""Rows whose files are read at the same time; twice as many may wait for their turn."""


@dataclass(frozen=True, slots=True)
class LargeFile:
    """A file that does not stand in memory.

    Attributes:
        fileurl: Where it is.
        local: The file, or its copy.
        folder: Holds the copy as long as this object lives.
    """

    fileurl: str
    local: LocalFile
    folder: TemporaryFolder


Members = list[tuple[str, bytes | LargeFile]]
"""The files of a row in a tar: extension and content."""


def export_tars(
    dataset: MediaDataset,
    folder: Path | str,
    *,
    rows_per_tar: int = ROWS_PER_TAR,
    replaces: bool = False,
    tell: Callable[[], None] = lambda: None,
) -> ExportOutcome:
    """Writes all cells to tar files, in the order of the rows; `tell` is called after each row.

    The tars are `photos-000000.tar` and on; equal rows give equal bytes. In a tar, the files of a
    row have its number as their name: `000000017.thumbnail.jpg`, `000000017.label.txt`, and the
    row's name in `000000017.row.txt`. Text is `txt`, bytes are `bin`, an array of numbers is
    `npy`, and all other values are `json`. `MediaTable.export` describes the options and errors.
    """
    with open_export_folder(folder, replaces=replaces) as opened:
        outcome = ExportOutcome(opened.path)
        starts = range(0, len(dataset), rows_per_tar)
        names = [f"{safe_segment(dataset.table)}-{number:06}.tar" for number in range(len(starts))]
        for start, name in zip(starts, names, strict=True):
            places = range(start, min(start + rows_per_tar, len(dataset)))
            _export_tar(dataset, places, name, opened, outcome, tell)
        outcome.others = opened.count_others(names)
    return outcome


def _export_tar(
    dataset: MediaDataset,
    places: range,
    name: str,
    folder: ExportFolder,
    outcome: ExportOutcome,
    tell: Callable[[], None],
) -> None:
    unreadable: list[tuple[str, str]] = []
    try:
        with folder.stage() as staged:
            with tarfile.open(staged, "w") as tar:
                for place, members in _read(dataset, places):
                    tell()
                    if isinstance(members, Exception):
                        unreadable.append((dataset.row(place), str(members)))
                    else:
                        _add(tar, place, members)
            with staged.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]  # a real file
            is_there = folder.has(name, digest, staged.stat().st_size)
            if not is_there:
                folder.place(staged, name)
    except NotWrittenError as error:
        outcome.kept.append((name, str(error)))
    else:
        outcome.unchanged += is_there
        outcome.written += not is_there
        outcome.rows += len(places) - len(unreadable)
    outcome.unreadable += unreadable


def _read(
    dataset: MediaDataset, places: Iterable[int]
) -> Iterator[tuple[int, Members | Exception]]:
    """Yields the files of each row, or why one of them cannot be read."""

    def read(place: int) -> tuple[int, Members | Exception]:
        try:
            return place, _members(dataset, place)
        except OF_ONE_FILE as error:
            return place, error.with_traceback(None)

    return map_concurrently(read, places, at_once=_ROWS_AT_ONCE)


def _members(dataset: MediaDataset, place: int) -> Members:
    members: Members = [("row.txt", dataset.row(place).encode())]
    for name, kind in dataset.columns.items():
        if ColumnType(kind).is_medium:
            file = dataset.file(name, place)
            if file is not None:
                medium = medium_of(ColumnType(kind))
                extension = extension_of(file.format, medium)
                content = dataset.read(file) if medium.is_decoded else _large(dataset, file)
                members.append((f"{name}.{extension}", content))
        else:
            extension, content = _content(dataset.value(name, place))
            members.append((f"{name}.{extension}", content))
    return members


def _large(dataset: MediaDataset, file: RecordedFile) -> LargeFile:
    folder = TemporaryFolder()
    return LargeFile(file.fileurl, dataset.local(file, folder.path / "file"), folder)


def _content(value: object) -> tuple[str, bytes]:
    """Returns the extension and the bytes of a value."""
    match value:
        case str():
            return "txt", value.encode()
        case bytes():
            return "bin", value
        case _ if type(value).__module__ == "numpy":
            import numpy as np  # noqa: PLC0415  slow to import

            buffer = BytesIO()
            np.save(buffer, cast("Any", value), allow_pickle=False)
            return "npy", buffer.getvalue()
        case _:
            return "json", json.dumps(value, ensure_ascii=False, default=_in_json).encode()


def _in_json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _add(tar: tarfile.TarFile, place: int, members: Members) -> None:
    for extension, content in members:
        member = tarfile.TarInfo(f"{place:09}.{extension}")
        if isinstance(content, bytes):
            member.size = len(content)
            tar.addfile(member, BytesIO(content))
            continue
        member.size = content.local.size_bytes
        with content.local.path.open("rb") as file:
            tar.addfile(member, file)
        if not content.local.is_unchanged():
            raise UploadChangedError(content.fileurl)
