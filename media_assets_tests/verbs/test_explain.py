"""Where a file came from."""

import json
import os
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

import media_assets as ma
from media_assets.build import build_defs
from media_assets.errors import FileurlError, StoreFaultError, UnknownFileError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.row_values import update_values
from media_assets.tables.table import MediaTable
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.stored_table import StoredTable
from media_assets.urls import presigned_url
from media_assets.verbs.explain import explain_file
from media_assets.verbs.explained import Code, Facts
from media_assets_tests.catalogs import commit, image
from media_assets_tests.photos import picture, save_photo, save_photos
from media_assets_tests.runs import insert, manifest
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import run_step


def photos_table(version: str = "1", destination: str | None = None) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column(code_version=version, destination=destination)
    def flipped(source_image: ma.Image) -> ma.Image:
        return ma.transforms.flip(source_image) if version == "1" else source_image.rotate(90)

    @table.computed_column(code_version="1")
    def width(flipped: ma.Image) -> int:
        return flipped.width

    return table


@pytest.fixture
def table(home: Path) -> MediaTable:
    table = photos_table()
    build_defs([table])
    return table


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    return save_photos(tmp_path / "up", 2)[0].parent


def made(table: MediaTable, uploads: Path) -> str:
    """Inserts the uploads and makes all columns; returns their partition."""
    (partition,) = insert(table, uploads)
    run_step(table, partition)
    return partition


def file_of(partition: str, column: str = "flipped", row: str = "photo-000.jpg") -> Path:
    """The file of a cell as it is now."""
    found = manifest(photos_table(), column, partition)
    assert found is not None
    return Path((found.records[row].fileurl or "").removeprefix("file://"))


def explained(file: str | Path) -> Facts:
    (cell,) = ma.explain(file).cells
    return cell


def test_a_file_is_explained_with_everything_that_led_to_it(
    table: MediaTable, uploads: Path
) -> None:
    partition = made(table, uploads)
    path = file_of(partition)

    told = explained(path)

    assert (told["table"], told["column"], told["row"]) == ("photos", "flipped", "photo-000.jpg")
    assert (told["partition"], told["state"], told["run_id"]) == (partition, "current", "a-run")
    assert told["upload"]["address"] == (uploads / "photo-000.jpg").as_uri()
    assert told["upload"]["version"]
    assert told["inputs"]["source_image"]["fileurl"] == (uploads / "photo-000.jpg").as_uri()
    assert told["function"].partition(":")[0].endswith("flipped (test_explain.py")
    assert (told["code_version"], told["code_version_now"]) == ("1", "1")
    assert told["decided_by"] == "local storage"
    assert path.as_uri().startswith(told["destination"])
    assert told["size_bytes"] == path.stat().st_size
    assert told["read_by"] == ["width"]
    assert told["written_at"] is not None


