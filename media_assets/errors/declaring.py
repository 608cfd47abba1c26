"""Errors in declarations, settings, names and uploads."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from shlex import quote

from media_assets.amounts import amount, list_some
from media_assets.errors.base import MediaAssetsError

_SHOWN_CONFLICTS = 5


class DeclarationError(MediaAssetsError, ValueError):
    """A table or column that is declared wrongly."""


class OutputFormatError(DeclarationError):
    """A `format=` or one of its options that no encoder accepts."""

    def __init__(self, value: object, *, what: str, accepted: str, fix: str | None = None) -> None:
        super().__init__(
            f"{what} {value!r} is not accepted.",
            accepted=f"Accepted: {accepted}.",
            fix=fix
            or "Correct or drop it; by default columns write JPEG, and WEBP if transparent.",
        )


class UnknownNameError(MediaAssetsError, LookupError):
    """A table, column, partition or row that does not exist."""

    def __init__(
        self, kind: str, name: str, *, known: Iterable[str], where: str | None = None
    ) -> None:
        names = sorted(known)
        shown = list_some(names) or "none yet"
        close = get_close_matches(name, names, n=1)
        super().__init__(
            f"There is no {kind} {name!r}" + (f" ({where})." if where else "."),
            accepted=f"Known: {shown}.",
            fix=f"Did you mean {close[0]!r}?" if close else f"Name a known {kind}.",
        )


class AmbiguousPartitionsError(MediaAssetsError, ValueError):
    """A text that can be read as partitions in more than one way, because keys contain commas."""

    def __init__(self, text: str, readings: Sequence[Sequence[str]]) -> None:
        ways = " or ".join(", ".join(map(repr, keys)) for keys in readings)
        super().__init__(
            f"The partitions {text!r} can mean {ways}.",
            accepted="One key, or keys separated by commas that can be read in only one way.",
            fix="Give the option once for each key: "
            + " ".join(f"--partitions {quote(key)}" for key in readings[0])
            + ".",
        )


class PartitionNotChosenError(MediaAssetsError, ValueError):
    """A run of a partitioned table for which no partition was chosen."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"No partition was chosen for this run of the partitioned table {table!r}.",
            accepted="One partition, or a range of partitions.",
            fix="Choose one in the launch dialog of the Dagster UI, or with --partition or "
            "--partition-range of dg launch.",
        )


class HomeNotFoundError(MediaAssetsError, FileNotFoundError):
    """A home, the folder that holds dagster.yaml, that was not found."""

    def __init__(self, folder: object, *, named: bool) -> None:
        what = (
            f"DAGSTER_HOME is {str(folder)!r}, not the absolute path of an existing folder."
            if named
            else f"DAGSTER_HOME is not set, and there is no dagster.yaml from {str(folder)!r} up."
        )
        super().__init__(
            what,
            accepted="DAGSTER_HOME is the absolute path of the folder that holds dagster.yaml.",
            fix="Run this in a project's folder, or set it: export DAGSTER_HOME=/path/to/project. "
            "Notebooks and scripts without a project use ~/media-assets.",
        )


class SettingError(MediaAssetsError, ValueError):
    """A setting with an invalid value."""

    def __init__(self, name: str, value: str, *, accepted: str, example: str) -> None:
        super().__init__(
            f"The setting {name} is {value!r}, which is not valid.",
            accepted=accepted,
            fix=f"Correct it, for example to {example!r}, or remove it.",
        )


class SettingsFileError(MediaAssetsError, ValueError):
    """A settings file that cannot be read, or a second one."""

    def __init__(self, path: Path, *, problem: str) -> None:
        super().__init__(
            f"The settings file {str(path)!r} {problem}.",
            accepted="Settings are next to dagster.yaml, in one file: media_assets.toml, or "
            "pyproject.toml with a table [tool.media_assets].",
            fix="Correct the file, or keep the settings in only one of the two.",
        )


class CatalogNotedError(MediaAssetsError, ValueError):
    """A catalog named in the environment that differs from the one in code."""

    def __init__(self, named: str, *, variable: str, noted: str, note: Path) -> None:
        super().__init__(
            f"{variable} names the catalog {named!r}, and the code location names {noted!r}.",
            accepted=f"Both must name the same catalog. The code location's was noted in "
            f"{str(note)!r} when it was last loaded, for commands that do not load it.",
            fix=f"Unset {variable}, or open the other catalog by its address. If the code has "
            "changed, load it once: media-assets status",
        )


