"""What an upload is: its address, size and version together, whoever finds it."""

import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.automation.uploads_scan import ScanPosition, ScanResult, UploadsScan
from media_assets.catalog import Catalog
from media_assets.errors import DeclarationError, UploadConflictError, UploadError
from media_assets.io_manager import MediaIOManager
from media_assets.row_names import Naming
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import uploads_listing
from media_assets.upkeep.deletions import delete_rows
from media_assets.uploads.conflicts import ways_out
from media_assets.uploads.folders import find_files
from media_assets.uploads.insert_sources import find_named
from media_assets.uploads.recording import RecordingResult
from media_assets_tests.automation.sensors import Ticker
from media_assets_tests.fetch.site import answer, site
from media_assets_tests.runs import insert, inserted, materialize
from media_assets_tests.steps import cells, made, run_step

Find = Callable[[MediaTable], None]


@pytest.fixture
def photos(home: Path) -> MediaTable:
    del home
    return table_with_shade()


def table_with_shade(**options: object) -> MediaTable:
    table = MediaTable("photos", **options)  # pyright: ignore[reportArgumentType]

    @table.computed_column(code_version="1")
    def shade(source_image: Image.Image) -> int:
        pixel = source_image.getpixel((0, 0))
        assert isinstance(pixel, int)
        return pixel

    return table


