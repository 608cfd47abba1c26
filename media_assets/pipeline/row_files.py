"""The files of one row: opened once for all columns that read them, and dropped when done."""

from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Self, cast

from PIL import Image

from media_assets.addresses import is_part
from media_assets.columns import ComputedColumn
from media_assets.errors import FileurlError
from media_assets.local_reading import LocalFile
from media_assets.masking import redact_uri
from media_assets.media_types import MediaType
from media_assets.part_files import write_part
from media_assets.parts import Parts
from media_assets.pipeline.budget import MemoryRoom, PartRoom, RowRoom
from media_assets.pipeline.cells import UNREAD, ImageCell
from media_assets.pipeline.file_cells import FileCell
from media_assets.pipeline.needs import bytes_kept, bytes_needed
from media_assets.pipeline.part_cells import PartCell
from media_assets.pipeline.plan import Plan, RowPlan, media_of
from media_assets.pipeline.reuse import at_its_address, current_source
from media_assets.pipeline.timing import Stopwatch
from media_assets.records.manifests import Record
from media_assets.temporary_folder import TemporaryFolder
from media_assets.uploads.changes import is_made_from

if TYPE_CHECKING:
    from media_assets.images.decode import OpenedImage
    from media_assets.images.limits import ImageLimits

MediaCell = ImageCell | FileCell


