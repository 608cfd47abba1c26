"""Errors of a row's inputs, its functions and their results."""

import re
from collections.abc import Sequence
from traceback import extract_tb
from typing import Literal, Self, cast

from media_assets.amounts import list_some
from media_assets.errors.base import MediaAssetsError
from media_assets.masking import shorten

_ENDED = {
    "process": ", and its process was killed.",
    "coroutine": ", and was cancelled.",
    None: ", and Python cannot stop a thread.",
}
_CAUSE_CHARACTERS = 1_500
"""Short enough for the whole text to be recorded."""
_FIRST_FAILED = re.compile(
    r"Made from '(?P<column>[^']+)', which .+ in this row\. .+ See the error of '(?P<see>[^']+)'\."
)


class ValueTypeError(MediaAssetsError, TypeError):
    """A value that its column cannot hold."""

    def __init__(
        self,
        value: object,
        column_type: str,
        *,
        accepted: str = "A value of the annotated type.",
        reason: str | None = None,
    ) -> None:
        super().__init__(
            f"A `{column_type}` column got {type(value).__name__} {_show(value)}"
            + (f": {reason}." if reason else "."),
            accepted=f"{accepted.removesuffix('.')}, or None.",
            fix="Return such a value, or change the return annotation.",
        )

    def at(self, column: str, row: str) -> "ValueTypeError":
        """Returns the same error, which names the column and the row as well."""
        error = ValueTypeError.__new__(ValueTypeError)
        what = f"Row function {column!r} returned for row {row!r}: {self.what}"
        MediaAssetsError.__init__(error, what, accepted=self.accepted, fix=self.fix)
        return error


class InputFailedError(MediaAssetsError, ValueError):
    """A cell that cannot be made because an input failed, or has no cell in this row.

    The message of the column that failed first is not repeated: this one says where it is.
    """

    def __init__(
        self, column: str, *, see: str | None = None, unreadable: str | None = None
    ) -> None:
        """Builds the text.

        Args:
            column: The input.
            see: The column whose error in this row has the reason.
            unreadable: The reason itself, if no other cell of this row has it.
        """
        if unreadable is not None:
            what = f"Its input {column!r} cannot be read: {unreadable[:_CAUSE_CHARACTERS]}"
            fix = f"Once {column!r} can be read, materialize this column again."
        elif see is None:
            what = f"Made from {column!r}, which has no cell in this row."
            fix = f"Materialize {column!r} first."
        else:
            problem = "failed" if see == column else "cannot be read"
            what = f"Made from {column!r}, which {problem} in this row."
            fix = f"See the error of {see!r}."
        super().__init__(what, accepted="A cell needs all of its inputs.", fix=fix)

    @classmethod
    def behind(cls, column: str, message: str | None) -> Self:
        """Returns the error of a cell whose input has an error with this message."""
        if first := _FIRST_FAILED.fullmatch(message or ""):
            return cls(first["column"], see=first["see"])
        return cls(column, see=column)


class UploadChangedError(MediaAssetsError, ValueError):
    """An upload whose content has changed since its row was made from it."""

    def __init__(self, fileurl: str) -> None:
        super().__init__(
            f"The upload {fileurl} has changed since it was recorded.",
            accepted="All columns of a row must be made from the same content.",
            fix="Scan the uploads or insert the file again to record its new content, or put the "
            "earlier content back.",
        )


class UploadGoneError(MediaAssetsError, FileNotFoundError):
    """An upload whose file is no longer where it was recorded."""

    def __init__(self, fileurl: str, row: str) -> None:
        super().__init__(
            f"The upload {fileurl} of row {row!r} is gone: it was deleted, moved or renamed.",
            accepted="A row's file must stay in place as long as columns are made from it.",
            fix="Put it back. If it was moved, insert it from its new address under this row's "
            "name, which keeps what was made from it. Or delete the row.",
        )


