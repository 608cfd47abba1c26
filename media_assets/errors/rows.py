"""Errors of a row's inputs, its functions and their results."""

import re
from collections.abc import Sequence
from typing import Self, cast

from media_assets.errors.base import MediaAssetsError

_SHOWN_NAMES = 20
_SHOWN_CHARACTERS = 200
_CAUSE_CHARACTERS = 1_500
"""So that the whole text is never cut off where it is recorded."""
_FIRST_FAILED = re.compile(
    r"Made from '(?P<column>[^']+)', which .+ in this row\. .+ See the error of '(?P<see>[^']+)'\."
)


class ValueTypeError(MediaAssetsError, TypeError):
    """A row function returned something that its column cannot hold."""

    def __init__(self, value: object, column_type: str, *, reason: str | None = None) -> None:
        """Takes the value and the column's type."""
        super().__init__(
            f"A `{column_type}` column got {type(value).__name__} {_show(value)}"
            + (f": {reason}." if reason else "."),
            accepted="A value of the annotated type, or None; integers of 64 bits; JSON content "
            "in `dict` and `list`.",
            fix="Return such a value, or change the return annotation.",
        )


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
            what = f"Made from {column!r}, which has nothing in this row."
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
    """An upload whose file is no longer what its row was made from."""

    def __init__(self, fileurl: str) -> None:
        """Takes the file."""
        super().__init__(
            f"The upload {fileurl} has changed since it was recorded.",
            accepted="The content that the row's other columns were made from.",
            fix="Scan the uploads or insert the file again, so that its new content is recorded, "
            "or put the earlier content back.",
        )


class UploadGoneError(MediaAssetsError, FileNotFoundError):
    """An upload whose file is not where it was recorded any more."""

    def __init__(self, fileurl: str, row: str) -> None:
        """Takes the file and the row's name."""
        super().__init__(
            f"The upload {fileurl} of row {row!r} is gone: it was deleted, moved or renamed.",
            accepted="A row's file stays where it is for as long as columns are made from it.",
            fix="Put it back; or, if it was moved, insert it from where it is now with this row's "
            "name, which keeps what was made from it; or delete the row.",
        )


class RowFunctionError(MediaAssetsError, RuntimeError):
    """A row function raised."""

    def __init__(self, column: str, row: str, cause: BaseException) -> None:
        """Takes the column of the function, the row that it got, and what it raised."""
        super().__init__(
            f"Row function {column!r} raised {type(cause).__name__} for row {row!r}: "
            f"{str(cause).removesuffix('.')}.",
            accepted="A row function returns a value for every row.",
            fix="Mend the function, then materialize the column again.",
        )
        self.cause = cause


class OutputTypeError(MediaAssetsError, TypeError):
    """An asset outside tables returned something that the IO manager cannot store."""

    def __init__(self, asset: str, value: object, *, item: object = None) -> None:
        """Takes the asset's key and what it returned, with the item of that which is no pair."""
        what = type(value).__name__ + (f" of {_kind(item)}" if item is not None else "")
        super().__init__(
            f"Asset {asset!r} returned {what} to `media_io_manager`.",
            accepted="One image, a mapping of row name to image, or an iterable of pairs of both.",
            fix='Name the rows, for example `{"front": image}`, or give the asset another IO '
            "manager.",
        )


def _kind(item: object) -> str:
    """A type, of a tuple with those in it: a pair is told by what it holds."""
    if isinstance(item, tuple):
        kinds = (type(part).__name__ for part in cast("tuple[object, ...]", item))
        return f"({', '.join(kinds)})"
    return type(item).__name__


class NoAssetError(MediaAssetsError, TypeError):
    """An op returned something to the IO manager, which keeps assets alone."""

    def __init__(self, op: str, output: str) -> None:
        """Takes the op's name and its output's."""
        super().__init__(
            f"Output {output!r} of op {op!r} goes to `media_io_manager`, and is no asset.",
            accepted="Assets: their keys say where their images are kept and found again.",
            fix="Make it an asset, or give the output another io_manager_key.",
        )


