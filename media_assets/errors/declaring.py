"""Errors in declarations, names and uploads that a user gives."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from shlex import quote

from media_assets.errors.base import MediaAssetsError

_SHOWN_NAMES = 20
_SHOWN_CONFLICTS = 5


class DeclarationError(MediaAssetsError, ValueError):
    """A table or column that cannot be declared like that."""


class OutputFormatError(DeclarationError):
    """A `format=` or one of its options that no encoder takes."""

    def __init__(self, value: object, *, what: str, accepted: str) -> None:
        """Takes the value, what it stands for (`"The output format"`), and what is accepted."""
        super().__init__(
            f"{what} {value!r} is not accepted.",
            accepted=f"Accepted: {accepted}.",
            fix="Correct or drop it; by default columns write JPEG, and WEBP if transparent.",
        )


class UnknownNameError(MediaAssetsError, LookupError):
    """A table, column, partition or row that does not exist."""

    def __init__(
        self, kind: str, name: str, *, known: Iterable[str], where: str | None = None
    ) -> None:
        """Takes what the name should be (`"column"`), the names that exist, and where it stood."""
        names = sorted(known)
        shown = ", ".join(names[:_SHOWN_NAMES]) or "none yet"
        more = f", and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        close = get_close_matches(name, names, n=1)
        super().__init__(
            f"There is no {kind} {name!r}" + (f" ({where})." if where else "."),
            accepted=f"Known: {shown}{more}.",
            fix=f"Did you mean {close[0]!r}?" if close else f"Name a known {kind}.",
        )


class AmbiguousPartitionsError(MediaAssetsError, ValueError):
    """A text that names partitions in more than one way, since keys hold commas."""

    def __init__(self, text: str, readings: Sequence[Sequence[str]]) -> None:
        """Takes the text, and ways to read it."""
        ways = " or ".join(", ".join(map(repr, keys)) for keys in readings)
        super().__init__(
            f"The partitions {text!r} can be {ways}.",
            accepted="A key as it is, or keys with commas between them that can be read in one "
            "way.",
            fix="Give the option once for each key: "
            + " ".join(f"--partitions {quote(key)}" for key in readings[0])
            + ".",
        )


class PartitionNotChosenError(MediaAssetsError, ValueError):
    """A run of a partitioned table that is over no partition."""

    def __init__(self, table: str) -> None:
        """Takes the table."""
        super().__init__(
            f"This run of table {table!r} is over no partition, and the table has some.",
            accepted="One partition, or a range of them.",
            fix="Choose them in the launch dialog of the Dagster UI, or by --partition or "
            "--partition-range of dg launch.",
        )


class HomeNotFoundError(MediaAssetsError, FileNotFoundError):
    """No folder was found in which this installation keeps its state."""

    def __init__(self, folder: object, *, named: bool) -> None:
        """Takes the folder that DAGSTER_HOME names, or the one from which the search started."""
        what = (
            f"DAGSTER_HOME names {str(folder)!r}, which is no absolute path of an existing folder."
            if named
            else f"DAGSTER_HOME is not set, and no dagster.yaml was found from {str(folder)!r} up."
        )
        super().__init__(
            what,
            accepted="DAGSTER_HOME is the absolute path of the folder that holds dagster.yaml.",
            fix="Run in a project's folder, or set it: export DAGSTER_HOME=/path/to/project",
        )


class SettingError(MediaAssetsError, ValueError):
    """A setting whose value cannot be used."""

    def __init__(self, name: str, value: str, *, accepted: str, example: str) -> None:
        """Takes the setting's name and value, what it may be, and one that can be used."""
        super().__init__(
            f"The setting {name} is {value!r}, which cannot be used.",
            accepted=accepted,
            fix=f"Correct it, for example to {example!r}, or drop it.",
        )


class SettingsFileError(MediaAssetsError, ValueError):
    """A settings file that cannot be read, or one beside another."""

    def __init__(self, path: Path, *, problem: str) -> None:
        """Takes the file, and what is wrong with it."""
        super().__init__(
            f"The settings file {str(path)!r} {problem}.",
            accepted="Settings stand beside dagster.yaml in one place: in media_assets.toml, or in "
            "the table [tool.media_assets] of pyproject.toml.",
            fix="Correct the file, or keep the settings in one of the two.",
        )