class RowFiles:
    """The files of one row, for the columns that read them.

    Leaving the context gives back the memory room of the row's images.

    Attributes:
        records: The record of each column that is read or was made.
        opened: The files that were opened, by column.
        standing_source: The source's record, if it is right and is not made again.
        room: The memory that the row holds.
    """

    def __init__(
        self,
        plan: Plan,
        row: RowPlan,
        room: MemoryRoom,
        watch: Stopwatch,
        *,
        parent: Self | None = None,
        of_parent: Collection[str] = (),
        needed: "Callable[[OpenedImage], int] | None" = None,
    ) -> None:
        """Opens nothing yet.

        Args:
            plan: What is made.
            row: The row.
            room: The room of all rows.
            watch: Counts the seconds.
            parent: For a part: the files of its parent, which is open.
            of_parent: The columns of the parent that columns of the part read.
            needed: The memory that an image needs; by default, for the columns of the plan.
        """
        self._parent, self._of_parent = parent, of_parent
        self._plan, self._row, self._watch = plan, row, watch
        is_remade = plan.force and any(output.column.name == plan.source for output in plan.outputs)
        self.standing_source = None if is_remade else current_source(plan, row)
        self.records = dict(row.known)
        self.opened: dict[str, MediaCell] = {}
        self._shared: dict[str, MediaCell] = {}
        self._closed_last = ExitStack()
        columns = [output.column for output in plan.outputs]
        self._media = media_of(columns, {plan.source: plan.source_type})
        self._last_reader = {
            read: output.column.name for output in plan.outputs for read in output.column.inputs
        }
        needed = needed or partial(bytes_needed, plan.outputs)
        self.room = RowRoom(room, needed) if parent is None else PartRoom(room, needed, parent.room)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Drops everything; files refer to their row, and the cycle would keep both alive."""
        for cell in self.opened.values():
            cell.close()
        self.opened.clear()
        self._closed_last.close()
        self.room.close()

    def file(self, name: str) -> MediaCell:
        """Returns a column's file, opened once.

        Raises:
            FileurlError: The upload's own name ends like the address of a part of another file.
        """
        if name in self._shared:
            return self._shared[name]
        if name not in self.opened:
            if self._parent is not None and name in self._of_parent:
                return self._file_of_parent(self._parent, name)
            if name == self._plan.source:
                self.opened[name] = self._source()
            else:
                record, medium = self.records[name], self._media[name]
                self.opened[name] = self.open(
                    record.fileurl or "", medium, record.digest, size_bytes=record.size_bytes
                )
        return self.opened[name]

    def _file_of_parent(self, parent: Self, name: str) -> MediaCell:
        """Returns a file of the parent, which is read once for all its parts."""
        parent._media[name] = self._media[name]
        cell = parent.file(name)
        if isinstance(cell, FileCell):
            self.opened[name] = cell.again()
            return self.opened[name]
        self._shared[name] = cell
        return cell

    def _source(self) -> MediaCell:
        """Returns the source's file: the upload in place, or its kept copy."""
        upload, record = self._row.upload, self.standing_source
        if is_part(upload.uri):
            problem = "ends in what means a part of the file before it; rename the file"
            raise FileurlError(redact_uri(upload.uri), problem=problem)
        medium = self._media[self._plan.source]
        if record is None:
            return self.open(
                upload.uri,
                medium,
                version=upload.read_version,
                size_bytes=upload.size_bytes,
                validated_at=self._first_decode_size(),
            )
        fileurl = at_its_address(self._plan, self._row, record).fileurl or ""
        is_in_place = fileurl == upload.uri
        return self.open(
            fileurl, medium, record.digest, size_bytes=record.size_bytes, is_in_place=is_in_place
        )

    def _first_decode_size(self) -> tuple[int, int] | None:
        """Returns the size at which a column decodes the source first; `UNREAD` if none does.

        It is validated at this size, so that no column needs another decode.
        """
        for column in (output.column for output in self._plan.outputs):
            if isinstance(column, ComputedColumn) and not column.processes:
                if self._plan.source in column.animations:
                    return None
                if self._plan.source in column.inputs:
                    return column.decode_size
        return UNREAD

    def open(
        self,
        fileurl: str,
        medium: MediaType,
        expected_digest: str | None = None,
        *,
        version: str | None = None,
        size_bytes: int | None = None,
        is_in_place: bool = False,
        validated_at: tuple[int, int] | None = None,
    ) -> MediaCell:
        """Returns a cell for any file; its options are those of `ImageCell` and `FileCell`."""
        if not medium.is_decoded:
            return FileCell(
                fileurl,
                medium=medium,
                limits=self._plan.limits_of(medium),
                reader=self._plan.reader,
                watch=self._watch,
                expected_digest=expected_digest,
                version=version,
                is_in_place=is_in_place,
            )
        return ImageCell(
            fileurl,
            reader=self._plan.reader,
            limits=cast("ImageLimits", self._plan.limits_of(medium)),
            room=self.room,
            watch=self._watch,
            expected_digest=expected_digest,
            version=version,
            size_bytes=size_bytes or 0,
            is_in_place=is_in_place,
            keeps_truncated=self._plan.keeps_truncated,
            validated_at=validated_at,
        )

    def parts(self, name: str) -> Parts:
        """Returns the parts of the row; their media are closed with the row."""
        parts = Parts(self._row.parts[name], self._plan.reader)
        self._closed_last.callback(parts.close)
        return parts

    def add(self, column: str, record: Record) -> None:
        """Adds the record of a column that others read, and drops files that it read last."""
        self.records[column] = record
        for read, last_reader in self._last_reader.items():
            if last_reader == column and read in self.opened:
                self.opened[read].drop()

    def add_staged(self, column: str, fileurl: str, digest: str | None) -> None:
        """Adds the file of a column that is not yet at its final place."""
        self.opened[column] = self.open(fileurl, self._media[column], digest)

    def give(self, name: str, made: object, record: Record, check: Callable[[], None]) -> None:
        """Gives the medium of a part that is kept in its parent to the columns that read it.

        Args:
            name: The column of the parts' media.
            made: The medium.
            record: Says where it is kept.
            check: Raises an error if the parent, which is open, has changed since it was read.
        """
        fileurl, digest = record.fileurl or "", record.digest or ""
        medium = self._media[name]
        if medium.is_decoded:
            self.opened[name] = PartCell(
                cast("Image.Image", made),
                fileurl,
                digest,
                check,
                reader=self._plan.reader,
                limits=cast("ImageLimits", self._plan.limits_of(medium)),
                room=self.room,
                watch=self._watch,
            )
            return
        folder = self._closed_last.enter_context(TemporaryFolder())
        copy = folder.path / "part"
        with copy.open("xb") as file:
            write_part(made, medium, file)
        cell = self.open(fileurl, medium, digest)
        assert isinstance(cell, FileCell)  # noqa: S101  of its kind
        cell.hold(LocalFile(copy, digest, copy.stat().st_size))
        self.opened[name] = cell

    def is_read_last_by(self, column: ComputedColumn, name: str) -> bool:
        """Whether no column, of the row or of another part, reads a file after this one."""
        return self._last_reader[name] == column.name and name not in self._shared

    def drop_unread(self, name: str) -> None:
        """Drops the file of a column that no other selected column reads."""
        if name not in self._last_reader:
            self.file(name).drop()

    def keep_source(self) -> Record | None:
        """Returns the record of a source that can no longer be read, and continues with it.

        None if there is none. Of older records, only one with the upload's version counts.
        """
        record = self._row.known.get(self._plan.source)
        if record is None or record.error_class:
            return None
        upload = self._row.upload
        if record.input_digest != upload.version and not is_made_from(record, upload):
            return None
        self.standing_source = record
        return record

    def shrink_room(self, arguments: Iterable[object]) -> None:
        """Gives back room, except what a row with these arguments needs while it waits."""
        images = [argument for argument in arguments if isinstance(argument, Image.Image)]
        images += [image for cell in self.opened.values() for image in cell.images]
        files = sum(cell.held_bytes for cell in self.opened.values())
        self.room.shrink(files + bytes_kept(self._plan.outputs, images))
