"""Published copies: readable addresses that stay the same while files change under them."""

from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

import media_assets as ma
from media_assets.destinations import parse_destination
from media_assets.errors import DeclarationError, PublishError
from media_assets.io_manager import MediaIOManager
from media_assets.records.publications import Publications
from media_assets.split import renditions, tiles as tiles_of
from media_assets.stores import Storage
from media_assets.tables.row_values import update_values
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.upkeep.collection import collect
from media_assets.upkeep.deletions import delete_rows
from media_assets.upkeep.dropping import Drop
from media_assets.upkeep.published import find_unpublished, unpublish_rows
from media_assets.upkeep.retention import Retention
from media_assets.upkeep.verification import SAMPLED, Trouble, verify
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.stored_table import StoredTable
from media_assets_tests.clouds.photos import content, keys, methods
from media_assets_tests.photos import save_photo
from media_assets_tests.rows_of_data import insert_rows
from media_assets_tests.runs import catalog
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import made, run_step

NOW = Retention(grace=timedelta(), keep=1)


def publishing(
    destination: str, publish: str | None = "web/{row_stem}.jpg", *, version: str = "1"
) -> MediaTable:
    table = MediaTable("photos", values={"label": str | None})

    @table.computed_column(destination=destination, code_version=version, publish=publish)
    def flipped(source_image: Image.Image) -> Image.Image:
        turn = Image.Transpose.ROTATE_180 if version == "2" else Image.Transpose.FLIP_LEFT_RIGHT
        return source_image.transpose(turn)

    return table


def insert(table: MediaTable, *photos: Path) -> str:
    manager = MediaIOManager()
    found = find_named([str(photo) for photo in photos], manager.installation.reader)
    record(manager.installation, table, found)
    (partition,) = {
        str(name) for name in catalog().sql("select partition from photos")["partition"]
    }
    return partition


def ran(table: MediaTable, *photos: Path, moves: bool = True) -> int:
    """Inserts photos and makes their partition; returns how many cells were computed."""
    return made(run_step(table, insert(table, *photos), moves=moves))


def stored() -> StoredTable:
    return StoredTable(MediaIOManager().installation.catalog, "photos")


def published(destination: str) -> list[str]:
    return keys(f"{destination}web/")


def collected() -> list[str]:
    """Collects what is published and has no row, and completes what is not published."""
    root, storage = stored().root, MediaIOManager().installation.storage
    found = list(find_unpublished(stored(), storage, since=NOW.since))
    return [g.located.fileurl for one in found for g in collect(root, storage, one)]


