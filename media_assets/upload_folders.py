"""The folder of each partition's uploads, from a template that is also read backwards."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from string import Formatter
from urllib.parse import unquote

import dagster as dg

from media_assets.errors import DeclarationError, UploadError
from media_assets.partition_keys import JOINT, dimensions_of, has_key, some_keys

_WHOLE = "partition_key"
_TRIED = 1_000
"""How many partitions' folders are compared at declaration; a run compares its own."""

_LONGEST_NAME_BYTES = 255
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_Pieces = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UploadFolders:
    """The folders of a table's partitions below one root.

    Keys may contain slashes. A file within several such folders belongs to the outermost one's
    partition; no other partition may have a folder below that one.

    Attributes:
        table: The table's name, for errors.
        definition: Dagster's partitions definition.
        pieces: The template below the root: text, and the name of the key that follows it, which
            is empty at the end.
        left_out: The only key of each dimension that the template does not name.
    """

    table: str
    definition: dg.PartitionsDefinition
    pieces: _Pieces
    left_out: Mapping[str, str]
    _known: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]], compare=False)

    def folder(self, partition: str) -> str:
        """Returns the folder of a partition below the root, with a trailing slash.

        Raises:
            UploadError: It cannot be a folder of uploads, or is within another partition's folder.
        """
        folder = self._written(partition)
        problem = _problem_of_folder(folder)
        if not problem and (other := self.partition_of(folder)) != partition:
            problem = f"is that of partition {other!r}" if other else "cannot be read back"
        if not problem:
            return folder
        raise UploadError(
            what=f"Partition {partition!r} of table {self.table!r} has no folder of its own: "
            f"{folder!r} {problem}.",
            accepted="A folder for each partition, not within another one. Folder names do not "
            "start with '.' or '~' and have at most 255 bytes.",
            fix="Rename the key, or change the text around the braces in uploads=.",
        )

    def partition_of(self, row: str) -> str:
        """Returns the partition that a row's name is in; empty if there is none."""
        fewest = sum(text.count("/") for text, _ in self.pieces)
        for slash in islice(re.finditer("/", row), fewest - 1, None):
            for keys in self._readings(row[: slash.end()], self.pieces, {}):
                if _WHOLE in keys:
                    return keys[_WHOLE]
                named = {**self.left_out, **keys}
                return JOINT.join(named[name] for name in dimensions_of(self.definition))
        return ""

    def example(self) -> str:
        """Returns the folder of one of the partitions."""
        return next(map(self._written, some_keys(self.definition)), "")

    def _written(self, partition: str) -> str:
        keys = {_WHOLE: partition}
        if dimensions := dimensions_of(self.definition):
            keys |= zip(dimensions, partition.split(JOINT), strict=True)
        return "".join(text + keys.get(name, "") for text, name in self.pieces)

    def _readings(
        self, text: str, pieces: _Pieces, keys: Mapping[str, str]
    ) -> Iterator[Mapping[str, str]]:
        """Yields the keys that a text may consist of, shorter first keys first."""
        (before, name), *after = pieces
        if not text.startswith(before):
            return
        rest = text.removeprefix(before)
        if not name:
            if not rest:
                yield keys
        elif name in keys:
            if rest.startswith(keys[name]):
                yield from self._readings(rest.removeprefix(keys[name]), after, keys)
        else:
            for end in range(1, len(rest)):
                if rest.startswith(after[0][0], end) and self._has(name, rest[:end]):
                    yield from self._readings(rest[end:], after, {**keys, name: rest[:end]})

    def _has(self, name: str, key: str) -> bool:
        if (name, key) in self._known:  # Dagster takes 0.4 ms to recognize a day.
            return True
        dimensions = dimensions_of(self.definition)
        if (name in dimensions and JOINT in key) or not has_key(
            dimensions.get(name, self.definition), key
        ):
            return False
        self._known.add((name, key))
        return True


