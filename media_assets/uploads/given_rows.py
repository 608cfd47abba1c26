"""Rows that data gives: names, sources and values, checked as a whole before any is recorded."""

import os
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from itertools import islice, pairwise
from operator import attrgetter
from pathlib import Path, PurePosixPath

from media_assets.addresses import strip_signature
from media_assets.amounts import amount
from media_assets.columns import RowValue, declared_types, encode_row_value, parse_value
from media_assets.concurrency import map_concurrently
from media_assets.errors import RowDataError, RowValueError, show_value
from media_assets.reading import Reader
from media_assets.row_names import Naming, path_as_given
from media_assets.uploads.frames import Line
from media_assets.uploads.given_names import GivenFile
from media_assets.uploads.given_places import Unusable, find_place
from media_assets.uploads.local_files import file_upload, row_name
from media_assets.uploads.row_data import RowData
from media_assets.uploads.row_values import Texts, pack_values
from media_assets.uploads.single_sources import ADDRESSES_AT_ONCE, reach, unread_source
from media_assets.uploads.upload import Upload

ROW, SOURCE = "row", "source"
_SHOWN = 3
_Problem = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class GivenRow:
    """One line of data.

    Attributes:
        row: The row's name.
        source: The path or address of its file; empty where data only names rows.
        values: The values that it names, as the upload log keeps them.
    """

    row: str
    source: str
    values: Texts


@dataclass(slots=True)
class GivenRows:
    """The rows of data, as a table takes them.

    Attributes:
        data: Where they come from.
        table: The table's name.
        values: The table's row values.
        naming: How rows are named that have no name.
        needs_source: Whether each row has to have a source; else it has to have a name.
        ignores_others: Whether other columns are passed over.
    """

    data: RowData
    table: str
    values: Mapping[str, RowValue]
    naming: Naming = field(default_factory=Naming)
    needs_source: bool = True
    ignores_others: bool = False
    _columns: tuple[str, ...] = ()

    def check(self) -> int:
        """Reads all rows, and returns how many there are.

        Raises:
            RowDataError: A column is unknown, a row has no file, or two rows have one name or file.
            RowValueError: A value is not of its type, or is null where that is not declared.
        """
        problems: list[_Problem] = []
        count = rows = 0
        names, sources = array("Q"), array("Q")
        for lines in self.data.chunks():
            for line in lines:
                rows += 1
                given, found = self._row(line, rows)
                count += len(found)
                problems += found[: _SHOWN - len(problems)]
                if given is not None:
                    names.append(_hash(given.row))
                    sources.append(_hash(strip_signature(given.source)))
        if problems:
            types = declared_types(self.values)
            raise RowValueError(self.table, problems, values=types, count=count)
        name, source = attrgetter("row"), attrgetter("source")
        self._refuse_twice(names, ("row name stands", "row names stand"), name, source)
        if self.needs_source:
            self._refuse_twice(sources, ("file stands", "files stand"), source, name)
        return rows

    def chunks(self) -> Iterator[list[GivenRow]]:
        """Yields the rows, some thousand at a time; they have been checked.

        Raises:
            RowValueError: The data is not what was checked any more.
        """
        rows = 0
        for lines in self.data.chunks():
            chunk: list[GivenRow] = []
            for line in lines:
                rows += 1
                given, found = self._row(line, rows)
                if given is None:
                    raise RowValueError(self.table, found, values=declared_types(self.values))
                chunk.append(given)
            yield chunk

    def _row(self, line: Line, number: int) -> tuple[GivenRow | None, list[_Problem]]:
        """Returns a row, or what is wrong with it."""
        if (columns := tuple(line)) != self._columns:
            self._refuse_others(columns)
            self._columns = columns
        named, source = line.get(ROW), line.get(SOURCE)
        shown = str(named or source or f"number {number}")
        values, problems = self._values(line, shown)
        place = find_place(source, self.data.folder) if self.needs_source else ""
        if isinstance(place, Unusable):
            problems.append((shown, SOURCE, place.reason))
            return None, problems
        name = self._name(str(source), place) if not named and place else named
        if not isinstance(name, str) or not name:
            problems.append((shown, ROW, f"{show_value(name)} is not a name"))
        elif not problems:
            return GivenRow(row_name(name), place, values), []
        return None, problems

    def _values(self, line: Line, row: str) -> tuple[Texts, list[_Problem]]:
        texts: dict[str, str | None] = {}
        problems: list[_Problem] = []
        for name, value in self.values.items():
            if name in line:
                try:
                    texts[name] = self._text(value, line[name])
                except ValueError as error:
                    problems.append((row, name, str(error)))
        return texts, problems

    def _text(self, value: RowValue, given: object) -> str | None:
        if self.data.is_text and isinstance(given, str):
            given = parse_value(value, given)
        return encode_row_value(value, given)

    def _name(self, given: str, place: str) -> str:
        """Returns the name of a row: below the folder of the data its path there, else its own."""
        if "://" in given:
            return GivenFile(unread_source(given), path_as_given(given)).named(self.naming).row
        path = path_as_given(given)
        is_below = not (path.startswith("../") or Path(given).is_absolute() or given[0] == "~")
        name = path if is_below else PurePosixPath(place).name
        upload = Upload(row_name(name), Path(os.path.abspath(place)).as_uri(), 0, "")  # noqa: PTH100
        return GivenFile(upload, path).named(self.naming).row

    def _refuse_others(self, columns: Collection[str]) -> None:
        known = [ROW, *([SOURCE] if self.needs_source else []), *self.values]
        others = [name for name in columns if name not in known]
        if others and not self.ignores_others:
            shown = ", ".join(map(repr, others[:_SHOWN]))
            raise RowDataError(
                where=self.data.name,
                problem=f"table {self.table!r} has no row value {shown}",
                accepted=f"The columns {', '.join(known)}.",
                fix="Correct the names, declare them by MediaTable(values={...}), or pass them "
                "over with --ignore-columns, in Python ignore_columns=True; nothing was recorded.",
            )
        if self.needs_source and SOURCE not in columns:
            raise RowDataError(
                where=self.data.name,
                problem=f"there is no column {SOURCE!r}",
                accepted=f"The columns {', '.join(known)}; {ROW!r} may be missing, and so may the "
                "values of rows that exist already.",
                fix="Add the path or URL of each row's file; nothing was recorded.",
            )
        if not self.needs_source and (ROW not in columns or self.values.keys().isdisjoint(columns)):
            missing = repr(ROW) if ROW not in columns else "of a row value"
            raise RowDataError(
                where=self.data.name,
                problem=f"there is no column {missing}",
                accepted=f"The column {ROW!r}, and at least one of {', '.join(self.values)}.",
                fix="Add it; nothing was recorded.",
            )

    def _refuse_twice(
        self,
        hashes: "array[int]",
        what: tuple[str, str],
        of: Callable[[GivenRow], str],
        beside: Callable[[GivenRow], str],
    ) -> None:
        """Refuses data in which two rows have one name or file: of all only a hash is kept."""
        ordered = sorted(hashes)
        twice = {a for a, b in pairwise(ordered) if a == b}
        if not twice:
            return
        found: dict[str, list[str]] = {}
        for row in (row for chunk in self.chunks() for row in chunk):
            text = strip_signature(of(row))
            if _hash(text) in twice:
                found.setdefault(text, []).append(strip_signature(beside(row)))
        several = {text: others for text, others in found.items() if len(others) > 1}
        if several:
            shown = "; ".join(_beside(text, several[text]) for text in islice(several, _SHOWN))
            raise RowDataError(
                where=self.data.name,
                problem=f"{amount(len(several), *what)} in more than one row: {shown}",
                accepted="Each row's name once, and a file in one row.",
                fix="Name the rows apart in the column 'row', or by --name-by path, in Python "
                "name_by='path'; nothing was recorded.",
            )


