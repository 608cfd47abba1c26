"""Published names of rows that go, come back, or were refused one: no other file is touched."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

import media_assets as ma
from media_assets.destinations import parse_destination
from media_assets.errors import PublishError
from media_assets.io_manager import MediaIOManager
from media_assets.records.claims import digest_of
from media_assets.records.ledger import CatalogRoot
from media_assets.records.manifests import Manifest, commit_manifest
from media_assets.records.publications import Publications
from media_assets.stores import Storage, StoredFile
from media_assets.stores.memory import MemoryStore
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.upkeep.collection import collect
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.published import find_unpublished, unpublish_rows
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.catalogs import header, memory_root
from media_assets_tests.clouds.photos import content, keys
from media_assets_tests.clouds.test_publishing import NOW
from media_assets_tests.photos import save_photo
from media_assets_tests.steps import made, run_step
from media_assets_tests.stored import put_file


def ran(place: Path, *photos: Path, publish: str = "{row_stem}.jpg", force: bool = False) -> int:
    """Inserts photos into a table without partitions, and returns how many copies it made."""
    table = MediaTable("photos", partitions=None)

    @table.computed_column(destination=f"{place}/", code_version="1", publish=f"web/{publish}")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    installation = MediaIOManager().installation
    found = find_named([str(photo) for photo in photos], installation.reader)
    record(installation, table, found, is_named=True)
    return made(run_step(table, "_", force=force))


def stored() -> StoredTable:
    return StoredTable(MediaIOManager().installation.catalog, "photos")


def delete(row: str, *tables: str) -> None:
    delete_rows(stored(), "source_image", [row])
    derived = [StoredTable(stored().root, f"photos/{name}") for name in tables]
    unpublish_rows(stored(), Storage(), [row], derived=derived)


def published(place: Path) -> list[str]:
    return keys(f"{place}/web/")


def test_a_row_that_was_refused_a_name_takes_no_file_with_it(home: Path, tmp_path: Path) -> None:
    anothers = tmp_path / "web/a.jpg"
    anothers.parent.mkdir()
    anothers.write_bytes(b"another's")
    with pytest.raises(PublishError):
        ran(tmp_path, save_photo(tmp_path / "in/a.jpg", 1))

    delete("a.jpg")
    ran(tmp_path, save_photo(tmp_path / "in/b.jpg", 2))
    with pytest.raises(PublishError):
        ran(tmp_path, save_photo(tmp_path / "in/b.png", 3))
    delete("b.png")

    assert anothers.read_bytes() == b"another's"
    assert published(tmp_path) == ["a.jpg", "b.jpg"]


def test_a_deleted_row_that_comes_back_is_published_again(home: Path, tmp_path: Path) -> None:
    photos = [save_photo(tmp_path / f"in/{name}.jpg", n) for n, name in enumerate("ab")]
    ran(tmp_path, *photos)
    delete("a.jpg")
    assert published(tmp_path) == ["b.jpg"]

    ran(tmp_path, photos[0])

    assert published(tmp_path) == ["a.jpg", "b.jpg"]


def test_copies_of_parts_go_with_the_row_that_they_are_of_and_no_sooner(
    home: Path, tmp_path: Path
) -> None:
    photos = MediaTable("photos", partitions=None)
    tiles = photos.derived_table("tiles", ma.split.tiles((64, 64)))

    @tiles.computed_column(name="names", destination=f"{tmp_path}/", publish="web/{row}.jpg")
    def shown(tile: Image.Image) -> Image.Image:
        return tile

    installation = MediaIOManager().installation
    files = [str(save_photo(tmp_path / f"in/{name}.jpg")) for name in ("b", "\u00e9")]
    found = find_named(files, installation.reader)
    record(installation, photos, found)
    run_step(photos, "_")
    run_step(tiles, "_")
    copies = [f"{row}.jpg/0000x0000.jpg" for row in ("b", "\u00e9")]

    assert published(tmp_path) == copies
    for one in find_unpublished(stored(), Storage(), since=NOW.since):
        list(collect(stored().root, Storage(), one))
    assert published(tmp_path) == copies
    delete("e\u0301.jpg", "tiles")  # its other form in Unicode
    assert published(tmp_path) == copies[:1]


def test_what_gc_completes_for_a_killed_run_leaves_out_rows_that_are_gone(
    home: Path, tmp_path: Path
) -> None:
    ran(tmp_path, *(save_photo(tmp_path / f"in/{name}.jpg", n) for n, name in enumerate("ab")))
    column = Publications(stored().root, Storage(), "photos", "flipped")
    column.begin("_")  # by a run that was killed
    delete_rows(stored(), "source_image", ["a.jpg"])
    column.remove({name: "a.jpg" for name in _names() if name.endswith("a.jpg")})

    for found in find_unpublished(stored(), Storage(), since=NOW.since):
        list(collect(stored().root, Storage(), found))

    assert column.unfinished() == {}
    assert published(tmp_path) == ["b.jpg"]


def _names() -> list[str]:
    return [cell.published or "" for cell in stored().cells("flipped", "_").values()]


def test_a_copy_that_someone_deleted_is_made_again_by_force(home: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "in/a.jpg")
    ran(tmp_path, photo)
    (tmp_path / "web/a.jpg").unlink()

    ran(tmp_path, photo, force=True)

    assert published(tmp_path) == ["a.jpg"]


def test_a_name_that_no_file_can_have_is_reported_with_its_row(home: Path, tmp_path: Path) -> None:
    photo, other = save_photo(tmp_path / "in/a.jpg", 1), save_photo(tmp_path / "in/b.jpg", 2)
    too_long = "{row_stem}" * 150 + "{row_stem}.jpg"

    (tmp_path / "web/b.jpg").mkdir(parents=True)
    with pytest.raises(PublishError, match=r"row 'b.jpg': .*/web/b.jpg is another file"):
        ran(tmp_path, photo, other)
    with pytest.raises(PublishError, match=r"row 'a.jpg': .* too long for this file system"):
        ran(tmp_path, publish=too_long * 2)

    assert Publications(stored().root, Storage(), "photos", "flipped").claims() == {}


def test_a_name_that_was_given_up_is_removed_only_while_its_row_has_it(
    home: Path, tmp_path: Path
) -> None:
    root, place = CatalogRoot.open(str(tmp_path / "catalog")), f"{tmp_path}/out/"
    name = parse_destination(place).fileurl(parse_destination(place).key("web/a.jpg"))
    column = Publications(root, Storage(), "photos", "flipped")

    def commit(row: str, partition: str, named: str, base: Manifest | None = None) -> Manifest:
        file = put_file(root, place, row, f"{row} {named}", column="flipped", partition=partition)
        cell = replace(file, published=named, format="JPEG")
        at = header("flipped", partition)
        return commit_manifest(
            root.ledger("photos", "flipped", partition), at, {row: cell}, base=base
        )

    first = commit("a", "one", name)
    column.publish(first)
    second = commit("a", "one", name.replace("a.jpg", "b.jpg"), first)
    column.publish(second, first)
    column.publish(commit("other", "two", name))

    column.publish(second, first)  # by a run that had begun as early as the one before

    assert content(name) == f"other {name}".encode()


def test_of_two_columns_that_claim_a_name_at_one_moment_not_both_have_it(
    root: CatalogRoot, tmp_path: Path
) -> None:
    name = f"file://{tmp_path}/web/a.jpg"
    claimed = Publications(root, Storage(), "photos", "small")
    killed = root.destination.key("_published/photos/small/names", digest_of(name))
    root.store.put(killed, b'{"row": "a", "fileurl": "x"}')  # and not copied yet

    one = replace(put_file(root, f"{tmp_path}/", "b", "2"), published=name)
    ledger = root.ledger("photos", "flipped", "p1")
    manifest = commit_manifest(ledger, header("flipped"), {"b": one}, base=None)
    publications = Publications(root, Storage(), "photos", "flipped")
    with pytest.raises(PublishError, match="is for row 'a' of photos/small"):
        publications.publish(manifest)

    assert keys(f"{tmp_path}/web/") == []
    assert [*claimed.claims()] == [digest_of(name)]
    assert not publications.claims(), "the other one may go on"


class _CountingStore(MemoryStore):
    """Keeps what is asked about claims of other columns than `flipped`."""

    def __init__(self) -> None:
        super().__init__(uuid4().hex)
        self.asked: list[str] = []

    def get(self, key: str) -> bytes:
        self._note(key)
        return super().get(key)

    def list(self, prefix: str = "", *, start_after: str = "") -> Iterator[StoredFile]:
        self._note(prefix)
        return super().list(prefix, start_after=start_after)

    def _note(self, key: str) -> None:
        if "/names/" in key and "/flipped/" not in key:
            self.asked.append(key)


@pytest.mark.parametrize(("new", "claims", "asked"), [(1, 1, 1), (30, 5, 1), (30, 3_000, 31)])
def test_new_names_ask_another_column_once_unless_it_has_very_many(
    tmp_path: Path, new: int, claims: int, asked: int
) -> None:
    store = _CountingStore()
    root = CatalogRoot(store, memory_root().destination)
    for n in range(claims):
        store.put(root.destination.key("_published/photos/small/names", digest_of(f"{n}")), b"")
    place = parse_destination(f"{tmp_path}/")
    cells = {
        f"{n}": replace(
            put_file(root, place.uri, f"{n}", f"{n}"),
            published=place.fileurl(place.key(f"{n}.jpg")),
        )
        for n in range(new)
    }
    ledger = root.ledger("photos", "flipped", "p1")
    manifest = commit_manifest(ledger, header("flipped"), cells, base=None)

    Publications(root, Storage(), "photos", "flipped").publish(manifest)

    assert len(store.asked) == asked
    assert len(keys(f"{tmp_path}/")) == 2 * new