class RowFunctionError(MediaAssetsError, RuntimeError):
    """An exception that a row function raised."""

    def __init__(self, column: str, row: str, cause: BaseException, *, calls: int = 1) -> None:
        often = f" in the last of {calls} calls" if calls > 1 else ""
        super().__init__(
            f"Row function {column!r} raised {type(cause).__name__} for row {row!r}{often}: "
            f"{str(cause).removesuffix('.') or _place_of(cause)}.",
            accepted="A row function must return a value for every row.",
            fix="Fix the function, then materialize the column again.",
        )
        self.cause = cause


def _place_of(cause: BaseException) -> str:
    """Returns what is known of an exception without a message: where it was raised."""
    frames = extract_tb(cause.__traceback__)
    if not frames:
        return "it has no message"
    last = frames[-1]
    return (
        f"it has no message, and comes from {last.name}() in line {last.lineno} of {last.filename}"
    )


class OutputTypeError(MediaAssetsError, TypeError):
    """A value of a standalone asset that the IO manager cannot store."""

    def __init__(
        self, asset: str, value: object, *, item: object = None, medium: str | None = None
    ) -> None:
        """Builds the text.

        Args:
            asset: The asset's key.
            value: What it returned.
            item: The item of it that cannot be stored.
            medium: The kind of media of its other items, or of its format, if known.
        """
        what = type(value).__name__ + (f" of {_kind(item)}" if item is not None else "")
        kind = medium or "image, video, audio, document or path of a file"
        super().__init__(
            f"Asset {asset!r} returned {what} to `media_io_manager`.",
            accepted=f"One {kind}, a mapping of row name to such, or an iterable of such pairs; "
            "all of one kind.",
            fix='Name the rows, for example `{"front": image}`, or give the asset another IO '
            "manager.",
        )


def _kind(item: object) -> str:
    """Returns the name of a type; of a tuple, the types of its parts."""
    if isinstance(item, tuple):
        kinds = (type(part).__name__ for part in cast("tuple[object, ...]", item))
        return f"({', '.join(kinds)})"
    return type(item).__name__


class NoAssetError(MediaAssetsError, TypeError):
    """An output of an op, which the IO manager does not store."""

    def __init__(self, op: str, output: str) -> None:
        super().__init__(
            f"Output {output!r} of op {op!r} uses `media_io_manager` and is not an asset.",
            accepted="`media_io_manager` stores only assets, in places named by their keys.",
            fix="Make it an asset, or give the output another io_manager_key.",
        )


class NoMediaManagerError(MediaAssetsError, TypeError):
    """A table that was given another IO manager than ours."""

    def __init__(self, table: str, manager: object) -> None:
        super().__init__(
            f"Table {table!r} got {type(manager).__name__} as its resource `media_io_manager`.",
            accepted="An `ma.MediaIOManager`, or a subclass of it.",
            fix="In a unit test call dg.materialize, not materialize_to_memory, with "
            'resources={"media_io_manager": ma.testing.io_manager(folder)}.',
        )


class ManyPartitionsError(MediaAssetsError, ValueError):
    """One value of a standalone asset for several partitions."""

    def __init__(self, asset: str, partitions: Sequence[str]) -> None:
        super().__init__(
            f"Asset {asset!r} returned one value to `media_io_manager` for {len(partitions)} "
            f"partitions, from {partitions[0]!r} to {partitions[-1]!r}.",
            accepted="One partition per run, since the files of each partition are kept apart.",
            fix="Drop BackfillPolicy.single_run(), or start a run for each partition.",
        )


class RowTwiceError(MediaAssetsError, ValueError):
    """Two images of a standalone asset for the same row."""

    def __init__(self, asset: str, row: str) -> None:
        super().__init__(
            f"Asset {asset!r} returned row {row!r} twice.",
            accepted="Each row's name must be unique within an asset.",
            fix="Give the rows different names. Nothing was changed.",
        )