class CatalogNotedError(MediaAssetsError, ValueError):
    """A catalog in the environment that is not the one that the code location names."""

    def __init__(self, named: str, *, variable: str, noted: str, note: Path) -> None:
        """Takes both catalogs, the variable that names the one, and the note of the other."""
        super().__init__(
            f"{variable} names the catalog {named!r}, and the code location names {noted!r}.",
            accepted=f"One catalog. What the code location names was noted in {str(note)!r} when "
            "it was last loaded, for whoever reads without it.",
            fix=f"Drop {variable}, open the other catalog by its address, or, if the code names "
            "another one by now, load it once: media-assets status",
        )


class LocationError(MediaAssetsError, ImportError):
    """The code location that the command line should serve cannot be loaded."""

    def __init__(self, name: str, *, problem: str) -> None:
        """Takes the module, file or folder, and what is wrong with it."""
        super().__init__(
            f"The code location {name!r} {problem}.",
            accepted="A module or file with `defs = media_assets.build_defs([...])`, named by -m "
            "or -f, or in pyproject.toml by [tool.dg.project] or [tool.dagster].",
            fix="Name it, for example: media-assets plan -m my_project.definitions",
        )


class GalleryFolderError(MediaAssetsError, FileExistsError):
    """A folder that holds something else than a gallery."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder."""
        super().__init__(
            f"The folder {str(folder)!r} holds something that is no gallery.",
            accepted="A folder that is not there yet, an empty one, or one with a gallery, which "
            "is renewed.",
            fix="Name another folder: --output some/new/folder",
        )


class ProjectNameError(MediaAssetsError, ValueError):
    """A name that no project and its Python package can have."""

    def __init__(self, name: str, *, problem: str) -> None:
        """Takes the name, and what is wrong with it."""
        super().__init__(
            f"The project's name {name!r} {problem}.",
            accepted="A folder whose name begins with one of the letters a to z and goes on with "
            "these, digits, '-' and '_', and that no other package has.",
            fix="Name another one, for example: media-assets init my-photos",
        )


class ProjectFolderError(MediaAssetsError, OSError):
    """A folder in which no project can be made."""

    def __init__(
        self, folder: Path, *, problem: str, fix: str = "Name another folder, or mend this one."
    ) -> None:
        """Takes the folder, what is wrong with it, and what to do if that is something special."""
        super().__init__(
            f"The folder {str(folder)!r} {problem}. Nothing was made.",
            accepted="A folder that is not there yet, or an empty one, where you may write.",
            fix=fix,
        )


class UploadError(MediaAssetsError, ValueError):
    """Files that cannot be inserted like that; nothing was recorded."""


class UploadConflictError(UploadError):
    """Named files whose rows' names are taken by other content from elsewhere."""

    def __init__(self, table: str, conflicts: Sequence[tuple[str, str, str]]) -> None:
        """Takes the table, and of each file its row, the row's address, and its own."""
        shown = "; ".join(
            f"row {row!r} is {recorded}, and {found} has other content"
            for row, recorded, found in conflicts[:_SHOWN_CONFLICTS]
        )
        more = len(conflicts) - _SHOWN_CONFLICTS
        super().__init__(
            what=f"{len(conflicts)} of the files have the names of other rows of {table!r}: "
            f"{shown}{f'; and {more} more' if more > 0 else ''}.",
            accepted="New names, files that a row was made of before, and copies of such a file.",
            fix="Give them other names, for example with --name-by 'more/{name}' (one file: with "
            "--name), or replace the rows with --replace; nothing was inserted.",
        )


class UploadNamedAlreadyError(UploadError):
    """Named files that are rows of the table already, under other names."""

    def __init__(self, table: str, files: Sequence[tuple[str, str, str]]) -> None:
        """Takes the table, and of each file its row, its address, and the name it would get."""
        shown = "; ".join(
            f"{address} is row {row!r} and would be {name!r}, too"
            for row, address, name in files[:_SHOWN_CONFLICTS]
        )
        more = len(files) - _SHOWN_CONFLICTS
        rows = " ".join(quote(row) for row, _, _ in files[:_SHOWN_CONFLICTS])
        super().__init__(
            what=f"{len(files)} of the files {'is a row' if len(files) == 1 else 'are rows'} of "
            f"{table!r} already: {shown}{f'; and {more} more' if more > 0 else ''}.",
            accepted="A file is one row, under the name that it was inserted with.",
            fix="Leave out --name and --name-by, and name the same folder, to insert them as they "
            "are. To rename rows, delete the old ones first, and set MediaTable(name_by=) where "
            f"scans are to name them so: media-assets delete {table} {rows}"
            f"{' ...' if more > 0 else ''} (nothing was inserted).",
        )