def upload_folders(
    table: str, uploads: str | None, definition: dg.PartitionsDefinition | None
) -> tuple[str | None, UploadFolders | None]:
    """Returns the location of a table's uploads, and the folders of its partitions there.

    Args:
        table: The table's name, for errors.
        uploads: Its `uploads`: names of keys in braces; braces in folder names are doubled.
        definition: Its partitions; None if it has none of its own.

    Returns:
        The location that rows' names are relative to, None by default; and the folders, None if
        the template has no names in braces.

    Raises:
        DeclarationError: A name in braces is unknown, a brace is unmatched, or two partitions
            would share a folder.
    """
    if uploads is None:
        return None, None
    pieces = _pieces(table, uploads, definition)
    (text, first), *after = pieces
    if definition is None or not first:
        return text, None
    left_out = _left_out(table, uploads, definition, {name for _, name in pieces if name})
    root = text[: text.rfind("/") + 1]
    is_encoded = root.lower().startswith(("file:", "http:", "https:"))
    below = [(text.removeprefix(root), first), *after]
    below = [(unquote(text) if is_encoded else text, name) for text, name in below]
    below[-1] = (f"{below[-1][0].rstrip('/')}/", "")
    folders = UploadFolders(table, definition, below, left_out)
    try:
        for partition in islice(some_keys(definition), _TRIED):
            folders.folder(partition)
    except UploadError as error:
        raise DeclarationError(error.what, accepted=error.accepted, fix=error.fix) from error
    return root, folders


def _pieces(table: str, uploads: str, definition: dg.PartitionsDefinition | None) -> _Pieces:
    """The template as alternating text and names; it begins and ends with text, maybe empty."""
    try:
        parsed = list(Formatter().parse(uploads))
    except ValueError as error:
        raise _problem(table, uploads, "has an unmatched brace", definition) from error
    pieces, text = list[tuple[str, str]](), ""
    for literal, name, spec, conversion in parsed:
        text += literal
        if name is None:
            continue
        if spec or conversion or name not in _names(definition):
            raise _problem(table, uploads, f"names {name!r}", definition)
        pieces.append((text, name))
        text = ""
    return [*pieces, (text, "")]


def _left_out(
    table: str, uploads: str, definition: dg.PartitionsDefinition, names: set[str]
) -> Mapping[str, str]:
    """The keys of dimensions that the folders leave out; each must have only one key."""
    found, dimensions = dict[str, str](), dimensions_of(definition)
    if _WHOLE in names and (len(names) > 1 or _WHOLE in dimensions):
        raise _problem(table, uploads, "names {partition_key} and its dimensions", definition)
    for name, dimension in dimensions.items():
        keys = list(islice(some_keys(dimension), _TRIED))
        if any(JOINT in key for key in keys):
            raise _problem(table, uploads, f"uses {name!r}, whose keys contain '|'", definition)
        if name in names or _WHOLE in names:
            continue
        if len(keys) != 1 or not isinstance(dimension, dg.StaticPartitionsDefinition):
            problem = f"leaves out {name!r}, so that partitions would share a folder"
            raise _problem(table, uploads, problem, definition)
        found[name] = keys[0]
    return found


def _names(definition: dg.PartitionsDefinition | None) -> list[str]:
    """The names that are allowed in braces."""
    return [] if definition is None else [*dimensions_of(definition), _WHOLE]


def _problem(
    table: str, uploads: str, problem: str, definition: dg.PartitionsDefinition | None
) -> DeclarationError:
    *dimensions, whole = [f"{{{name}}}" for name in _names(definition)] or [""]
    known = " and ".join(dimensions) + (f", or {whole} alone" if dimensions else whole)
    return DeclarationError(
        what=f"The uploads {uploads!r} of table {table!r} cannot be used: the template {problem}.",
        accepted=f"In braces: {known}."
        if known
        else "Nothing in braces: the table has no partitions of its own, such as "
        'partitions=dg.DailyPartitionsDefinition("2026-01-01").',
        fix="Correct the template. Double any braces in a folder's name: {{like this}}.",
    )


def _problem_of_folder(folder: str) -> str:
    """Returns why files below a folder would not be found; empty if they would."""
    names = folder.removesuffix("/").split("/")
    if "" in names:
        return "has an empty folder name"
    if any(name.startswith((".", "~")) for name in names):
        return "is hidden"
    if _CONTROL_CHARACTERS.search(folder):
        return "contains a control character"
    too_long = any(len(name.encode()) > _LONGEST_NAME_BYTES for name in names)
    return "has a name that is too long" if too_long else ""