class InputTypeError(MediaAssetsError, TypeError):
    """An input annotated as one file that is of another kind, or not one."""

    def __init__(self, asset: str, *, wanted: str, held: str, files: int, rows: int) -> None:
        super().__init__(
            f"Asset {asset!r} was requested as one {wanted} and holds `{held}`: {files} files in "
            f"{rows} rows.",
            accepted="`Image.Image`, `ma.Video`, ... for an asset with exactly one of them; "
            "`MediaColumn` or `DataFrame` for any asset.",
            fix="Annotate the input as `media_assets.MediaColumn`.",
        )


class AssetNotMaterializedError(MediaAssetsError, LookupError):
    """An input that is not materialized."""

    def __init__(self, asset: str, *, partitions: Sequence[str]) -> None:
        names = list_some([repr(partition) for partition in partitions])
        super().__init__(
            f"Asset {asset!r} is not materialized" + (f" in {names}." if names else "."),
            accepted="Inputs must have been written with `media_io_manager` to this catalog.",
            fix=f"Materialize {asset!r} first, and check that both use the same catalog.",
        )


class BatchLengthError(MediaAssetsError, ValueError):
    """A batch function that did not return one result per row."""

    def __init__(self, column: str, made: object, *, rows: int) -> None:
        is_list = isinstance(made, list)
        found = f"{len(cast('list[object]', made))} results" if is_list else type(made).__name__
        super().__init__(
            f"Batch function {column!r} got {rows} rows and returned {found}.",
            accepted="A list with one result per row, in the same order.",
            fix="Return None for a row without a result.",
        )


class ProcessDiedError(MediaAssetsError, RuntimeError):
    """A row function whose process died twice."""

    def __init__(self, function: str) -> None:
        super().__init__(
            f"The process that ran row function {function!r} died, twice.",
            accepted="A function with processes=True must return or raise.",
            fix="Check whether a library that it calls crashes, or memory runs out.",
        )


class StepDiedError(MediaAssetsError, RuntimeError):
    """A cell in whose work the step's own process died twice, or workers of a cluster did."""

    def __init__(self, column: str, row: str, *, is_source: bool) -> None:
        super().__init__(
            f"Processes died again and again while they made column {column!r} of row {row!r}.",
            accepted="What reads a file must not end the process: a decoder that crashes, or too "
            "little memory, does.",
            fix=(
                "Replace the upload, or update the package that reads it"
                if is_source
                else "Give the column processes=True, which confines the crash, or replace the "
                "upload"
            )
            + ". `materialize --state failed` tries it again as it is.",
        )


class WhereError(MediaAssetsError, ValueError):
    """A condition that cannot be evaluated for the values of a row."""

    def __init__(self, text: str, row: str, reason: str) -> None:
        super().__init__(
            f"where={text!r} cannot be evaluated for row {row!r}: {reason.removesuffix('.')}.",
            accepted="An expression that is true, false or null for the values of every row.",
            fix="Guard it, for example with try_cast(...), then materialize the column again.",
        )


class RowTimeoutError(MediaAssetsError, TimeoutError):
    """A row function that ran longer than its `row_timeout`."""

    def __init__(
        self,
        column: str,
        row: str,
        seconds: float,
        *,
        ended: Literal["process", "coroutine"] | None,
        rows: int = 1,
    ) -> None:
        """Builds the text.

        Args:
            column: The column of the function.
            row: The row, or the first row of a batch.
            seconds: The limit.
            ended: What was stopped; None for a call on a thread, which cannot be.
            rows: The number of rows in the batch.
        """
        others = f" and {rows - 1} more" if rows > 1 else ""
        super().__init__(
            f"Row function {column!r} ran for more than {seconds:g} s for row {row!r}{others}"
            + _ENDED[ended],
            accepted="row_timeout is the time limit for one row; a batch has this time for each of "
            "its rows.",
            fix="Fix the function or set a longer row_timeout"
            + (
                "."
                if ended
                else ". In a column with processes=True, the row becomes an error row and the run "
                "continues. Finished rows are kept for the next run."
            ),
        )


def _show(value: object) -> str:
    """Returns a value's `repr`, which may fail because it is foreign code."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  of any class
        return f"(its repr raised {type(error).__name__})"
    return shorten(text)