class LocationError(MediaAssetsError, ImportError):
    """A code location that cannot be loaded."""

    def __init__(self, name: str, *, problem: str) -> None:
        super().__init__(
            f"The code location {name!r} {problem}.",
            accepted="A module or file with `defs = media_assets.build_defs([...])`, given with -m "
            "or -f, or named in [tool.dg.project] or [tool.dagster] of pyproject.toml.",
            fix="Run this in the project's folder, or name it, for example: media-assets plan -m "
            "my_project.definitions",
        )


class GalleryFolderError(MediaAssetsError, FileExistsError):
    """A folder that holds something other than a gallery."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The folder {str(folder)!r} holds files that are not part of a gallery.",
            accepted="A folder that does not exist or is empty, or one with a gallery, which is "
            "replaced.",
            fix="Name another folder: --output some/new/folder",
        )


class ProjectNameError(MediaAssetsError, ValueError):
    """A name that cannot be used for a project and its Python package."""

    def __init__(self, name: str, *, problem: str) -> None:
        super().__init__(
            f"The project's name {name!r} {problem}.",
            accepted="A folder whose name starts with a letter from a to z, contains only these "
            "letters, digits, '-' and '_', and is not the name of another package.",
            fix="Choose another name, for example: media-assets init my-photos",
        )


class ProjectFolderError(MediaAssetsError, OSError):
    """A folder in which no project can be created."""

    def __init__(
        self, folder: Path, *, problem: str, fix: str = "Name another folder, or fix this one."
    ) -> None:
        super().__init__(
            f"The folder {str(folder)!r} {problem}. Nothing was created.",
            accepted="A folder that you may write to, and that is empty or does not exist yet.",
            fix=fix,
        )


class UploadError(MediaAssetsError, ValueError):
    """An insert that was refused; nothing was recorded."""


def what_stays(recorded: int) -> str:
    """Returns what an insert left that was refused after recording this many rows.

    >>> what_stays(10_000)
    'The first 10,000 rows of the data are recorded: repeat the insert to go on.'
    """
    if not recorded:
        return "Nothing was inserted."
    return f"The first {recorded:,} rows of the data are recorded: repeat the insert to go on."


class UploadConflictError(UploadError):
    """Files whose row names belong to other content at other addresses."""

    def __init__(
        self, table: str, conflicts: Sequence[tuple[str, str, str]], *, recorded: int = 0
    ) -> None:
        """Takes each conflict's row, recorded and found address, and the rows recorded before."""
        shown = "; ".join(
            f"row {row!r} is {recorded}, and {found} has different content"
            for row, recorded, found in conflicts[:_SHOWN_CONFLICTS]
        )
        more = len(conflicts) - _SHOWN_CONFLICTS
        super().__init__(
            what=f"{amount(len(conflicts), 'file has', 'files have')} the name of another row of "
            f"{table!r}: {shown}{f'; and {more} more' if more > 0 else ''}.",
            accepted="New names, files that are rows already, and copies of those.",
            fix="Give them other names, for example with --name-by 'more/{name}' (--name for one "
            f"file), or replace the rows with --replace. {what_stays(recorded)}",
        )


class UploadNamedAlreadyError(UploadError):
    """Files that are already rows of the table under other names."""

    def __init__(
        self, table: str, files: Sequence[tuple[str, str, str]], *, recorded: int = 0
    ) -> None:
        """Takes each file's row, address and new name, and the rows recorded before."""
        shown = "; ".join(
            f"{address} is row {row!r} and would also become {name!r}"
            for row, address, name in files[:_SHOWN_CONFLICTS]
        )
        more = len(files) - _SHOWN_CONFLICTS
        rows = " ".join(quote(row) for row, _, _ in files[:_SHOWN_CONFLICTS])
        super().__init__(
            what=f"{amount(len(files), 'file is already a row', 'files are already rows')} of "
            f"{table!r}: {shown}{f'; and {more} more' if more > 0 else ''}.",
            accepted="Each file is one row, under the name with which it was first inserted.",
            fix="To insert them under their old names, name the same folder without --name or "
            "--name-by. To rename rows, first delete the old ones, and set MediaTable(name_by=) if "
            f"scans should use the new names: media-assets delete {table} {rows}"
            f"{' ...' if more > 0 else ''} ({what_stays(recorded)})",
        )
