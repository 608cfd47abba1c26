"""Names in both forms of Unicode."""

from pathlib import Path
from unicodedata import normalize

import pytest

from media_assets.errors import UnknownNameError, UnknownRowsError
from media_assets.io_manager import MediaIOManager
from media_assets.spellings import find_spelling
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.cli.conftest import project
from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog

__all__ = ["project"]

NFC, NFD = normalize("NFC", "Café Ångström.jpg"), normalize("NFD", "Café Ångström.jpg")
MIXED = f"Caf\u00e9 {normalize('NFD', 'Ångström.jpg')}"


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        (NFC, {NFC}, NFC),
        (NFC, {NFD}, NFD),
        (NFD, {NFC}, NFC),
        (NFC, {NFC, NFD}, NFC),
        (NFD, {NFC, NFD}, NFD),
        (MIXED, {NFD}, NFD),
        (MIXED, {NFC, NFD}, None),
        (MIXED, {MIXED, NFC}, MIXED),
        (NFC, {"other"}, None),
    ],
)
def test_a_name_means_itself_or_else_its_other_form(
    name: str, known: set[str], found: str | None
) -> None:
    assert find_spelling(name, known) == found


@pytest.mark.parametrize(("stored", "typed"), [(NFD, NFC), (NFC, NFD), (NFC, MIXED)])
def test_whoever_takes_the_name_of_a_row_finds_it_in_either_form(
    project: Path, tmp_path: Path, stored: str, typed: str
) -> None:
    save_photo(tmp_path / "uploads" / stored)
    make(project, tmp_path / "uploads")
    column = catalog().column("photos", "flipped")

    presigned = run(
        *("presign", "--table", "photos", "--column", "flipped", "--row", typed),
        *("--expires-in", "60", "-f", project),
    )

    assert catalog().rows("photos", [typed])["row"].to_list() == [stored]
    assert column.open(typed).size == column.open(stored).size
    assert "cannot have a presigned URL" in presigned.errors  # it is found, and is a local file
    assert run("delete", "photos", typed, "-f", project).first_line == "Deleted 1 row of photos."
    assert len(catalog().sql("from photos")) == 0


def test_a_name_that_could_be_either_of_two_rows_is_none(project: Path, tmp_path: Path) -> None:
    for name in (NFC, NFD):
        save_photo(tmp_path / "uploads" / name)
    make(project, tmp_path / "uploads")
    photos, source = StoredTable(MediaIOManager().installation.catalog, "photos"), "source_image"

    with pytest.raises(UnknownRowsError):
        delete_rows(photos, source, [MIXED])
    with pytest.raises(UnknownNameError):
        catalog().column("photos", "flipped").open(MIXED)
    assert delete_rows(photos, source, [NFC, NFC]) == 1
    assert catalog().rows("photos", [NFC, NFD])["row"].to_list() == [NFD]
