"""The inputs of one row's columns: records, and images opened once and dropped when done."""

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Self

from PIL import Image

from media_assets.columns import ComputedColumn, Where
from media_assets.destinations import parse_fileurl
from media_assets.errors import (
    InputFailedError,
    StoredFileMissingError,
    StoredFileRefusedError,
    StoreFaultError,
    UploadGoneError,
)
from media_assets.images.copy_on_write import lend
from media_assets.pipeline.budget import MemoryRoom, RowRoom
from media_assets.pipeline.cells import ImageCell
from media_assets.pipeline.needs import bytes_kept, bytes_needed
from media_assets.pipeline.plan import (
    Plan,
    RowPlan,
    at_its_address,
    current_source,
    input_digest,
    is_waiting,
)
from media_assets.pipeline.timing import Stopwatch
from media_assets.records.manifests import Record
from media_assets.uploads.changes import is_made_from
from media_assets.values import ColumnType, Stored, decode_argument


class RowInputs:
    """The cells of one row, for the columns that read them.

    Leaving the context gives back the memory room of the row's images.

    Attributes:
        standing_source: The source's record, if it is right and is not made again.
        is_refused: Whether a storage refuses the source's file, although it exists.
    """

    def __init__(self, plan: Plan, row: RowPlan, room: MemoryRoom, watch: Stopwatch) -> None:
        self._plan, self._row, self._watch = plan, row, watch
        makes_source = any(output.column.name == plan.source for output in plan.outputs)
        is_remade = plan.force and makes_source
        self.standing_source = None if is_remade else current_source(plan, row)
        self._records = dict(row.known)
        self._images: dict[str, ImageCell] = {}
        self._failed: dict[str, str] = {}
        if is_waiting(plan, row):
            self._failed[plan.source] = plan.source
        self.is_refused = False
        self._last_reader = {
            read: output.column.name for output in plan.outputs for read in output.column.inputs
        }
        self._room = RowRoom(room, partial(bytes_needed, plan.outputs))

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drops everything; images refer to their row, and the cycle would keep both alive."""
        for image in self._images.values():
            image.close()
        self._images.clear()
        self._room.close()

    @property
    def source_decodes(self) -> int:
        """How many times the source was decoded."""
        source = self._images.get(self._plan.source)
        return source.decodes if source else 0

    @property
    def source_storage(self) -> str | None:
        """The storage that was read for the source's file; None if none was, as for the web."""
        source = self._images.get(self._plan.source)
        if source is None or not (source.is_fetched or self.is_refused):
            return None
        if self._plan.reader.is_web(source.fileurl):
            return None
        return parse_fileurl(source.fileurl)[0].uri

    def add(self, column: str, record: Record) -> None:
        """Adds the record of a column that others read, and drops inputs that it read last."""
        self._records[column] = record
        for read, last_reader in self._last_reader.items():
            if last_reader == column and read in self._images:
                self._images[read].drop()

    def drop_unread(self, name: str) -> None:
        """Drops the image of a column that no other selected column reads."""
        if name not in self._last_reader:
            self.image(name).drop()

    def add_staged(self, column: str, fileurl: str, digest: str | None) -> None:
        """Adds the file of a column that is not yet at its final place."""
        self._images[column] = self.open(fileurl, digest)

    def argument(self, column: ComputedColumn, name: str) -> object:
        """Returns an argument: a value, an image that the function may change freely, or None.

        Raises:
            InputFailedError: The image cannot be read.
        """
        input_type = column.input_types[name]
        if input_type is not ColumnType.IMAGE or self._is_null(name):
            return decode_argument(self._stored(name), input_type)
        with self._reading(column, name):
            image = self.image(name).decode(column.decode_size)
        is_last = self._last_reader[name] == column.name
        if is_last:
            self.image(name).drop()
        return lend(image, is_last=is_last)

    def hand_over(self, column: ComputedColumn, name: str, copies: ExitStack) -> Stored:
        """Returns an input for a process: a stored value, or the path of an image's file.

        Raises:
            InputFailedError: The file cannot be read.
        """
        if column.input_types[name] is not ColumnType.IMAGE or self._is_null(name):
            return self._stored(name)
        with self._reading(column, name):
            self.image(name).take_room()
            return str(copies.enter_context(self.image(name).as_file()))

    def satisfies(self, where: Where) -> bool:
        """Whether a column's condition holds in this row; no file is read.

        Raises:
            WhereError: It cannot be evaluated for the row's values.
        """
        return where.holds(self._row.row, {name: self._stored(name) for name in where.names})

    def _is_null(self, name: str) -> bool:
        """Whether an image column has no image in this row, and no error."""
        if name == self._plan.source or name in self._images:
            return False
        return self._records[name].fileurl is None

    def _stored(self, name: str) -> Stored:
        return self._records[name].stored

    def digest_for(self, column: ComputedColumn) -> str:
        """The digest of everything that a column's cell is made from.

        Raises:
            InputFailedError: A column that it reads has an error in this row, or no cell.
        """
        return input_digest(column, {name: self._digest(column, name) for name in column.reads})

    def image(self, name: str) -> ImageCell:
        """Returns an image column's cell in this row, opened once."""
        if name not in self._images:
            is_source = name == self._plan.source
            self._images[name] = (
                self._source() if is_source else self._make_cell(self._records[name])
            )
        return self._images[name]

    def open(
        self, fileurl: str, expected_digest: str | None, size_bytes: int | None = None
    ) -> ImageCell:
        """Returns a cell for any stored file."""
        return self._cell(fileurl, expected_digest, size_bytes=size_bytes)

    def _make_cell(self, record: Record) -> ImageCell:
        return self.open(record.fileurl or "", record.digest, record.size_bytes)

    def _source(self) -> ImageCell:
        """Returns the source's cell: the upload in place, or its kept copy."""
        upload, record = self._row.upload, self.standing_source
        if record is None:
            size_bytes = upload.size_bytes
            return self._cell(upload.uri, version=upload.read_version, size_bytes=size_bytes)
        fileurl = at_its_address(self._plan, self._row, record).fileurl or ""
        is_in_place = fileurl == upload.uri
        return self._cell(
            fileurl, record.digest, size_bytes=record.size_bytes, is_in_place=is_in_place
        )

    def _cell(
        self,
        fileurl: str,
        expected_digest: str | None = None,
        *,
        version: str | None = None,
        size_bytes: int | None = None,
        is_in_place: bool = False,
    ) -> ImageCell:
        return ImageCell(
            fileurl,
            reader=self._plan.reader,
            limits=self._plan.limits,
            room=self._room,
            watch=self._watch,
            expected_digest=expected_digest,
            version=version,
            size_bytes=size_bytes or 0,
            is_in_place=is_in_place,
        )

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
        image, upload = self._images.get(name), self._row.upload
        is_upload = name == self._plan.source and image is not None and image.fileurl == upload.uri
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
        images += [image for cell in self._images.values() for image in cell.images]
        files = sum(cell.held_bytes for cell in self._images.values())
        self._room.shrink(files + bytes_kept(self._plan.outputs, images))

    def _digest(self, column: ComputedColumn, name: str) -> str:
        """The digest of an input's content, read only where no record tells it."""
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
        image = self._images.get(name)
        if self.standing_source is not None and not (image and image.is_fetched):
            return self.standing_source.digest or ""
        with self._reading(column, name):
            return self.image(name).digest
