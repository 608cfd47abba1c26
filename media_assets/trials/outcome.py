"""The outcome of a trial: counts, sizes and times by column, and what all rows would take."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from statistics import median

from media_assets.amounts import amount
from media_assets.columns import ComputedColumn
from media_assets.trials.comparison import Comparison, Verdict

_SIZES = ("bytes", "KB", "MB", "GB", "TB")
_THOUSAND = 1_000
_HOUR = 3_600
_MINUTE = 60

_WORDS = {
    Verdict.NEW_ERROR: ("new error", "new errors"),
    Verdict.ERROR_GONE: ("error gone", "errors gone"),
    Verdict.DIFFERS: ("differs", "differ"),
    Verdict.EQUAL_PIXELS: ("equal in pixels", "equal in pixels"),
    Verdict.EQUAL: ("equal", "equal"),
    Verdict.ERROR: ("error as before", "errors as before"),
    Verdict.NEW: ("without a cell before", "without a cell before"),
}
"""The words for one cell and for more, the most important first."""

_CHANGES = (Verdict.NEW_ERROR, Verdict.ERROR_GONE, Verdict.DIFFERS)


@dataclass(frozen=True, slots=True)
class ColumnTrial:
    """How one column came out.

    Attributes:
        column: Its name.
        is_tried: Whether it was asked for; the others are made from those.
        made: How many cells were made; the others need not be, as what they read is equal.
        verdicts: How many cells came to what.
        similarities: The index SSIM of the pictures that differ, the lowest first.
        deltas: The differences of the numbers that differ, the lowest first.
        bytes_before: The size of the files that stand.
        bytes_after: The size of the files that the code makes of the same rows.
        bytes_made: The size of those that were made.
    """

    column: str
    is_tried: bool
    made: int
    verdicts: Mapping[Verdict, int]
    similarities: Sequence[float]
    deltas: Sequence[float]
    bytes_before: int
    bytes_after: int
    bytes_made: int

    @classmethod
    def of(cls, column: str, found: Sequence[Comparison], *, is_tried: bool) -> "ColumnTrial":
        """Counts the comparisons of a column."""
        cells = [each.cell for each in found]
        made = [cell for cell in cells if cell.is_made]
        return cls(
            column,
            is_tried,
            len(made),
            Counter(each.verdict for each in found),
            sorted(each.similarity for each in found if each.similarity is not None),
            sorted(each.delta for each in found if each.delta is not None),
            sum((cell.before and cell.before.size_bytes) or 0 for cell in cells),
            sum(cell.after.size_bytes or 0 for cell in cells),
            sum(cell.after.size_bytes or 0 for cell in made),
        )

    @classmethod
    def of_all(
        cls, columns: Sequence[ComputedColumn], tried: AbstractSet[str], found: Sequence[Comparison]
    ) -> "list[ColumnTrial]":
        """Counts the comparisons of each column."""
        by_name: dict[str, list[Comparison]] = {column.name: [] for column in columns}
        for each in found:
            by_name[each.cell.column.name].append(each)
        return [cls.of(name, of, is_tried=name in tried) for name, of in by_name.items()]

    @property
    def cells(self) -> int:
        """How many cells were compared."""
        return sum(self.verdicts.values())

    @property
    def is_equal(self) -> bool:
        """Whether every cell has the bytes, the value or the error that it had."""
        return all(verdict in (Verdict.EQUAL, Verdict.ERROR) for verdict in self.verdicts)

    @property
    def differs(self) -> int:
        """How many cells look different, are another value, or have an error that came or went."""
        return sum(self.verdicts.get(verdict, 0) for verdict in _CHANGES)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many cells came to what, those that came to nothing included."""
        return {verdict: self.verdicts.get(verdict, 0) for verdict in _WORDS}

    @property
    def told(self) -> str:
        """How it came out, in words: `30 differ (SSIM 0.71 to 0.99), 170 equal`."""
        parts = [
            f"{amount(count, *_WORDS[verdict])}{self._details(verdict)}"
            for verdict in _WORDS
            if (count := self.verdicts.get(verdict, 0))
        ]
        return ", ".join(parts)

    def _details(self, verdict: Verdict) -> str:
        if verdict is not Verdict.DIFFERS:
            return ""
        for name, found, form in (
            ("SSIM ", self.similarities, ".3f"),
            ("by ", self.deltas, "+.3g"),
        ):
            if found:
                middle = f", median {median(found):{form}}"
                return f" ({name}{found[0]:{form}} to {found[-1]:{form}}{middle})"
        return ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial came out.

    Attributes:
        table: The table's name.
        columns: The columns, in order.
        rows: How many rows were made.
        of_rows: How many rows the table has.
        partitions: From how many partitions they are.
        of_partitions: How many partitions the table has.
        seconds: How long it took to make them.
    """

    table: str
    columns: Sequence[ColumnTrial]
    rows: int
    of_rows: int
    partitions: int
    of_partitions: int
    seconds: float

    @property
    def cells_of_all(self) -> int:
        """How many cells of all rows would be made, as far as the sample tells."""
        return round(sum(each.made for each in self.columns) * self._scale)

    @property
    def seconds_of_all(self) -> float:
        """How long that would take on this machine."""
        return self.seconds * self._scale

    @property
    def bytes_of_all(self) -> float:
        """How many bytes of files that would write."""
        return sum(each.bytes_made for each in self.columns) * self._scale

    @property
    def lines(self) -> list[str]:
        """The outcome in words: the sample, each column, and what all rows would take."""
        names = ", ".join(each.column for each in self.columns if each.is_tried)
        rows, partitions = amount(self.of_rows, "row"), amount(self.of_partitions, "partition")
        sample = f"{self.rows} of {rows}, from {self.partitions} of {partitions}"
        time = f"{_time(self.seconds_of_all)} on this machine"
        size = f"{_size(self.bytes_of_all)} of files"
        return [
            f"Tried {names} of {self.table} on {sample}. Nothing was kept.",
            *(f"{each.column}: {each.told}{_sizes(each)}" for each in self.columns),
            f"All rows: about {amount(self.cells_of_all, 'cell')}, {time}, {size}.",
        ]

    @property
    def _scale(self) -> float:
        return self.of_rows / self.rows if self.rows else 0.0


def _sizes(column: ColumnTrial) -> str:
    if not column.bytes_before and not column.bytes_after:
        return ""
    return f"; {_size(column.bytes_before)} before, {_size(column.bytes_after)} after"


def _size(size_bytes: float) -> str:
    """Returns a size in the unit that suits it.

    >>> _size(12), _size(79_207), _size(1_234_567_890)
    ('12 bytes', '79 KB', '1.2 GB')
    """
    for unit in _SIZES:
        if size_bytes < _THOUSAND or unit == _SIZES[-1]:
            is_short = unit != _SIZES[0] and size_bytes < _THOUSAND / 100
            return f"{size_bytes:.{1 if is_short else 0}f} {unit}"
        size_bytes /= _THOUSAND
    raise AssertionError


def _time(seconds: float) -> str:
    """Returns a time in the unit that suits it.

    >>> _time(12.3), _time(600), _time(9_000)
    ('12 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} seconds"
    return (
        f"{seconds / _MINUTE:.0f} minutes"
        if seconds < 2 * _HOUR
        else f"{seconds / _HOUR:.1f} hours"
    )
