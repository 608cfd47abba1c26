"""The page of a trial: each cell before and after, and the difference, the largest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from media_assets.columns import Column
from media_assets.gallery import FILES, GalleryFacts, write_gallery
from media_assets.gallery.contents import Cell, Contents, Failure, File, Row
from media_assets.images.thumbnails import THUMBNAIL_FORMAT, webp_bytes
from media_assets.media_types import all_facts
from media_assets.reading import Reader
from media_assets.records.facts import decode_facts
from media_assets.records.manifests import Record
from media_assets.temporary_folder import remove_abandoned_folders
from media_assets.trials.comparison import Comparison, Verdict, compare
from media_assets.trials.trial import TriedCell
from media_assets.values import ColumnType, shown_stored

_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Kept:
    """A comparison whose files are in the folder of the page.

    Attributes:
        comparison: The comparison, without its picture.
        cells: What the page shows: the cell before, the cell after, and the difference.
    """

    comparison: Comparison
    cells: tuple[Cell, Cell, Cell]


class PageFolder:
    """The folder of a page, which keeps the files that the trial made."""

    def __init__(self, folder: Path, reader: Reader, *, takes_files: bool = True) -> None:
        """Makes the folder above it, and deletes what killed trials left there.

        Args:
            folder: Its path.
            reader: Access to the files.
            takes_files: Whether the files that were made are moved there; otherwise they stay.
        """
        self.folder, self._reader, self._takes_files = folder, reader, takes_files
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned_folders(folder.parent)

    def keep(self, cell: TriedCell) -> Kept:
        """Compares a cell, moves its file there, and writes the picture of the difference.

        Files of an earlier trial that has the same names are replaced.
        """
        found, column = compare(cell, self._reader), cell.column
        before = _cell(cell.before, column.type)
        after = before if found.verdict is Verdict.EQUAL else self._after(cell.after, column)
        difference: Cell = found.told
        if found.picture is not None:
            width, height = found.picture.size
            data = webp_bytes(found.picture, quality=_QUALITY)
            digest = sha256(data).hexdigest()
            path = self._path(f"{column.name} difference", digest, ".webp")
            path.write_bytes(data)
            difference = File(
                path.as_uri(),
                digest,
                len(data),
                width,
                height,
                THUMBNAIL_FORMAT,
                link=self._link(path),
                note=found.told,
            )
        return Kept(replace(found, picture=None), (before, after, difference))

    def write(
        self,
        table: str,
        columns: Sequence[Column],
        kept: Sequence[Kept],
        *,
        title: str,
        notes: Sequence[str],
        expires_in: timedelta,
    ) -> GalleryFacts:
        """Writes the page; rows with the largest difference come first.

        Raises:
            ExpiryError: A provider does not sign links for that long.
        """
        shown: dict[str, ColumnType] = {}
        for column in columns:
            shown |= dict.fromkeys(_headings(column.name), column.type)
            if column.type.is_medium:
                shown[_headings(column.name)[2]] = ColumnType.IMAGE
        of_row: dict[str, list[Kept]] = {}
        for each in kept:
            of_row.setdefault(each.comparison.cell.row, []).append(each)
        rows = [
            _row(name, of_row[name]) for name in sorted(of_row, key=lambda n: _order(of_row[n]))
        ]
        contents = Contents(table, shown, rows, title, notes, are_triples=True)
        self._remove_others(contents)
        return write_gallery(contents, self.folder, self._reader, expires_in=expires_in)

    def _remove_others(self, contents: Contents) -> None:
        """Deletes the files of earlier trials."""
        own = {file.link for file in contents.files}
        for path in (self.folder / FILES).glob("*/*"):
            if self._link(path) not in own:
                path.unlink()

    def _after(self, record: Record, column: Column) -> Cell:
        made = _cell(record, column.type)
        if not self._takes_files:
            return made
        source = self._reader.path(made.fileurl) if isinstance(made, File) else None
        if not isinstance(made, File) or source is None:
            return made
        path = self._path(column.name, made.digest, source.suffix)
        source.replace(path)
        return replace(made, fileurl=path.as_uri(), link=self._link(path))

    def _path(self, folder: str, digest: str, suffix: str) -> Path:
        path = self.folder / FILES / folder / f"{digest[:32]}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _link(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _headings(column: str) -> tuple[str, str, str]:
    return f"{column} before", f"{column} after", f"{column} difference"


def _order(kept: Sequence[Kept]) -> tuple[float, str]:
    return -max(each.comparison.distance for each in kept), kept[0].comparison.cell.row


def _row(name: str, kept: Sequence[Kept]) -> Row:
    cells: dict[str, Cell] = {}
    for each in kept:
        headings = _headings(each.comparison.cell.column.name)
        cells |= dict(zip(headings, each.cells, strict=True))
    return Row(name, kept[0].comparison.cell.partition, cells)


def _cell(record: Record | None, kind: ColumnType) -> Cell:
    if record is None:
        return None
    if record.error_class is not None:
        return Failure(record.error_class, record.error_message or "")
    if record.fileurl is None and record.stored is None:
        return "null"
    if (record.fileurl is None) is kind.is_medium:  # the function returned something else before
        return f"not of type {kind}"
    if record.fileurl is None:
        shown = shown_stored(record.stored, kind)
        return f"{float(shown):.6g}" if kind is ColumnType.FLOAT else shown
    known: Mapping[str, object] = decode_facts(record.facts)
    size = f"{record.width} × {record.height}, " if record.width else ""  # noqa: RUF001
    return File(
        record.fileurl,
        record.digest or "",
        record.size_bytes or 0,
        record.width or 0,
        record.height or 0,
        record.format or "",
        record.frames or 1,
        kind,
        {name: known[name] for name in all_facts() if name in known},
        note=f"{size}{record.size_bytes or 0:,} bytes",
    )