def save(path: Path, shade: int, *, at: int = 10**18) -> Path:
    """Saves a picture whose size and time never tell its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), shade).save(path, "BMP")
    os.utime(path, ns=(at, at))
    return path


def by_insert(table: MediaTable) -> None:
    record(MediaIOManager().installation, table, find_files([uploads()]), is_named=True)


def by_scan(table: MediaTable) -> None:
    scanned(table)


def by_sensor(table: MediaTable) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        ticker = Ticker(instance, table)
        for _ in range(3):
            ticker.tick(after=61.0)


EVERY_WAY = pytest.mark.parametrize("find", [by_insert, by_scan, by_sensor])


def scanned(table: MediaTable, *, replaces: bool = False) -> ScanResult:
    manager = MediaIOManager()
    return UploadsScan(manager.installation, table, replaces=replaces).look(
        uploads_listing(manager.installation, table), ScanPosition()
    )


def uploads() -> Path:
    return Path(os.environ["DAGSTER_HOME"]) / "uploads" / "photos"


def run_all(table: MediaTable) -> int:
    """Runs every partition, and returns how many cells were made."""
    stored = UploadsScan(MediaIOManager().installation, table).stored
    return sum(made(run_step(table, partition)) for partition in stored.partitions())


def shown() -> dict[str, tuple[str, int]]:
    rows = Catalog.open().sql("select row, source_image, shade from photos order by row")
    return {row: (uri, shade) for row, uri, shade in rows.itertuples(index=False)}


@EVERY_WAY
def test_other_content_of_the_same_size_and_modification_time_replaces_the_row(
    photos: MediaTable, find: Find
) -> None:
    path = save(uploads() / "a.bmp", 1)
    insert(photos, path)
    run_all(photos)

    save(path, 2)
    find(photos)
    run_all(photos)

    assert shown() == {"a.bmp": (path.as_uri(), 2)}


@EVERY_WAY
def test_an_upload_that_moved_keeps_its_partition_and_its_results(
    photos: MediaTable, find: Find, tmp_path: Path
) -> None:
    before, now = save(tmp_path / "card" / "a.bmp", 1), uploads() / "a.bmp"
    insert(photos, before)
    run_all(photos)
    now.parent.mkdir(parents=True)
    before.rename(now)

    find(photos)

    assert run_all(photos) == 0
    assert shown() == {"a.bmp": (now.as_uri(), 1)}
    assert len(UploadsScan(MediaIOManager().installation, photos).stored.partitions()) == 1


def test_a_column_that_is_added_later_reads_an_upload_where_it_moved_to(
    photos: MediaTable, tmp_path: Path
) -> None:
    before, now = save(tmp_path / "a" / "a.bmp", 1), tmp_path / "b" / "a.bmp"
    (partition,) = insert(photos, before)
    run_all(photos)
    now.parent.mkdir()
    before.rename(now)
    record(MediaIOManager().installation, photos, find_files([now]), is_named=True)

    @photos.computed_column(code_version="1")
    def twice(source_image: Image.Image) -> int:
        pixel = source_image.getpixel((0, 0))
        assert isinstance(pixel, int)
        return 2 * pixel

    outputs = run_step(photos, partition, ("twice",))

    assert cells(outputs)["twice"]["a.bmp"].value == "2"


def test_another_file_of_the_same_name_is_refused_and_both_addresses_are_named(
    photos: MediaTable, tmp_path: Path
) -> None:
    ours, other = save(tmp_path / "a" / "36.bmp", 1), save(tmp_path / "b" / "36.bmp", 2)
    further = save(tmp_path / "b" / "37.bmp", 3)
    insert(photos, ours)
    run_all(photos)

    with pytest.raises(UploadConflictError) as caught:
        record(MediaIOManager().installation, photos, find_files([other, further]), is_named=True)
    refused = shown()
    replaced = record(
        MediaIOManager().installation, photos, find_files([other]), is_named=True, replaces=True
    )
    run_all(photos)

    assert ours.as_uri() in str(caught.value)
    assert other.as_uri() in str(caught.value)
    assert "--replace" in caught.value.fix
    assert refused == {"36.bmp": (ours.as_uri(), 1)}
    assert replaced.replaced == 1
    assert shown() == {"36.bmp": (other.as_uri(), 2)}


def test_a_scan_leaves_another_file_of_a_rows_name_alone_and_names_it(
    photos: MediaTable, tmp_path: Path
) -> None:
    insert(photos, save(tmp_path / "a.bmp", 1))
    run_all(photos)
    other = save(uploads() / "a.bmp", 2)

    look, again = scanned(photos), scanned(photos)
    kept = shown()
    taken = scanned(photos, replaces=True)
    run_all(photos)

    assert [conflict.found for conflict in look.conflicts] == [other.as_uri()]
    assert again.conflicts == look.conflicts
    assert "1 refused, first row 'a.bmp'" in str(look)
    assert kept == {"a.bmp": ((tmp_path / "a.bmp").as_uri(), 1)}
    assert (taken.replaced, taken.conflicts) == (1, [])
    assert shown() == {"a.bmp": (other.as_uri(), 2)}


def test_two_pages_of_one_base_name_and_time_are_two_uploads(
    photos: MediaTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_ALLOW_NETWORKS", "127.0.0.0/8")
    one, other = (save(uploads() / name, shade) for name, shade in (("x", 1), ("y", 2)))
    modified = "Wed, 21 Oct 2015 07:28:00 GMT"

    with (
        site(answer(one.read_bytes(), Last_Modified=modified)) as first,
        site(answer(other.read_bytes(), Last_Modified=modified)) as second,
    ):
        manager = MediaIOManager()
        urls = [running.url("/photo.bmp") for running in (first, second)]
        found = [find_named([url], manager.installation.reader) for url in urls]
        (partition,) = record(manager.installation, photos, found[0], is_named=True).partitions
        run_step(photos, partition)
        with pytest.raises(UploadConflictError):
            record(manager.installation, photos, found[1], is_named=True)

    assert shown() == {"photo.bmp": (urls[0], 1)}


def test_the_newest_signature_of_an_address_is_the_one_that_is_asked(
    photos: MediaTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_ALLOW_NETWORKS", "127.0.0.0/8")
    picture = save(uploads() / "x", 1).read_bytes()
    manager = MediaIOManager()

    with site(answer(picture, ETag='"1"')) as running:
        old, new = (running.url(f"/a.bmp?X-Amz-Signature={n}&versionId=7") for n in (1, 2))
        (partition,) = record(
            manager.installation,
            photos,
            find_named([old], manager.installation.reader),
            is_named=True,
        ).partitions
        run_step(photos, partition)
        recorded = record(
            manager.installation,
            photos,
            find_named([new], manager.installation.reader),
            is_named=True,
        )
        asked = len(running.requests)
        outputs = run_step(photos, partition)

        assert recorded == RecordingResult(unchanged=1, partitions=(partition,))
        assert len(running.requests) == asked
        assert made(outputs) == 0
    assert shown() == {"a.bmp": (new, 1)}


def test_a_gone_upload_keeps_its_row_and_a_deleted_one_stays_deleted_where_it_moved_to(
    photos: MediaTable, tmp_path: Path
) -> None:
    gone, deleted = (save(tmp_path / "a" / name, 1) for name in ("gone.bmp", "deleted.bmp"))
    insert(photos, gone, deleted)
    run_all(photos)
    delete_rows(
        UploadsScan(MediaIOManager().installation, photos).stored, "source_image", ["deleted.bmp"]
    )
    gone.unlink()
    uploads().mkdir(parents=True)
    deleted.rename(uploads() / "deleted.bmp")

    look = scanned(photos)

    assert (look.recorded, look.conflicts) == (0, [])
    assert run_all(photos) == 0
    assert shown() == {"gone.bmp": (gone.as_uri(), 1)}


def test_a_touched_file_is_read_once_and_nothing_is_computed(
    photos: MediaTable, tmp_path: Path
) -> None:
    path = save(uploads() / "a.bmp", 1)
    insert(photos, path)
    run_all(photos)
    os.utime(path, ns=(5, 5))

    looks = [scanned(photos) for _ in range(2)]
    log = UploadsScan(MediaIOManager().installation, photos).stored.log

    assert [look.recorded for look in looks] == [0, 0]
    assert log.refresh().entry == 2
    assert run_all(photos) == 0


def test_a_folder_with_hard_links_may_leave_the_change_time_out(home: Path) -> None:
    photos = table_with_shade(change_time=False)
    path = save(uploads() / "a.bmp", 1)
    insert(photos, path)
    run_all(photos)

    (home / "backup").hardlink_to(path)
    scanned(photos)

    assert UploadsScan(MediaIOManager().installation, photos).stored.refresh().entry == 1


def test_a_row_never_mixes_two_pictures(photos: MediaTable, tmp_path: Path) -> None:
    path = save(tmp_path / "a.bmp", 1)
    (partition,) = insert(photos, path)
    run_all(photos)
    save(path, 2)

    outputs = run_step(photos, partition, ("shade",), force=True)
    insert(photos, path)
    run_all(photos)

    (cell,) = cells(outputs)["shade"].values()
    assert cell.error_class == "InputFailedError"
    assert "changed since it was recorded" in (cell.error_message or "")
    assert shown() == {"a.bmp": (path.as_uri(), 2)}


def test_an_insert_moves_nothing_that_stands(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = MediaTable("photos")

    @table.computed_column(code_version="1")
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", str(tmp_path / "here"))
    partition = inserted(instance, table, save(tmp_path / "a.bmp", 1))
    run_step(table, partition)
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", str(tmp_path / "there"))
    insert(table, save(tmp_path / "b.bmp", 2))
    config = {"ops": {"photos": {"config": {"move": False}}}}

    by_insert = materialize(instance, table, partition, run_config=config)
    stays = fileurls()
    asked = materialize(instance, table, partition)

    assert counts(by_insert, "flipped") == (1, 0, 1)
    assert ["/here/" in url for url in stays] == [True, False]
    assert counts(asked, "flipped") == (0, 1, 1)
    assert ["/there/" in url for url in fileurls()] == [True, True]


def test_a_run_by_a_condition_moves_nothing(
    instance: dg.DagsterInstance, photos: MediaTable, tmp_path: Path
) -> None:
    partition = inserted(instance, photos, save(tmp_path / "a.bmp", 1))
    kept = MediaIOManager(input_media_dest=str(tmp_path / "kept"))
    materialize(instance, photos, partition, manager=kept)
    other = MediaIOManager(input_media_dest=str(tmp_path / "other"))
    tags = {"dagster/from_automation_condition": "true"}

    automated = materialize(instance, photos, partition, manager=other, tags=tags)

    assert counts(automated, "source_image") == (0, 0, 1)


def test_an_upload_that_cannot_be_decoded_waits_until_something_changes(
    photos: MediaTable, tmp_path: Path
) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(b"no picture")
    (partition,) = insert(photos, path)

    first, again = (made(run_step(photos, partition)) for _ in range(2))
    asked = made(run_step(photos, partition, retries_unreadable=True))
    save(path, 1)
    insert(photos, path)

    assert (first, again, asked) == (2, 0, 2)
    assert run_all(photos) == 2
    assert shown() == {"a.bmp": (path.as_uri(), 1)}


def fileurls() -> list[str]:
    return Catalog.open().sql("select flipped from photos order by row")["flipped"].to_list()


def counts(result: dg.ExecuteInProcessResult, column: str) -> tuple[object, ...]:
    """Made, moved and reused cells of a column."""
    (found,) = (
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key and event.asset_key.path[-1] == column
    )
    return tuple(found[f"media_assets/{what}"].value for what in ("made", "moved", "reused"))


def test_names_that_meet_are_told_apart_by_a_rule(photos: MediaTable, tmp_path: Path) -> None:
    given = [str(save(tmp_path / card / "36.bmp", n)) for n, card in enumerate(("a", "b"))]
    manager = MediaIOManager()

    with pytest.raises(UploadError, match=r"--name-by path \(.*, or --name-by url \("):
        find_named(given, manager.installation.reader)
    found = find_named(given, manager.installation.reader, naming=Naming.of("path"))
    record(manager.installation, photos, found, is_named=True)
    run_all(photos)

    assert list(shown()) == sorted(given)


def test_addresses_that_differ_in_their_query_alone_go_in_at_once(
    photos: MediaTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_ALLOW_NETWORKS", "127.0.0.0/8")
    manager = MediaIOManager()

    with site(answer(save(uploads() / "x", 1).read_bytes(), ETag='"1"')) as running:
        urls = [running.url(f"/image?id={n}") for n in (1, 2)]
        found = find_named(urls, manager.installation.reader, naming=Naming.of("url"))

    assert record(manager.installation, photos, found, is_named=True).new == 2
    assert [upload.row for upload in found.uploads] == [url.partition("://")[2] for url in urls]


@pytest.mark.parametrize("find", [by_scan, by_sensor])
def test_a_table_names_what_it_finds_by_its_own_rule(home: Path, find: Find) -> None:
    photos = table_with_shade(name_by="card1/{stem}")
    save(uploads() / "a" / "1.bmp", 1)

    find(photos)
    run_all(photos)

    assert list(shown()) == ["card1/a/1"]


def test_a_rule_without_folders_does_not_go_with_partitions_in_their_names() -> None:
    with pytest.raises(DeclarationError, match="partition_key"):
        MediaTable(
            "days",
            uploads="/data/{partition_key}/",
            partitions=dg.DailyPartitionsDefinition("2026-01-01"),
            name_by="path",
        )


def test_an_upload_beyond_a_limit_is_tried_again_for_limits_are_settings(
    photos: MediaTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.bmp", 1)
    (partition,) = insert(photos, path)
    monkeypatch.setenv("MEDIA_ASSETS_MAX_PIXELS", "15")
    run_step(photos, partition)
    monkeypatch.setenv("MEDIA_ASSETS_MAX_PIXELS", "16")

    run_step(photos, partition)

    assert shown() == {"a.bmp": (path.as_uri(), 1)}


def test_a_table_that_names_rows_by_another_rule_makes_no_second_row_of_a_file(
    photos: MediaTable,
) -> None:
    save(uploads() / "card" / "a.bmp", 1)
    assert scanned(photos).new == 1
    renamed = MediaTable("photos", name_by="stem")
    save(uploads() / "card" / "b.bmp", 2)

    look = scanned(renamed)
    again = scanned(renamed)
    told = " ".join(ways_out(look.conflicts, "photos"))
    stored = UploadsScan(MediaIOManager().installation, photos).stored
    delete_rows(stored, photos.source.name, [look.conflicts[0].recorded])
    freed = scanned(renamed)

    assert (look.new, len(look.conflicts)) == (1, 1)
    assert again.conflicts == look.conflicts
    assert "1 refused, first row 'card/a': its file file:///" in str(look)
    assert "is already row 'card/a.bmp'" in str(look)
    assert "media-assets delete photos card/a.bmp" in told
    assert (freed.new, freed.conflicts) == (1, [])


def test_a_row_whose_file_moved_frees_its_old_address(photos: MediaTable, tmp_path: Path) -> None:
    path = save(tmp_path / "a.bmp", 1)
    insert(photos, path)
    run_all(photos)
    moved = tmp_path / "elsewhere" / "a.bmp"
    moved.parent.mkdir()
    path.rename(moved)
    insert(photos, moved)

    save(path, 2)
    found = find_named([str(path)], MediaIOManager().installation.reader, name="b.bmp")

    assert record(MediaIOManager().installation, photos, found, is_named=True).new == 1


def test_an_upload_that_is_gone_says_how_to_go_on(photos: MediaTable, tmp_path: Path) -> None:
    path = save(tmp_path / "a.bmp", 1)
    insert(photos, path)
    moved = path.rename(tmp_path / "b.bmp")
    run_all(photos)
    error = Catalog(MediaIOManager().installation.catalog).sql(
        "select error_message from media_assets.errors where \"column\" = 'source_image'"
    )["error_message"][0]
    found = find_named([str(moved)], MediaIOManager().installation.reader, name="a.bmp")
    record(MediaIOManager().installation, photos, found, is_named=True)
    run_all(photos)

    assert f"The upload {path.as_uri()} of row 'a.bmp' is gone" in error
    assert "insert it from its new address under this row's name" in error
    assert shown() == {"a.bmp": (moved.as_uri(), 1)}
