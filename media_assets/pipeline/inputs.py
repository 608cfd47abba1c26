"""The inputs of one row's columns: their arguments, their digests, and errors that they share."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

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
from media_assets.images.source_file import SourceFile
from media_assets.pipeline.file_cells import FileCell
from media_assets.pipeline.part_cells import PartCell
from media_assets.pipeline.plan import Plan, RowPlan
from media_assets.pipeline.reuse import input_digest, is_waiting
from media_assets.pipeline.row_files import RowFiles
from media_assets.records.facts import is_truncated
from media_assets.values import ColumnType, Stored, decode_argument


class RowInputs:
    """The cells of one row, for the columns that read them.

    Attributes:
        files: The files of the row, which are open.
        is_refused: Whether a storage refuses the source's file, although it exists.
    """

    def __init__(self, plan: Plan, row: RowPlan, files: RowFiles) -> None:
        self._plan, self._row, self.files = plan, row, files
        self._failed: dict[str, str] = {}
        if is_waiting(plan, row):
            self._failed[plan.source] = plan.source
        self.is_refused = False

    @property
    def source_decodes(self) -> int:
        """How many times the source was decoded."""
        source = self.files.opened.get(self._plan.source)
        return source.decodes if source else 0

    @property
    def source_storage(self) -> str | None:
        """The storage that was read for the source's file; None if none was, as for the web."""
        source = self.files.opened.get(self._plan.source)
        if source is None or not (source.is_fetched or self.is_refused):
            return None
        if self._plan.reader.is_web(source.fileurl):
            return None
        return parse_fileurl(source.fileurl)[0].uri

    def argument(self, column: ComputedColumn, name: str) -> object:
        """Returns an argument: a value, an image that the function may change freely, a file, None.

        Raises:
            InputFailedError: The file cannot be read.
        """
        input_type = column.input_types[name]
        if input_type is ColumnType.PARTS:
            return self.files.parts(name)
        if not input_type.is_medium or self._is_null(name):
            return decode_argument(self._stored(name), input_type)
        with self._reading(column, name):
            cell = self.files.file(name)
            if isinstance(cell, FileCell):
                return cell.open()
            _ = cell.facts
            image = None if name in column.animations else cell.decode(column.decode_size)
        if image is None:
            return cell.animation()  # what is wrong with later frames is no error of the source
        is_last = self.files.is_read_last_by(column, name)
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
            return SourceFile.of(self.files.file(name).content, self._row.upload.address)

    def check_unchanged(self, column: ComputedColumn) -> None:
        """Fails a column whose input files changed while its function read them.

        Raises:
            InputFailedError: One of them did.
        """
        for name in column.input_types:
            cell = self.files.opened.get(name)
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
            self.files.file(name).take_room()
            return str(copies.enter_context(self.files.file(name).as_file()))

    def satisfies(self, where: Where) -> bool:
        """Whether a column's condition holds in this row; no file is read.

        Raises:
            WhereError: It cannot be evaluated for the row's values.
        """
        return where.holds(self._row.row, {name: self._stored(name) for name in where.names})

    def _is_null(self, name: str) -> bool:
        """Whether a column of media has no file in this row, and no error."""
        if name == self._plan.source or name in self.files.opened:
            return False
        return self.files.records[name].fileurl is None

    def _stored(self, name: str) -> Stored:
        return self.files.records[name].stored

    def digest_for(self, column: ComputedColumn) -> str:
        """The digest of everything that a column's cell is made from.

        Raises:
            InputFailedError: A column that it reads has an error in this row, or no cell.
        """
        return input_digest(column, {name: self.digest_of(column, name) for name in column.reads})

    def digest_of(self, column: ComputedColumn, name: str) -> str:
        """The digest of an input's content, read only where no record tells it.

        Raises:
            InputFailedError: The column has an error in this row, or no cell.
        """
        if name in self._failed:
            raise InputFailedError(name, see=self._failed[name])
        if name != self._plan.source:
            record = self.files.records.get(name)
            if record is None:
                raise InputFailedError(name)
            if record.digest is None and name in column.row_values:
                raise InputFailedError(name, unreadable=record.error_message)
            if record.digest is None:
                raise InputFailedError.behind(name, record.error_message)
            return record.digest
        cell = self.files.opened.get(name)
        if self.files.standing_source is not None and not (cell and cell.is_fetched):
            return self.files.standing_source.digest or ""
        with self._reading(column, name):
            known = self._row.known.get(name)
            if known and is_truncated(known.facts) and not self._plan.keeps_truncated:
                self.files.file(name).validate()  # it was kept before, and is an error now
            return self.files.file(name).digest

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
        cell, upload = self.files.opened.get(name), self._row.upload
        is_upload = name == self._plan.source and cell is not None and cell.fileurl == upload.uri
        if is_upload and isinstance(error, StoredFileMissingError):
            error = UploadGoneError(upload.uri, self._row.row)
        self._failed[name] = reader or name
        if name == self._plan.source and isinstance(error, StoredFileRefusedError):
            self.is_refused = not error.is_local
        return error
