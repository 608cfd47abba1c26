"""The files of a gallery: a page, slices of data that load on demand, and thumbnails."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files as package_files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from media_assets.errors import GalleryFolderError
from media_assets.gallery.contents import Cell, Contents, Failure, File, Row
from media_assets.gallery.facts import tell_facts, tell_length
from media_assets.gallery.links import Links
from media_assets.gallery.thumbnails import ThumbnailFolder, thumbnail_path
from media_assets.masking import mask_secrets
from media_assets.reading import Reader
from media_assets.values import ColumnType

ROWS_PER_PAGE = 100
"""Rows on a page of the gallery, and in a file of its data."""

FILES = "files"
"""The folder for files that a gallery holds itself; others are linked."""

_MARK = '<meta name="generator" content="media-assets gallery">'
_STATIC = ("gallery.css", "gallery.js")
_PLAYED = {"video", "audio"}
_OWN = {"data", "thumbnails", FILES, *_STATIC}


@dataclass(frozen=True, slots=True)
class GalleryFacts:
    """What was written.

    Attributes:
        index: The page to open.
        rows: How many rows it shows.
        error_rows: How many have an error, as `status` counts them.
        unreadable: How many have a file that cannot be read.
        thumbnails_made: How many thumbnails were not there from an earlier run.
        expires_at: When its links stop working; None if they do not.
    """

    index: Path
    rows: int
    error_rows: int
    unreadable: int
    thumbnails_made: int
    expires_at: datetime | None


def write_gallery(
    contents: Contents,
    folder: Path,
    reader: Reader,
    *,
    expires_in: timedelta,
    tell: Callable[[int], None] = lambda _: None,
) -> GalleryFacts:
    """Writes the gallery of a table into a folder, or updates the one that is there.

    Args:
        contents: What it shows.
        folder: Created if missing; otherwise it must be empty or hold a gallery.
        reader: Reads and signs the files.
        expires_in: How long links to files in cloud storage work.
        tell: Called now and then with the number of finished thumbnails.

    Raises:
        GalleryFolderError: The folder holds other files.
        ExpiryError: A provider does not sign links for that long.
    """
    index = folder / "index.html"
    check_folder(folder)
    links = Links(reader, expires_in)
    thumbnails = ThumbnailFolder(folder / "thumbnails", reader)
    for done, _ in enumerate(thumbnails.fill(contents.files), start=1):
        tell(done)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    failing = {n for n, row in enumerate(contents.rows) if row.has_error}
    unreadable = {n for n, row in enumerate(contents.rows) if _unreadable(row, thumbnails)}
    names = [row.name for row in contents.rows]
    _write_script(
        data / "names.js", "names", {"names": names, "errors": sorted(failing | unreadable)}
    )
    written = {data / "names.js"}
    for first in range(0, len(names), ROWS_PER_PAGE):
        number = first // ROWS_PER_PAGE
        rows = contents.rows[first : first + ROWS_PER_PAGE]
        shown = [_row(row, contents, links, thumbnails.problems) for row in rows]
        path = data / f"rows-{number:05d}.js"
        _write_script(path, "rows", {"number": number, "rows": shown})
        written.add(path)
    for path in set(data.glob("*.js")) - written:
        path.unlink()
    package = package_files("media_assets.gallery") / "static"
    for name in _STATIC:
        (folder / name).write_bytes((package / name).read_bytes())
    index.write_text(_page(contents, len(failing), len(unreadable), links), encoding="utf-8")
    thumbnails.remove_others(contents.files)
    return GalleryFacts(
        index, len(names), len(failing), len(unreadable), thumbnails.made, links.expires_at
    )


def check_folder(folder: Path) -> None:
    """Refuses a folder in which other files could be overwritten.

    Raises:
        GalleryFolderError: The folder holds other files.
    """
    if not folder.exists():
        return
    index = folder / "index.html"
    if index.is_file():
        is_gallery = _MARK in index.read_text(encoding="utf-8", errors="replace")
    else:  # the page is written last: without it, this is the rest of an interrupted run
        is_gallery = folder.is_dir() and {path.name for path in folder.iterdir()} <= _OWN
    if not is_gallery:
        raise GalleryFolderError(folder)


def _unreadable(row: Row, thumbnails: ThumbnailFolder) -> bool:
    digests = (cell.digest for cell in row.cells.values() if isinstance(cell, File))
    return any(digest in thumbnails.problems for digest in digests)


def _row(
    row: Row, contents: Contents, links: Links, problems: Mapping[str, str]
) -> dict[str, object]:
    cells = [
        _mark(_cell(row.cells.get(column), links, problems), row.stale.get(column))
        for column in contents.columns
    ]
    return {"partition": row.partition, "cells": cells}


def _mark(cell: dict[str, object] | None, stale: str | None) -> dict[str, object] | None:
    return {**cell, "stale": stale} if cell and stale else cell


def _cell(cell: Cell, links: Links, problems: Mapping[str, str]) -> dict[str, object] | None:
    match cell:
        case None:
            return None
        case str():
            return {"value": mask_secrets(cell)}
        case Failure():
            return {"error": cell.error_class, "message": mask_secrets(cell.message)}
        case File():
            shown: dict[str, object] = {
                "fileurl": mask_secrets(cell.fileurl),
                "link": cell.link or links.link(cell.fileurl),
                "format": cell.format,
                "width": cell.width,
                "height": cell.height,
                "bytes": cell.size_bytes,
                **_of_medium(cell),
                **({"note": mask_secrets(cell.note)} if cell.note else {}),
            }
            if cell.digest in problems:
                return {
                    **shown,
                    "error": "The file cannot be read",
                    "message": mask_secrets(problems[cell.digest]),
                }
            return {**shown, "thumbnail": f"thumbnails/{thumbnail_path(cell.digest)}"}


def _of_medium(file: File) -> dict[str, object]:
    """Returns what the page needs to know of a file that is not an image."""
    if file.medium is ColumnType.IMAGE:
        return {}
    return {
        "medium": file.medium.kind,
        "facts": mask_secrets(tell_facts(file.facts)),
        "length": mask_secrets(tell_length(file.facts)),
    }


def _write_script(path: Path, call: str, data: object) -> None:
    """Writes data as a script: a page opened from disk may load scripts, but not JSON files.

    Non-ASCII characters are escaped, and so is anything that could end a script or begin a
    comment in markup.
    """
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    path.write_text(f"mediaAssetsGallery.{call}({text});\n", encoding="ascii")


def _page(contents: Contents, error_rows: int, unreadable: int, links: Links) -> str:
    environment = Environment(
        loader=PackageLoader("media_assets.gallery"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("index.html").render(
        mark=_MARK,
        table=contents.table,
        title=contents.title,
        are_triples=contents.are_triples,
        notes=[mask_secrets(note) for note in contents.notes],
        columns=contents.columns,
        rows=len(contents.rows),
        error_rows=error_rows,
        unreadable=unreadable,
        rows_per_page=ROWS_PER_PAGE,
        made_at=datetime.now(UTC),
        expires_at=links.expires_at,
        origins=sorted(links.origins),
        plays=any(column.kind in _PLAYED for column in contents.columns.values()),
    )