class RowTwiceError(MediaAssetsError, ValueError):
    """An asset outside tables returned two images for one row."""

    def __init__(self, asset: str, row: str) -> None:
        """Takes the asset's key and the row's name."""
        super().__init__(
            f"Asset {asset!r} returned row {row!r} twice.",
            accepted="Each row's name once: a second image would take the place of the first.",
            fix="Name the rows apart; what stood there before is unchanged.",
        )


class InputTypeError(MediaAssetsError, TypeError):
    """A column cannot be loaded as the one image that its reader's annotation asks for."""

    def __init__(self, asset: str, *, images: int, rows: int) -> None:
        """Takes the asset that is loaded, how many images it has, and how many rows."""
        super().__init__(
            f"Asset {asset!r} was asked for as one image and has {images} in {rows} rows.",
            accepted="`Image.Image` for an asset with one image; `MediaColumn` or `DataFrame` for "
            "any.",
            fix="Annotate the input as `media_assets.MediaColumn`.",
        )


class AssetNotMaterializedError(MediaAssetsError, LookupError):
    """A downstream asset reads an asset that nobody materialized."""

    def __init__(self, asset: str, *, partitions: Sequence[str]) -> None:
        """Takes the asset that is loaded, and its partitions that were asked for, if it has any."""
        names = ", ".join(map(repr, partitions[:_SHOWN_NAMES]))
        more = ", ..." if len(partitions) > _SHOWN_NAMES else ""
        super().__init__(
            f"Asset {asset!r} is not materialized" + (f" in {names}{more}." if names else "."),
            accepted="An input of which something was written with `media_io_manager`, into this "
            "catalog.",
            fix=f"Materialize {asset!r} first, and look whether both use the same catalog.",
        )


class BatchLengthError(MediaAssetsError, ValueError):
    """A batch function did not return one result for each of its rows."""

    def __init__(self, column: str, made: object, *, rows: int) -> None:
        """Takes the column, what its function returned, and how many rows it got."""
        is_list = isinstance(made, list)
        found = f"{len(cast('list[object]', made))} results" if is_list else type(made).__name__
        super().__init__(
            f"Batch function {column!r} got {rows} rows and returned {found}.",
            accepted="A list with one result for each row, in their order.",
            fix="Return None in the place of a row without a result.",
        )


class ProcessDiedError(MediaAssetsError, RuntimeError):
    """The process of a row function ended without an answer, twice."""

    def __init__(self, function: str) -> None:
        """Takes the function's name."""
        super().__init__(
            f"The process that ran row function {function!r} died, twice.",
            accepted="A function with processes=True returns or raises.",
            fix="Look for a crash in a library that it calls, or for memory running out.",
        )


class RowTimeoutError(MediaAssetsError, TimeoutError):
    """A row function that was still running when its `row_timeout` was over."""

    def __init__(
        self, column: str, row: str, seconds: float, *, is_ended: bool, rows: int = 1
    ) -> None:
        """Takes the column, the row (the first of a batch), the limit, and whether that ended it.

        Only a function in a process of its own can be ended.
        """
        others = f" and {rows - 1} more" if rows > 1 else ""
        super().__init__(
            f"Row function {column!r} ran for more than {seconds:g} s for row {row!r}{others}"
            + (", and its process was ended." if is_ended else ", and Python cannot end a thread."),
            accepted="row_timeout is how long one row may take; a batch has that time for each of "
            "its rows.",
            fix="Mend the function or name a longer row_timeout"
            + (
                "."
                if is_ended
                else "; with processes=True the row is an error row, and the run goes on. What "
                "this run finished is kept for the next one."
            ),
        )


def _show(value: object) -> str:
    """What a value says of itself, where it can: it is somebody else's."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  of any class
        return f"(which cannot be shown: {type(error).__name__})"
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
