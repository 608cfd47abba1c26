"""The inputs of one row's columns: records, and files opened once and dropped when done."""

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self, cast

from PIL import Image

from media_assets.addresses import is_part
from media_assets.columns import ComputedColumn, Where
from media_assets.destinations import parse_fileurl
from media_assets.errors import (
    FileurlError,
    InputFailedError,
    StoredFileMissingError,
    StoredFileRefusedError,
    StoreFaultError,
    UploadGoneError,
)
from media_assets.images.copy_on_write import lend
from media_assets.images.source_file import SourceFile
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
from media_assets.pipeline.reuse import at_its_address, current_source, input_digest, is_waiting
from media_assets.pipeline.timing import Stopwatch
from media_assets.records.facts import is_truncated
from media_assets.records.manifests import Record
from media_assets.temporary_folder import TemporaryFolder
from media_assets.uploads.changes import is_made_from
from media_assets.values import ColumnType, Stored, decode_argument

if TYPE_CHECKING:
    from media_assets.images.decode import OpenedImage
    from media_assets.images.limits import ImageLimits

MediaCell = ImageCell | FileCell


class RowInputs:
    """The cells of one row, for the columns that read them.

    Leaving the context gives back the memory room of the row's images.

    Attributes:
        standing_source: The source's record, if it is right and is not made again.
        is_refused: Whether a storage refuses the source's file, although it exists.
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
            parent: For a part: the inputs of its parent, which is open.
            of_parent: The columns of the parent that columns of the part read.
            needed: The memory that an image needs; by default, for the columns of the plan.
        """
        self._parent, self._of_parent = parent, of_parent
        self._plan, self._row, self._watch = plan, row, watch
        makes_source = any(output.column.name == plan.source for output in plan.outputs)
        is_remade = plan.force and makes_source
        self.standing_source = None if is_remade else current_source(plan, row)
        self._records = dict(row.known)
        self._files: dict[str, MediaCell] = {}
        self._shared: dict[str, MediaCell] = {}
        self._closed_last = ExitStack()
        self._failed: dict[str, str] = {}
        if is_waiting(plan, row):
            self._failed[plan.source] = plan.source
        self.is_refused = False
        self._media = media_of(plan)
        self._last_reader = {
            read: output.column.name for output in plan.outputs for read in output.column.inputs
        }
        needed = needed or partial(bytes_needed, plan.outputs)
        self.room = RowRoom(room, needed) if parent is None else PartRoom(room, needed, parent.room)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drops everything; files refer to their row, and the cycle would keep both alive."""
        for cell in self._files.values():
            cell.close()
        self._files.clear()
        self._closed_last.close()
        self.room.close()

    @property
    def source_decodes(self) -> int:
        """How many times the source was decoded."""
        source = self._files.get(self._plan.source)
        return source.decodes if source else 0

    @property
    def source_storage(self) -> str | None:
        """The storage that was read for the source's file; None if none was, as for the web."""
        source = self._files.get(self._plan.source)
        if source is None or not (source.is_fetched or self.is_refused):
            return None
        if self._plan.reader.is_web(source.fileurl):
            return None
        return parse_fileurl(source.fileurl)[0].uri

    def add(self, column: str, record: Record) -> None:
        """Adds the record of a column that others read, and drops inputs that it read last."""
        self._records[column] = record
        for read, last_reader in self._last_reader.items():
            if last_reader == column and read in self._files:
                self._files[read].drop()

    def drop_unread(self, name: str) -> None:
        """Drops the file of a column that no other selected column reads."""
        if name not in self._last_reader:
            self.file(name).drop()

    def add_staged(self, column: str, fileurl: str, digest: str | None) -> None:
        """Adds the file of a column that is not yet at its final place."""
        self._files[column] = self.open(fileurl, digest, self._media[column])

    def give(self, part: ComputedColumn, made: object, record: Record) -> None:
        """Gives the medium of a part that is kept in its parent, which is open, to its columns."""
        parent = self._parent
        assert parent is not None  # noqa: S101  only parts are given
        name, fileurl, digest = part.name, record.fileurl or "", record.digest or ""
        medium = self._media[name]
        if medium.is_decoded:
            self._files[name] = PartCell(
                cast("Image.Image", made),
                fileurl,
                digest,
                lambda: parent.check_unchanged(part),
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
        cell = self.open(fileurl, digest, medium)
        assert isinstance(cell, FileCell)  # noqa: S101  of its kind
        cell.hold(LocalFile(copy, digest, copy.stat().st_size))
        self._files[name] = cell

    def address_of(self, name: str) -> str:
        """Returns where a column's file is."""
        return self.file(name).fileurl

    def argument(self, column: ComputedColumn, name: str) -> object:
        """Returns an argument: a value, an image that the function may change freely, a file, None.

        Raises:
            InputFailedError: The file cannot be read.
        """
        input_type = column.input_types[name]
        if input_type is ColumnType.PARTS:
            return self._parts_of(name)
        if not input_type.is_medium or self._is_null(name):
            return decode_argument(self._stored(name), input_type)
        with self._reading(column, name):
            cell = self.file(name)
            if isinstance(cell, FileCell):
                return cell.open()
            _ = cell.facts
            image = None if name in column.animations else cell.decode(column.decode_size)
        if image is None:
            return cell.animation()  # what is wrong with later frames is no error of the source
        is_last = self._last_reader[name] == column.name and name not in self._shared
        if is_last:
            cell.drop()
        return lend(image, is_last=is_last)

    def source_file(self, column: ComputedColumn) -> SourceFile:
        """Returns what the source file says of itself; it is read, and not decoded.

        Raises:
            InputFailedError: The file cannot be read.
        """
        name = self._plan.source
        with self._reading(column, name):
            return SourceFile.of(self.file(name).content, self._row.upload.address)

    def _parts_of(self, name: str) -> Parts:
        """Returns the parts of the row; their media are closed with the row."""
        parts = Parts(self._row.parts[name], self._plan.reader)
        self._closed_last.callback(parts.close)
        return parts

    def check_unchanged(self, column: ComputedColumn) -> None:
        """Fails a column whose input files changed while its function read them.

        Raises:
            InputFailedError: One of them did.
        """
        for name in column.input_types:
            cell = self._files.get(name)
            # Other images are decoded from the bytes that were hashed.
            if isinstance(cell, FileCell | PartCell):
                with self._reading(column, name):
                    cell.check_unchanged()

    def hand_over(self, column: ComputedColumn, name: str, copies: ExitStack) -> Stored:
        """Returns an input for a process: a stored value, or the path of a file.

        Raises:
            InputFailedError: The file cannot be read.
        """
        if not column.input_types[name].is_medium or self._is_null(name):
            return self._stored(name)
        with self._reading(column, name):
            self.file(name).take_room()
            return str(copies.enter_context(self.file(name).as_file()))

    def satisfies(self, where: Where) -> bool:
        """Whether a column's condition holds in this row; no file is read.

        Raises:
            WhereError: It cannot be evaluated for the row's values.
        """
        return where.holds(self._row.row, {name: self._stored(name) for name in where.names})

    def _is_null(self, name: str) -> bool:
        """Whether a column of media has no file in this row, and no error."""
        if name == self._plan.source or name in self._files:
            return False
        return self._records[name].fileurl is None

    def _stored(self, name: str) -> Stored:
        return self._records[name].stored

    def digest_for(self, column: ComputedColumn) -> str:
        """The digest of everything that a column's cell is made from.

        Raises:
            InputFailedError: A column that it reads has an error in this row, or no cell.
        """
        return input_digest(column, {name: self.digest_of(column, name) for name in column.reads})

    def file(self, name: str) -> MediaCell:
        """Returns a column's file in this row, opened once."""
        if name in self._shared:
            return self._shared[name]
        if name not in self._files:
            if self._parent is not None and name in self._of_parent:
                return self._file_of_parent(self._parent, name)
            is_source = name == self._plan.source
            self._files[name] = (
                self._source() if is_source else self._make_cell(name, self._records[name])
            )
        return self._files[name]

    def _file_of_parent(self, parent: Self, name: str) -> MediaCell:
        """Returns a file of the parent, which is read once for all its parts."""
        parent._media[name] = self._media[name]
        cell = parent.file(name)
        if isinstance(cell, FileCell):
            self._files[name] = cell.again()
            return self._files[name]
        self._shared[name] = cell
        return cell

    def open(
        self,
        fileurl: str,
        expected_digest: str | None,
        medium: MediaType,
        size_bytes: int | None = None,
    ) -> MediaCell:
        """Returns a cell for any stored file."""
        return self._cell(fileurl, medium, expected_digest, size_bytes=size_bytes)

    def _make_cell(self, name: str, record: Record) -> MediaCell:
        return self.open(record.fileurl or "", record.digest, self._media[name], record.size_bytes)

    def _source(self) -> MediaCell:
        """Returns the source's cell: the upload in place, or its kept copy.

        Raises:
            FileurlError: The upload's own name ends like the address of a part of another file.
        """
        upload, record = self._row.upload, self.standing_source
        if is_part(upload.uri):
            problem = "ends in what means a part of the file before it; rename the file"
            raise FileurlError(redact_uri(upload.uri), problem=problem)
        medium = self._media[self._plan.source]
        if record is None:
            return self._cell(
                upload.uri,
                medium,
                version=upload.read_version,
                size_bytes=upload.size_bytes,
                validated_at=self._first_decode_size(),
            )
        fileurl = at_its_address(self._plan, self._row, record).fileurl or ""
        is_in_place = fileurl == upload.uri
        return self._cell(
            fileurl, medium, record.digest, size_bytes=record.size_bytes, is_in_place=is_in_place
        )

    def _cell(
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

    @contextmanager
    def _reading(self, column: ComputedColumn, name: str) -> Generator[None]:
        """Lets a column fail if its input cannot be read, and others refer to its error."""
        try:
            yield
        except StoreFaultError:
            raise
        except Exception as error:
            reason = str(self.fail(name, error, reader=column.name))
            raise InputFailedError(name, unreadable=reason) from error

    def fail(self, name: str, error: Exception, *, reader: str | None = None) -> Exception:
        """Returns the error of an input, to which all other columns that read it refer.

        It is recorded for the `reader`, or for the input itself.

        For an upload that is missing, the error's advice differs from that for a missing file of
        another column.
        """
        cell, upload = self._files.get(name), self._row.upload
        is_upload = name == self._plan.source and cell is not None and cell.fileurl == upload.uri
        if is_upload and isinstance(error, StoredFileMissingError):
            error = UploadGoneError(upload.uri, self._row.row)
        self._failed[name] = reader or name
        if name == self._plan.source and isinstance(error, StoredFileRefusedError):
            self.is_refused = not error.is_local
        return error

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
        images += [image for cell in self._files.values() for image in cell.images]
        files = sum(cell.held_bytes for cell in self._files.values())
        self.room.shrink(files + bytes_kept(self._plan.outputs, images))

    def digest_of(self, column: ComputedColumn, name: str) -> str:
        """The digest of an input's content, read only where no record tells it.

        Raises:
            InputFailedError: The column has an error in this row, or no cell.
        """
        if name in self._failed:
            raise InputFailedError(name, see=self._failed[name])
        if name != self._plan.source:
            record = self._records.get(name)
            if record is None:
                raise InputFailedError(name)
            if record.digest is None and name in column.row_values:
                raise InputFailedError(name, unreadable=record.error_message)
            if record.digest is None:
                raise InputFailedError.behind(name, record.error_message)
            return record.digest
        cell = self._files.get(name)
        if self.standing_source is not None and not (cell and cell.is_fetched):
            return self.standing_source.digest or ""
        with self._reading(column, name):
            known = self._row.known.get(name)
            if known and is_truncated(known.facts) and not self._plan.keeps_truncated:
                self.file(name).validate()  # it was kept before, and is an error now
            return self.file(name).digest