@pytest.fixture(params=["file", "s3", "gcs", "azure"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"{tmp_path}/out/"
    name = f"published-{uuid4().hex}"
    server: Any = request.getfixturevalue(f"{request.param}_environment")
    is_azure = isinstance(server, AzureServer)
    makes = server.make_container if is_azure else server.make_bucket
    scheme = {"s3": "s3", "gcs": "gs", "azure": "az"}[request.param]
    return f"{scheme}://{makes(name)}/"


def test_a_published_name_stays_and_its_file_changes_until_its_row_goes(
    home: Path, place: str, tmp_path: Path
) -> None:
    photos = [
        save_photo(tmp_path / "in" / name, seed) for seed, name in enumerate(["A.jpg", "b.jpg"])
    ]
    root = parse_destination(place)

    ran(publishing(place), *photos)
    files = catalog().sql("""
        select row, fileurl, published from media_assets.files where "column" = 'flipped'
    """)
    assert published(place) == ["a.jpg", "b.jpg"]
    for fileurl, name in zip(files["fileurl"], files["published"], strict=True):
        assert content(name) == content(fileurl)
    first = content(root.fileurl(root.key("web/a.jpg")))

    ran(publishing(place, version="2"), *photos)
    assert content(root.fileurl(root.key("web/a.jpg"))) != first

    delete_rows(stored(), "source_image", ["A.jpg"])
    unpublish_rows(stored(), Storage(), ["A.jpg"])
    assert published(place) == ["b.jpg"]

    list(Drop(stored().root, Storage(), "photos", ["flipped"]).run())
    assert keys(place) == []


def test_a_run_that_makes_nothing_publishes_nothing_and_other_columns_pay_nothing(
    home: Path, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"published-{uuid4().hex}")
    photo = save_photo(tmp_path / "a.jpg")

    def asked(publish: str | None, version: str) -> list[str]:
        before = len(s3_environment.requests(bucket))
        ran(publishing(f"s3://{bucket}/", publish, version=version), photo)
        return methods(s3_environment.requests(bucket)[before:])

    assert asked("web/{row_stem}.jpg", "1") == ["PUT", "GET", "POST", "PUT", "HEAD", "PUT"]
    assert asked("web/{row_stem}.jpg", "1") == []
    assert asked("web/{row_stem}.jpg", "2") == ["PUT", "PUT"], "the file, and its copy"
    assert asked(None, "2") == ["POST"], "the copy is deleted"
    assert asked(None, "1") == ["PUT"]


def test_another_template_makes_no_cell_stale_and_a_materialization_applies_it(
    home: Path, tmp_path: Path
) -> None:
    photo, place = save_photo(tmp_path / "in/a.jpg"), f"{tmp_path}/out/"
    ran(publishing(place), photo)

    assert ran(publishing(place, "web/{row_stem}-{width}.{format}"), photo, moves=False) == 0
    assert published(place) == ["a.jpg"]
    assert ran(publishing(place, "web/{row_stem}-{width}.{format}"), photo) == 0
    with Image.open(photo) as image:
        assert published(place) == [f"a-{image.width}.jpg"]


def test_two_rows_of_one_name_publish_nothing_and_lose_nothing(home: Path, tmp_path: Path) -> None:
    place = f"{tmp_path}/out/"
    first = save_photo(tmp_path / "in/a.jpg", 1)
    ran(publishing(place), first)
    folder = tmp_path / "in"
    photos = [save_photo(folder / "a.png", 2), save_photo(folder / "c.jpg", 3)]

    for _ in range(2):  # again, although nothing is made any more
        with pytest.raises(PublishError, match=r"rows 'a.jpg' and 'a.png': file://.*/web/a.jpg"):
            ran(publishing(place), first, *photos)

    assert published(place) == ["a.jpg"]
    assert len(catalog().table("photos")["flipped"].dropna()) == 3
    delete_rows(stored(), "source_image", ["a.png"])
    unpublish_rows(stored(), Storage(), ["a.png"])
    assert ran(publishing(place)) == 0
    assert published(place) == ["a.jpg", "c.jpg"]


def test_a_name_that_is_anothers_file_is_never_taken(
    home: Path, place: str, tmp_path: Path
) -> None:
    store = Storage().open(parse_destination(place))
    key = parse_destination(place).key("web/a.jpg")
    store.put(key, b"another's")

    with pytest.raises(PublishError, match=r"row 'a\.jpg': .*web/a\.jpg is another file"):
        ran(publishing(place), save_photo(tmp_path / "in/a.jpg"))

    assert store.get(key) == b"another's"
    collected()
    list(Drop(stored().root, Storage(), "photos", None).run())
    assert store.get(key) == b"another's"


@pytest.mark.parametrize("by", ["the next run", "gc"])
@pytest.mark.parametrize("ended", ["before a claim", "after a claim"])
def test_what_a_killed_run_did_not_publish_is_completed(
    home: Path, tmp_path: Path, by: str, ended: str
) -> None:
    place = f"{tmp_path}/out/"
    photo = save_photo(tmp_path / "in/a.jpg")
    ran(publishing(place), photo)
    root = stored().root
    column = Publications(root, Storage(), "photos", "flipped")
    partition = insert(publishing(place))
    # As a run leaves it that was killed right after its commit.
    column.begin(partition)
    Path(f"{place}web/a.jpg").unlink()
    if ended == "before a claim":
        root.store.delete(file.key for file in column.claims().values())

    if by == "gc":
        collected()
    else:
        assert ran(publishing(place), photo) == 0

    assert published(place) == ["a.jpg"]
    assert column.unfinished() == {}


def test_gc_removes_names_that_no_row_has_any_more(home: Path, place: str, tmp_path: Path) -> None:
    photos = [
        save_photo(tmp_path / "in" / name, seed) for seed, name in enumerate(["a.jpg", "b.jpg"])
    ]
    ran(publishing(place), *photos)
    delete_rows(stored(), "source_image", ["a.jpg"])  # and killed before its copy was deleted
    assert published(place) == ["a.jpg", "b.jpg"]

    gone = collected()

    assert gone[0].endswith("web/a.jpg")
    assert published(place) == ["b.jpg"]
    assert collected() == []


def test_verify_knows_of_published_copies(home: Path, tmp_path: Path) -> None:
    place, table = f"{tmp_path}/out/", publishing(f"{tmp_path}/out/")
    ran(table, save_photo(tmp_path / "in/a.jpg"))
    reader, partition = MediaIOManager().installation.reader, insert(table)

    def problems(sample: float = SAMPLED) -> list[tuple[str, Trouble]]:
        (found,) = verify(stored(), reader, ["flipped"], [partition], sample=sample)
        return [(problem.fileurl, problem.trouble) for problem in found.problems]

    copy = Path(f"{place}web/a.jpg")
    assert problems(inf) == []
    copy.write_bytes(bytes(copy.stat().st_size))
    assert problems(inf) == [(copy.as_uri(), Trouble.NOT_PUBLISHED)], "of the same size"
    copy.write_bytes(b"changed")
    assert problems() == [(copy.as_uri(), Trouble.NOT_PUBLISHED)]


def test_a_row_without_the_value_in_its_name_is_reported(home: Path, tmp_path: Path) -> None:
    table = publishing(f"{tmp_path}/out/", "web/{label}.jpg")

    with pytest.raises(PublishError, match=r"row 'a\.jpg': no name can be made of it"):
        ran(table, save_photo(tmp_path / "in/a.jpg"))

    assert len(catalog().table("photos")["flipped"].dropna()) == 1


def test_parts_are_published_by_names_of_their_parent_and_go_at_once_with_it(
    home: Path, tmp_path: Path
) -> None:
    photos = ma.MediaTable("photos", values={"sku": str})
    sizes = photos.derived_table(
        "sizes",
        renditions(widths=(8, 16), formats=["png"]),
        destination=f"{tmp_path}/out/",
        publish="web/{sku}/{parent_stem}-{width}.{format}",
    )
    tiles = sizes.derived_table(
        "tiles", tiles_of(16), destination=f"{tmp_path}/out/", publish="web/{parent}/{x}.png"
    )
    rows = [
        {"source": str(save_photo(tmp_path / name, seed)), "sku": name[0]}
        for seed, name in enumerate(["A.jpg", "b.jpg"])
    ]
    installation = MediaIOManager().installation
    (partition,) = insert_rows(installation, photos, rows).partitions

    def runs() -> list[str]:
        for table in (photos, sizes, tiles):
            assert [
                e for o in run_step(table, partition) for e in o.committed.manifest.errors
            ] == []
        return published(f"{tmp_path}/out/")

    of_b = ["b.jpg/00008.png/0.png", "b.jpg/00016.png/0.png", "b/b-16.png", "b/b-8.png"]
    assert runs() == sorted(
        ["A.jpg/00008.png/0.png", "A.jpg/00016.png/0.png", "A/a-16.png", "A/a-8.png", *of_b]
    )
    update_values(installation, photos, {"A.jpg": {"sku": "new"}})
    assert runs()[2:] == [*of_b, "new/a-16.png", "new/a-8.png"]

    photos.delete("A.jpg")

    assert published(f"{tmp_path}/out/") == of_b


def test_a_template_may_have_the_parent_only_where_there_is_one() -> None:
    with pytest.raises(DeclarationError, match=r"Text with \{row\}, .*\{label\}"):
        publishing("s3://bucket/", "web/{parent_stem}.jpg")
    with pytest.raises(DeclarationError, match=r"\{parent_stem\}, .*\{sku\}"):
        MediaTable("photos", values={"sku": str}).derived_table(
            "tiles", tiles_of(16), publish="web/{row_stem}-{color}.jpg"
        )


@pytest.mark.parametrize(
    ("publish", "text"),
    [
        ("web/{stem}.jpg", "row_stem"),
        ("web/{row_stem", "not a template"),
        ("web/{row_stem!r}.jpg", "not a template"),
        ("web/{width}.jpg", "names no row"),
        ("/web/{row}.jpg", "cannot be a name"),
        ("../{row}.jpg", "cannot be a name"),
    ],
)
def test_a_template_is_checked_when_the_column_is_declared(publish: str, text: str) -> None:
    with pytest.raises(DeclarationError, match=text):
        publishing("s3://bucket/", publish)


def test_two_columns_cannot_publish_under_the_same_names() -> None:
    table = publishing("s3://bucket/")

    with pytest.raises(DeclarationError, match="'flipped' and 'turned'"):

        @table.computed_column(destination="s3://bucket/", publish="web/{row_stem}.jpg")
        def turned(source_image: Image.Image) -> Image.Image:
            return source_image