def _beside(text: str, others: Sequence[str]) -> str:
    """Returns a name with its files, or a file with its rows, as far as there are any."""
    shown = ", ".join(map(repr, filter(None, others[:_SHOWN])))
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return f"{text!r} ({shown}{more})" if shown else repr(text)


def find_sources(rows: Sequence[GivenRow], reader: Reader) -> list[Upload]:
    """Returns rows as uploads, their addresses asked many at once.

    What gives nothing now is an upload all the same: its row has an error until it does.

    Raises:
        MediaAssetsError: There are several addresses, and not one of them gives anything.
        StoreFaultError: A storage fails.
    """
    addresses = [row.source for row in rows if "://" in row.source]
    found = map_concurrently(partial(reach, reader=reader), addresses, at_once=ADDRESSES_AT_ONCE)
    answers = dict(zip(addresses, found, strict=True))
    errors = [one for one in answers.values() if not isinstance(one, Upload)]
    if len(answers) > 1 and len(errors) == len(answers):
        raise errors[0]
    return [_upload(row, answers.get(row.source)) for row in rows]


def _upload(row: GivenRow, answer: object) -> Upload:
    if isinstance(answer, Upload):
        upload = answer
    elif "://" in row.source:
        upload = unread_source(row.source)
    else:
        path = Path(os.path.abspath(row.source))  # noqa: PTH100  links stay
        upload = file_upload(path, path.name)
    return replace(upload, row=row.row, values=pack_values(row.values))


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
