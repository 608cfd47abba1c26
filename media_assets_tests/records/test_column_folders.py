"""What the catalog keeps, column by column."""

from media_assets.destinations import parse_destination
from media_assets.records.column_folders import column_folders, list_columns, list_tables
from media_assets.records.known_destinations import NotedDestinations, note_destination
from media_assets.records.ledger import CatalogRoot
from media_assets.records.work_records import WorkRecords
from media_assets_tests.catalogs import commit, header, image, memory_root, record_rows, value


def full_root() -> CatalogRoot:
    """A committed column, one that was never committed, and a table whose name goes on."""
    root = memory_root()
    record_rows(root, "p1", ["a"])
    for n in "12":
        commit(root, header("flipped"), [image("a", f"/{n}.jpg")])
    commit(root, header("flipped", "p2"), [image("b", "/b.jpg")])
    commit(root, header("width", table="team/photos"), [value("a", "1")])
    work = WorkRecords(root, "photos", "gray", "p1")
    work.add(image("a", "/gray.jpg"), run_id="killed")
    work.flush(run_id="killed")
    note_destination(root, "posters", "image", "_", parse_destination("s3://bucket/posters/"))
    return root


def test_tables_are_all_of_which_anything_is_kept() -> None:
    assert list_tables(full_root()) == ["photos", "posters", "team/photos"]
    assert list_tables(memory_root()) == []


def test_columns_are_those_of_the_table_alone_committed_or_not() -> None:
    root = full_root()

    assert list_columns(root, "photos") == ["flipped", "gray"]
    assert list_columns(root, "posters") == ["image"]
    assert list_columns(root, "team/photos") == ["width"]


def test_each_partition_of_a_column_is_a_folder() -> None:
    root = full_root()

    first, second = column_folders(root, "photos", "flipped")
    (gray,) = column_folders(root, "photos", "gray")
    (noted,) = column_folders(root, "posters", "image")

    assert (first.path, list(first.manifests)) == ("photos/flipped/p1/", [1, 2])
    assert (second.path, list(second.manifests)) == ("photos/flipped/p2/", [1])
    assert first.ledger(root).numbers() == [1, 2]
    assert (gray.path, len(gray.work), gray.manifests) == ("photos/gray/p1/", 1, {})
    assert (noted.path, len(noted.notes)) == ("posters/image/_/", 1)


def test_a_folder_of_another_table_does_not_belong_to_a_column() -> None:
    assert column_folders(full_root(), "team", "photos") == []


def test_notes_say_each_destination_once_however_often_it_was_noted() -> None:
    root = memory_root()
    places = [
        parse_destination(text) for text in ("s3://bucket/x/", "/data/Zürich/", "s3://bucket/x/")
    ]
    for place in places:
        note_destination(root, "photos", "flipped", "p1", place)

    (folder,) = column_folders(root, "photos", "flipped")

    assert len(folder.notes) == 2
    assert set(NotedDestinations(root.store).read(folder.notes)) == set(places)