def test_a_file_is_found_by_any_text_that_leads_to_it(
    table: MediaTable, uploads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(made(table, uploads))
    (tmp_path / "link").symlink_to(path.parent)
    monkeypatch.chdir(path.parent)

    ways = [path, str(path), path.name, f"./x/../{path.name}", path.as_uri()]
    ways += [path.as_uri().replace("flipped", "%66lipped"), tmp_path / "link" / path.name]

    assert {explained(way)["row"] for way in ways} == {"photo-000.jpg"}


def test_an_upload_is_explained_as_an_upload(table: MediaTable, uploads: Path) -> None:
    insert(table, uploads)
    before = explained(uploads / "photo-001.jpg")

    made(photos_table(), uploads)
    after = explained(uploads / "photo-001.jpg")

    assert (before["row"], before["column"], before["run_id"]) == ("photo-001.jpg", None, None)
    assert (after["column"], after["run_id"], after["read_by"]) == (
        "source_image",
        "a-run",
        ["flipped"],
    )
    assert "destination   none: the upload stays in place" in str(
        ma.explain(uploads / "photo-001.jpg")
    )


def test_a_replaced_file_says_by_what(table: MediaTable, uploads: Path) -> None:
    partition = made(table, uploads)
    first = file_of(partition)
    run_step(photos_table("2"), partition)
    of_other_code = explained(first)
    source = (uploads / "photo-000.jpg").stat()
    save_photo(uploads / "photo-000.jpg", seed=7)
    os.utime(uploads / "photo-000.jpg", ns=(source.st_atime_ns, source.st_mtime_ns + 10**9))
    made(photos_table("2"), uploads)

    of_other_upload = explained(first)

    assert of_other_code["state"] == "replaced"
    assert of_other_code["upload_now"] is None
    assert of_other_code["code_version"] == "1"
    now = of_other_upload["successor"]["fileurl"]
    assert explained(now)["state"] == "current"
    assert now != of_other_code["successor"]["fileurl"]
    assert of_other_upload["upload_now"]["version"] != of_other_upload["upload"]["version"]
    assert f"by {now}" in str(ma.explain(first))


def test_a_file_of_a_deleted_row_says_so_and_which_row_it_was(
    table: MediaTable, uploads: Path
) -> None:
    partition = made(table, uploads)
    path = file_of(partition)
    delete_rows(StoredTable(MediaIOManager().installation.catalog, "photos"), "source_image",
                ["photo-000.jpg"])  # fmt: skip
    run_step(table, partition)  # its manifest has the row no more

    of_file, of_upload = explained(path), explained(uploads / "photo-000.jpg")

    for told in (of_file, of_upload):
        assert (told["row"], told["state"]) == ("photo-000.jpg", "row deleted")
        assert told["ended_at"] is not None
        assert told["successor"] is None
        assert told["upload"]["recorded_at"] < told["ended_at"]
    assert of_file["inputs"]["source_image"]["fileurl"] == (uploads / "photo-000.jpg").as_uri()
    assert "no longer in the table: its row was deleted at" in str(ma.explain(path))


def test_an_earlier_address_of_an_upload_says_where_it_is_now(
    table: MediaTable, uploads: Path, tmp_path: Path
) -> None:
    made(table, uploads)
    moved = uploads.rename(tmp_path / "elsewhere")
    made(table, moved)

    told = ma.explain(uploads / "photo-000.jpg")

    assert told.cells[0]["state"] == "moved"
    assert f"the same content is at {(moved / 'photo-000.jpg').as_uri()}" in str(told)
    assert explained(moved / "photo-000.jpg")["state"] == "current"


def test_each_file_says_who_decided_its_own_destination(
    table: MediaTable, uploads: Path, tmp_path: Path
) -> None:
    partition = made(table, uploads)
    first = file_of(partition)
    run_step(table, partition, manager=MediaIOManager(output_media_dest=str(tmp_path / "code")))
    second = file_of(partition)
    run_step(photos_table(destination=str(tmp_path / "own")), partition)
    third = file_of(partition)

    told = [explained(path)["decided_by"] for path in (first, second, third)]

    assert told == ["local storage", "code", "column"]


def test_a_later_run_that_keeps_a_file_does_not_change_who_decided(
    table: MediaTable, uploads: Path
) -> None:
    partition = made(table, uploads)
    found = manifest(table, "flipped", partition)
    assert found is not None
    later = replace(found.header, run_id="later", decided_by="code", destination="file:///later/")
    commit(MediaIOManager().installation.catalog, later, [image("b", "file:///later/b.jpg")])

    told = explained(file_of(partition))

    assert (told["run_id"], told["decided_by"]) == ("a-run", "local storage")


def test_all_rows_with_equal_files_are_named(table: MediaTable, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        save_photo(tmp_path / "up" / folder / "same.jpg", seed=3)
    partition = made(table, tmp_path / "up")

    told = ma.explain(file_of(partition, row="a/same.jpg"))

    assert [cell["row"] for cell in told.cells] == ["a/same.jpg", "b/same.jpg"]
    assert str(told).count("  row  ") == 2


def test_an_upload_of_another_tables_file_is_reported_on_both_sides(
    table: MediaTable, uploads: Path
) -> None:
    path = file_of(made(table, uploads))
    posters = MediaTable("posters")
    build_defs([posters])
    insert(posters, path)

    assert explained(path)["uploaded_to"] == [f"posters/{path.name}"]
    assert f"upload posters/{path.name}" in str(ma.explain(path))


def test_assets_that_read_a_column_are_named(table: MediaTable, uploads: Path) -> None:
    @dg.asset(deps=[dg.AssetKey(["photos", "flipped"])])
    def report() -> None: ...

    path = file_of(made(table, uploads))
    defs = dg.Definitions.merge(build_defs([table]), dg.Definitions(assets=[report]))

    known, unknown = ma.explain(path, defs=defs), ma.explain(path)

    assert str(known).endswith("read by       column width, asset report")
    assert "not known without the definitions" in str(unknown)


def test_only_the_manifests_that_the_path_names_are_read(
    table: MediaTable, uploads: Path, home: Path, tmp_path: Path
) -> None:
    path = file_of(made(table, uploads))
    other = MediaTable("others")

    @other.computed_column(code_version="1")
    def flipped(source_image: ma.Image) -> ma.Image:
        return source_image

    made(other, save_photo(tmp_path / "other" / "x.jpg"))
    damaged = [*home.glob("media/catalog/others/flipped/*/*.parquet")]
    for one in damaged:
        one.write_bytes(b"damaged")

    assert damaged
    assert explained(path)["column"] == "flipped"


def test_a_foreign_file_is_an_error_that_names_the_catalog(
    table: MediaTable, uploads: Path, tmp_path: Path
) -> None:
    made(table, uploads)

    with pytest.raises(
        UnknownFileError, match=r"elsewhere\.jpg is not a file of the catalog.*photos"
    ):
        ma.explain(save_photo(tmp_path / "elsewhere.jpg", seed=99))
    with pytest.raises(UnknownFileError, match=r"s3://bucket/a\.jpg"):
        ma.explain("s3://bucket/a.jpg")
    with pytest.raises(UnknownFileError, match=r"https://\*\*\*@host/a\.jpg\?\*\*\* is not"):
        ma.explain("https://me:secret@host/a.jpg?token=hidden")
    with pytest.raises(UnknownFileError, match="It is a folder: name one of its files"):
        ma.explain(uploads)
    with pytest.raises(FileurlError, match="ftp"):
        ma.explain("ftp://host/a.jpg")


def test_copies_and_leftovers_are_distinguished_from_foreign_files(
    table: MediaTable, uploads: Path, tmp_path: Path
) -> None:
    path = file_of(made(table, uploads))
    renamed, moved = tmp_path / "mine.jpg", tmp_path / "x" / path.relative_to(path.parents[3])
    left = path.with_name(f"photo-000-{'0' * 16}.jpg")
    for copy in (renamed, moved, left):
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes() if copy != left else b"half")

    with pytest.raises(
        UnknownFileError, match=f"same content in row 'photo-000.jpg', at {path.as_uri()}"
    ):
        ma.explain(renamed)
    with pytest.raises(UnknownFileError, match=f"A file of this name is at {path.as_uri()}"):
        ma.explain(moved)
    with pytest.raises(
        UnknownFileError, match=r"photos/flipped, row 'photo-000\.jpg': it may be left from a run"
    ):
        ma.explain(left)


def test_values_that_a_file_was_made_from_are_reported_as_they_were_then(
    home: Path, uploads: Path
) -> None:
    table = MediaTable("photos", values={"label": str | None})

    @table.computed_column(code_version="1")
    def width(source_image: ma.Image) -> int:
        return source_image.width

    @table.computed_column(code_version="1")
    def flipped(source_image: ma.Image, width: int, label: str | None) -> ma.Image:
        return ma.transforms.border(source_image, 2, color="red" if label else "blue")

    (partition,) = insert(table, uploads)
    rows, files = ("photo-000.jpg", "photo-001.jpg"), list[Path]()
    for label in ("cat", None):
        update_values(MediaIOManager().installation, table, {row: {"label": label} for row in rows})
        run_step(table, partition)
        files.append(file_of(partition))

    then, now = map(explained, files)

    assert {name: one["value"] for name, one in then["inputs"].items()} == {
        "source_image": None,
        "width": 48,
        "label": "cat",
    }
    assert now["inputs"]["label"] == {"fileurl": None, "value": None, "is_known": True}
    assert "input         label: null" in str(ma.explain(file_of(partition)))


def test_a_file_of_an_asset_outside_tables_is_explained(
    home: Path, instance: dg.DagsterInstance
) -> None:
    @dg.asset(io_manager_key="media_io_manager")
    def poster() -> ma.Image:
        return picture()

    dg.materialize([poster], instance=instance, resources={"media_io_manager": MediaIOManager()})
    (path,) = home.glob("media/files/poster/image/*/*")

    told = explained(path)

    assert (told["table"], told["column"], told["row"]) == ("poster", "image", "poster")
    assert told["upload"] is None


def test_files_on_s3_are_found_by_fileurl_and_by_presigned_url(
    home: Path, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"explain-{uuid4().hex}")
    table = photos_table(destination=f"s3://{bucket}/out/")
    partition = made(table, save_photo(tmp_path / "up" / "a b.jpg"))
    found = manifest(table, "flipped", partition)
    assert found is not None
    fileurl = found.records["a b.jpg"].fileurl or ""
    before = len(s3_environment.requests(bucket))

    by_fileurl = ma.explain(fileurl)
    by_presigned = ma.explain(url := presigned_url(fileurl, 3600))

    assert len(s3_environment.requests(bucket)) == before, "the file itself is not asked for"
    for told in (by_fileurl, by_presigned):
        (cell,) = told.cells
        assert (cell["row"], cell["decided_by"]) == ("a b.jpg", "column")
        assert "Signature" not in f"{told}{told._repr_html_()}{json.dumps(told.cells, default=str)}"
    assert "Signature" in url


def test_of_a_catalog_on_s3_few_manifests_are_read(
    home: Path, s3_environment: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_environment.make_bucket(f"explain-{uuid4().hex}")
    monkeypatch.setenv("MEDIA_ASSETS_CATALOG", f"s3://{bucket}/catalog/")
    monkeypatch.setenv("MEDIA_ASSETS_CACHE_BYTES", "0")
    table = MediaTable("photos", rows_per_partition=1)

    @table.computed_column(code_version="1")
    def flipped(source_image: ma.Image) -> ma.Image:
        return ma.transforms.flip(source_image)

    partitions = insert(table, *save_photos(tmp_path / "up", 4))
    for partition in partitions:
        run_step(table, partition)
    path = file_of(partitions[0])
    before = len(s3_environment.requests(bucket))

    # Other tables of this process, such as those of other tests, would be asked, too.
    installation = MediaIOManager().installation
    (told,) = explain_file(installation, path, lambda: Code({table.name: table})).cells

    asked = s3_environment.requests(bucket)[before:]
    read = [line for line in asked if line.startswith("GET ") and ".parquet" in line]
    assert told["row"] == "photo-000.jpg"
    assert len([line for line in read if "/flipped/" in line]) <= 2, "its own, and a header"
    assert not [line for line in read for key in partitions[1:3] if f"/{key}/" in line]
    assert len(asked) < 25, asked


def test_a_refused_key_of_the_catalog_is_an_error_without_the_key(
    home: Path, s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_environment.make_bucket(f"explain-{uuid4().hex}")
    monkeypatch.setenv("MEDIA_ASSETS_CATALOG", f"s3://{bucket}/catalog/")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "an-expired-secret")

    with pytest.raises(StoreFaultError, match="wrong or has expired") as raised:
        ma.explain("/x/photos/flipped/p1/a-0123456789abcdef.jpg")

    assert "an-expired-secret" not in str(raised.value)


def test_a_published_copy_leads_to_its_cell_by_path_and_by_public_url(
    home: Path, uploads: Path, tmp_path: Path
) -> None:
    place = f"{tmp_path}/out/"
    table = MediaTable("photos")
    sizes = table.derived_table(
        "sizes",
        ma.split.renditions(widths=(16,), formats=["png"]),
        destination=place,
        publish="web/{parent_stem}-{width}.{format}",
    )
    manager = MediaIOManager(public_urls={place: "https://cdn.example.com/"})
    partition = made(table, uploads)
    run_step(sizes, partition)
    urls = [f"{place}web/photo-000-16.png", "https://cdn.example.com/web/photo-000-16.png?v=2"]

    code = Code({sizes.name: sizes})
    explained = [explain_file(manager.installation, url, lambda: code) for url in urls]

    for one in explained:
        assert one.published_as == Path(urls[0]).as_uri()
        assert one.cells[0]["row"] == "photo-000.jpg/00016.png"
        assert Path(urls[0]).read_bytes() == Path(one.file.removeprefix("file://")).read_bytes()
        assert "published as" in str(one)
        assert one.cells[0]["upload"]["address"] == (uploads / "photo-000.jpg").as_uri()
        assert (
            one.cells[0]["inputs"]["source_image"]["fileurl"] == one.cells[0]["upload"]["address"]
        )
        assert not one.cells[0]["is_source"]
        assert "renditions 16 pixels wide, never enlarged, as PNG, code version" in str(one)
    delete_rows(
        StoredTable(manager.installation.catalog, "photos"), "source_image", ["photo-000.jpg"]
    )
    (gone,) = explain_file(manager.installation, urls[0], lambda: Code({})).cells
    assert gone["state"] == "row deleted"
    with pytest.raises(UnknownFileError):
        explain_file(manager.installation, f"{place}web/other.png", lambda: Code({}))
