"""Where a file came from: what the catalog and the code say of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from html import escape
from pathlib import Path

import dagster as dg

from media_assets.catalog import Catalog
from media_assets.catalog.asked_file import AskedFile
from media_assets.catalog.file_search import SearchResult, search_file
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.catalog.origin import origins_of
from media_assets.errors import UnknownFileError
from media_assets.home import find_or_make_home
from media_assets.installation import Installation
from media_assets.masking import make_printable, mask_secrets, redact_uri
from media_assets.stores import Storage
from media_assets.tables.built import list_built
from media_assets.uploads.row_history import rows_of_stem
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.explained import Code, Facts, facts_of, tell
from media_assets.verbs.published_file import behind_public_url, published_file
from media_assets.verbs.report import Report

_BY_DIGEST = """
    select "table", "column", row, fileurl from media_assets.files where digest = ? limit 3
"""


@dataclass(frozen=True, repr=False)
class Explanation(Report):
    """Where a file came from.

    Attributes:
        file: Its fileurl.
        cells: What is known of each row whose file it is or was, usually one.
        published_as: The published name by which it was asked for.
    """

    file: str
    cells: tuple[Facts, ...]
    published_as: str | None = None

    @property
    def lines(self) -> Sequence[str]:
        """The file, and below it each fact in a line of its own."""
        return [
            self.file,
            *([f"  {'published as':<12}  {self.published_as}"] if self.published_as else []),
            *(f"  {name:<12}  {text}" for cell in self.cells for name, text in tell(cell)),
        ]

    def _repr_html_(self) -> str:
        facts = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(_clean(text))}</td></tr>'
            for cell in self.cells
            for name, text in tell(cell)
        )
        return f"<p><b>{escape(_clean(self.file))}</b></p><table>{facts}</table>"


def explain(
    file: str | Path,
    *,
    catalog: str | None = None,
    storage: Storage | None = None,
    defs: dg.Definitions | None = None,
) -> Explanation:
    """Says where a file came from, as `media-assets explain` does.

    Only records are read, not the file: it may be gone. The functions are those of the tables in
    this process.

    Args:
        file: A path, a fileurl, or a public or presigned URL.
        catalog: The catalog's location; by default that of this installation.
        storage: The catalog's credentials, such as the `storage` of a `MediaIOManager`.
        defs: Definitions, to know the assets that read the file's column.

    Returns:
        A report, which a notebook shows.

    Raises:
        UnknownFileError: No table of the catalog has or had the file.
        FileurlError: The text is a URI of an unknown kind.
    """
    if catalog is None:
        find_or_make_home()
    opened = Installation.open_noted(catalog=catalog, storage=storage)
    return explain_file(opened, file, lambda: Code(list_built(), defs))


def explain_file(
    installation: Installation, file: str | Path, code: Callable[[], Code]
) -> Explanation:
    """Returns the same with a given installation.

    Args:
        installation: The installation with the catalog.
        file: As for `explain`.
        code: Loads the code location; called once the file was found.
    """
    root = installation.catalog
    named = behind_public_url(installation, file) if isinstance(file, str) else file
    asked, published_as = AskedFile.named(named), None
    files = CatalogFiles(root)
    found = search_file(root, files, asked)
    origins = origins_of(root, files, asked, found)
    if not origins and (behind := published_file(installation, asked)) is not None:
        published_as, asked = mask_secrets(asked.address), AskedFile.named(behind)
        origins = origins_of(root, files, asked, search_file(root, files, asked))
    if not origins:
        raise UnknownFileError(
            redact_uri(asked.address),
            tables=files.tables(),
            catalog=root.destination.uri,
            like=tuple(_similar(installation, asked, found)),
        )
    known = code()
    return Explanation(
        mask_secrets(asked.address),
        tuple(facts_of(origin, known, root, asked) for origin in origins),
        published_as,
    )


def _similar(installation: Installation, asked: AskedFile, found: SearchResult) -> Iterator[str]:
    """Yields what is known of files with the same name, or on this machine the same content."""
    for fileurl in found.namesakes[:3]:
        yield f"A file of this name is at {fileurl}."
    if asked.path is not None and asked.path.is_dir():
        yield "It is a folder: name one of its files."
    for place in found.places[:1] if not found.namesakes else ():
        log = StoredTable(installation.catalog, place.table).log
        rows = rows_of_stem(log, place.partition, asked.key.rpartition("/")[2])
        of_row = f", row {' or '.join(map(repr, rows[:3]))}" if rows else ""
        yield (
            f"Its path is that of a file of column {place.table}/{place.column}{of_row}: it may be "
            "left from a run that did not finish, or its manifests were deleted."
        )
    if asked.path is None or found.namesakes or not asked.path.is_file():
        return
    try:
        with asked.path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError:
        return
    catalog = Catalog(installation.catalog, reader=installation.reader)
    for table, column, row, fileurl in catalog.answer(_BY_DIGEST, [digest]).rows:
        yield f"Column {table}/{column} has the same content in row {row!r}, at {fileurl}."


def _clean(text: str) -> str:
    return make_printable(mask_secrets(text), keep="\t")
