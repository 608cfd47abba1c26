"""What Pixeltable's media storage does, matched; and where it falls short, bettered.

One test per statement. What takes a cloud server is held by the stores' tests, kills by the step's.
"""

import logging
import re
import threading
from io import BytesIO
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image, ImageCms

from media_assets import transforms
from media_assets.build import build_defs
from media_assets.destinations import parse_destination
from media_assets.errors import DestinationError, ExpiryError, NotSignableError
from media_assets.home import INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.stores import Storage
from media_assets.tables.scanning import record, scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.urls import presigned_url
from media_assets_tests.cli.verbs import Outcome, run as verb
from media_assets_tests.photos import picture, save_photo, save_photos
from media_assets_tests.runs import catalog, globals_of_run, insert, inserted, materialize, shown
from media_assets_tests.steps import cells, made, run_step

LYING = 6
"""The EXIF orientation of a photo that was taken with the camera turned."""


def media_table() -> MediaTable:
    """The table of Pixeltable's page."""
    table = MediaTable("media")

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    @table.computed_column()
    def rotated(source_image: Image.Image) -> Image.Image:
        return source_image.rotate(90)

    @table.computed_column()
    def small(source_image: Image.Image) -> Image.Image:
        return transforms.thumbnail(source_image, (20, 20))

    return table


def saved(image: Image.Image, format_name: str = "JPEG") -> bytes:
    """What plain Pillow writes."""
    file = BytesIO()
    image.save(file, format_name)
    return file.getvalue()


def stored(table: MediaTable, *paths: Path) -> dict[str, dict[str, bytes]]:
    """Inserts files and runs all columns; the bytes of every image, by column and row."""
    (partition,) = insert(table, *paths)
    return {
        column: {row: content(r.fileurl) for row, r in records.items() if r.fileurl}
        for column, records in cells(run_step(table, partition)).items()
    }


def content(fileurl: str) -> bytes:
    store, key = Storage().store_of(fileurl)
    return store.get(key)


def image_of(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as image:
        image.load()
        return image


# Destinations


def test_a_column_wins_over_the_global_and_the_global_over_local_storage(
    instance: dg.DagsterInstance, home: Path, tmp_path: Path
) -> None:
    table = MediaTable("media")
    for name, destination in (("own", str(tmp_path / "own")), ("other", None)):

        @table.computed_column(name=name, destination=destination)
        def flipped(source_image: Image.Image) -> Image.Image:
            return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    def decided(**settings: str) -> dict[str, object]:
        config = globals_of_run(**settings)
        result = materialize(instance, table, partition, run_config=config)
        return {
            name: shown(result, table, name)["media_assets/resolved_destination"]
            for name in ("own", "other")
        }

    partition = inserted(instance, table, save_photo(tmp_path / "in/a.jpg"))
    own, everywhere = (tmp_path / "own").as_uri() + "/", (tmp_path / "global").as_uri() + "/"

    assert decided() == {"own": own, "other": f"{home.as_uri()}/media/files/"}
    assert decided(output_media_dest=str(tmp_path / "global")) == {"own": own, "other": everywhere}


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("s3://bucket/prefix/", "s3"),
        ("gs://bucket/prefix/", "gcs"),
        ("wasbs://container@account.blob.core.windows.net/prefix/", "azure"),
        ("abfs://container@account.dfs.core.windows.net/prefix/", "azure"),
        ("abfss://container@account.dfs.core.windows.net/prefix/", "azure"),
        ("https://account.blob.core.windows.net/container/prefix/", "azure"),
        ("https://account-id.r2.cloudflarestorage.com/bucket/prefix/", "r2"),
        ("https://s3.us-west-004.backblazeb2.com/bucket/prefix/", "b2"),
        ("https://fly.storage.tigris.dev/bucket/prefix/", "tigris"),
        ("https://t3.storage.dev/bucket/prefix/", "tigris"),
    ],
)
def test_every_destination_of_its_page_is_understood(text: str, provider: str) -> None:
    destination = parse_destination(text)

    assert destination.provider == provider
    assert destination.prefix == "prefix/"


@pytest.mark.parametrize(
    "text",
    [
        "https://windows.example.com/container/prefix/",
        "https://blob.core.windows.net.example.com/container/prefix/",
        "https://cloudflarestorage.com.example.com/bucket/",
        "https://my-cloudflare-r2.example.com/bucket/",
    ],
)
def test_a_host_that_only_sounds_like_a_provider_is_none(text: str) -> None:
    try:
        provider = parse_destination(text).provider
    except DestinationError:
        return
    assert provider not in {"azure", "r2", "b2", "tigris"}


@pytest.mark.parametrize("text", ["relative/folder", "./here", "../up", "media"])
def test_relative_destinations_are_refused_before_any_work(home: Path, text: str) -> None:
    table = MediaTable("media")

    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    with pytest.raises(DestinationError, match="relative"):
        table.computed_column(destination=text)(flipped)
    with pytest.raises(DestinationError, match="relative"):
        MediaIOManager(output_media_dest=text).installation.decide(
            "media", media_table().columns[1]
        )


def test_a_secret_in_a_destination_is_refused_and_never_printed() -> None:
    with pytest.raises(DestinationError) as caught:
        parse_destination("s3://AKIAEXAMPLE:verysecretvalue@bucket/prefix/")

    assert "verysecretvalue" not in str(caught.value)


# Where files go


def test_a_local_file_stays_in_place_and_its_path_is_recorded(home: Path, tmp_path: Path) -> None:
    path = save_photo(tmp_path / "in/a.jpg")
    (partition,) = insert(media_table(), path)

    source = cells(run_step(media_table(), partition))["source_image"]

    assert source["a.jpg"].fileurl == path.as_uri()
    assert list((home / "media/files/media").glob("source_image*")) == []


def test_an_input_destination_gets_a_copy(home: Path, tmp_path: Path) -> None:
    path = save_photo(tmp_path / "in/a.jpg")
    (partition,) = insert(media_table(), path)
    manager = MediaIOManager(input_media_dest=str(tmp_path / "kept"))

    source = cells(run_step(media_table(), partition, manager=manager))["source_image"]

    assert (source["a.jpg"].fileurl or "").startswith((tmp_path / "kept").as_uri())
    assert content(source["a.jpg"].fileurl or "") == path.read_bytes()


def test_the_environment_sets_both_globals(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path / "out"))
    monkeypatch.setenv(INPUT_VARIABLE, str(tmp_path / "kept"))

    stored(media_table(), save_photo(tmp_path / "in/a.jpg"))

    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 3
    assert len(list((tmp_path / "kept").rglob("*.jpg"))) == 1


# Presigned URLs


def test_a_local_file_cannot_be_signed_and_the_error_says_that_only_cloud_files_can() -> None:
    with pytest.raises(NotSignableError, match="Only files in cloud storage can be signed"):
        presigned_url("file:///photos/a.jpg", 3600)


def test_a_url_of_no_storage_comes_back_unchanged() -> None:
    assert presigned_url("https://example.com/a.jpg", 300) == "https://example.com/a.jpg"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.mark.parametrize("seconds", [300, 3_600, 86_400, 604_800])
@pytest.mark.usefixtures("home", "keys")
def test_the_lifetimes_that_its_page_suggests_are_signed(seconds: int) -> None:
    assert f"X-Amz-Expires={seconds}" in presigned_url("s3://bucket/a.jpg", seconds)


@pytest.mark.parametrize("seconds", [8 * 86_400, 0, -5])
@pytest.mark.usefixtures("home", "keys")
def test_lifetimes_that_no_provider_grants_are_refused(seconds: int) -> None:
    with pytest.raises(ExpiryError):
        presigned_url("s3://bucket/a.jpg", seconds)


# Files


def test_files_of_plain_photos_are_byte_for_byte_those_of_pillow(
    home: Path, tmp_path: Path
) -> None:
    path = save_photo(tmp_path / "in/a.jpg")
    source = image_of(path.read_bytes())
    small = source.copy()
    small.thumbnail((20, 20), Image.Resampling.LANCZOS, reducing_gap=2.0)

    files = stored(media_table(), path)

    assert files["flipped"]["a.jpg"] == saved(source.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert files["rotated"]["a.jpg"] == saved(source.rotate(90))
    assert files["small"]["a.jpg"] == saved(small)
    assert image_of(files["rotated"]["a.jpg"]).size == source.size, "the canvas is kept"


def test_images_with_transparency_become_webp(home: Path, tmp_path: Path) -> None:
    sticker = picture()
    sticker.putalpha(Image.linear_gradient("L").resize(sticker.size))
    sticker.save(tmp_path / "sticker.png")

    files = stored(media_table(), tmp_path / "sticker.png")

    flipped = image_of(files["flipped"]["sticker.png"])
    assert (flipped.format, flipped.mode) == ("WEBP", "RGBA")


def test_palette_wide_and_float_images_do_not_abort_an_insert(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save_photo(folder / "plain.jpg")
    picture().quantize(16).save(folder / "palette.png")
    picture().convert("L").convert("I;16").save(folder / "wide.png")
    picture().convert("L").convert("F").save(folder / "float.tif")
    picture().convert("CMYK").save(folder / "print.jpg")
    picture().convert("1").save(folder / "fax.tif")

    (partition,) = insert(media_table(), folder)
    outputs = run_step(media_table(), partition)

    assert [error for o in outputs for error in o.committed.manifest.errors] == []
    assert {len(records) for records in cells(outputs).values()} == {6}


def test_photos_stand_upright(home: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = LYING
    lying = picture(3, (48, 36))
    lying.save(tmp_path / "lying.png", exif=exif)

    files = stored(media_table(), tmp_path / "lying.png")

    upright = lying.transpose(Image.Transpose.ROTATE_270)
    expected = upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert files["flipped"]["lying.png"] == saved(expected)


def test_colour_profiles_go_along_but_for_srgbs_own(home: Path, tmp_path: Path) -> None:
    wide = _swapped_primaries()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture().save(tmp_path / "wide.png", icc_profile=wide)
    picture().save(tmp_path / "srgb.png", icc_profile=srgb)

    files = stored(media_table(), tmp_path / "wide.png", tmp_path / "srgb.png")

    assert image_of(files["flipped"]["wide.png"]).info["icc_profile"] == wide
    assert "icc_profile" not in image_of(files["flipped"]["srgb.png"]).info


def _swapped_primaries() -> bytes:
    """A sound profile that is far from sRGB: its red and green stand for one another."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def test_rows_whose_names_hold_what_urls_cut_off_are_whole(home: Path, tmp_path: Path) -> None:
    names = ["a#1.jpg", "a?b=c.jpg", "50% off.jpg", "Größe & ñ.jpg", "写真.jpg"]
    for number, name in enumerate(names):
        save_photo(tmp_path / "in" / name, seed=number)

    files = stored(media_table(), tmp_path / "in")

    assert sorted(files["flipped"]) == sorted(names)
    rows = catalog().sql("select row, flipped from media")
    assert sorted(rows["row"]) == sorted(names)
    for row, fileurl in rows.itertuples(index=False, name=None):
        assert re.fullmatch(r"file://[A-Za-z0-9/._~-]+", fileurl)
        assert content(fileurl) == files["flipped"][row]


# Rows and work


@pytest.mark.parametrize("again", ["scan", "insert"])
def test_a_source_that_changed_in_place_is_noticed(home: Path, again: str) -> None:
    table, folder = media_table(), home / "uploads/media"
    path = save_photo(folder / "a.jpg")
    before = stored(table, folder)
    save_photo(path, seed=5)

    if again == "scan":
        found = record(
            MediaIOManager().installation, table, scan_uploads(MediaIOManager().installation, table)
        )
        assert (found.new, found.replaced) == (0, 1)
    after = stored(table, folder)

    assert after["flipped"]["a.jpg"] != before["flipped"]["a.jpg"]


def test_all_columns_share_one_decode_of_a_source(home: Path, tmp_path: Path) -> None:
    (partition,) = insert(media_table(), *save_photos(tmp_path / "in", 4))

    outputs = run_step(media_table(), partition)

    assert outputs[-1].timing.rows == 4
    assert outputs[-1].timing.decodes == 4


def test_an_added_column_computes_itself_alone(home: Path, tmp_path: Path) -> None:
    table = media_table()
    (partition,) = insert(table, *save_photos(tmp_path / "in", 4))
    run_step(table, partition)

    @table.computed_column()
    def width(source_image: Image.Image) -> int:
        return source_image.width

    outputs = run_step(table, partition)

    assert made(outputs) == 4
    assert {o.committed.made for o in outputs if o.committed.manifest.header.column != "width"} == {
        0
    }


def test_rows_are_computed_on_several_threads(home: Path, tmp_path: Path) -> None:
    table, threads = MediaTable("media"), set[str]()
    both = threading.Barrier(2, timeout=240)

    @table.computed_column(code_version="1")
    def width(source_image: Image.Image) -> int:
        both.wait()
        threads.add(threading.current_thread().name)
        return source_image.width

    (partition,) = insert(table, *save_photos(tmp_path / "in", 2))

    outputs = run_step(table, partition)

    assert outputs[-1].committed.manifest.errors == []
    assert len(threads) == 2


def test_nothing_is_left_of_a_run_that_failed(home: Path, tmp_path: Path) -> None:
    table = MediaTable("media")

    @table.computed_column(destination=str(tmp_path / "out"))
    def flipped(source_image: Image.Image) -> Image.Image:
        problem = "no"
        raise ValueError(problem)

    (partition,) = insert(table, *save_photos(tmp_path / "in", 2))
    run_step(table, partition)

    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []
    assert len(catalog().sql("select * from media_assets.errors")) == 2


def test_there_are_sensors_and_schedules() -> None:
    defs = build_defs([media_table()])

    assert len(list(defs.sensors or [])) >= 1
    assert len(list(defs.schedules or [])) >= 1


# docs/from-pixeltable.md


PROJECT = """
import media_assets as ma
from PIL import Image

media = ma.MediaTable("media")


@media.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.{turn})


@media.computed_column()
def width(source_image: Image.Image) -> int:
    if source_image.width == 13:
        raise ValueError("unlucky")
    return source_image.width


defs = ma.build_defs([media])
"""


def test_its_calls_have_the_ones_that_the_page_names(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [str(tmp_path), *__import__("sys").path])
    save_photo(tmp_path / "in/bad.png", size=(13, 9))

    def call(*arguments: str | Path, project: str = "before") -> Outcome:
        outcome = verb(*arguments, "-f", tmp_path / f"media_{project}.py")
        assert outcome.exit_code == 0, outcome.errors
        return outcome

    (tmp_path / "media_before.py").write_text(PROJECT.format(turn="FLIP_LEFT_RIGHT"))
    (tmp_path / "media_after.py").write_text(PROJECT.format(turn="FLIP_TOP_BOTTOM"))

    one = call("insert", "media", save_photo(tmp_path / "in/good.png"))
    call("insert", "media", tmp_path / "in")
    edited = call(
        "materialize", "media", "--columns", "flipped", "--partitions", "stale", project="after"
    )
    collected = call("show", "media", "--format", "csv")
    failed = call("errors", "media", "--format", "csv")

    assert one.first_line.startswith("Inserted 1 row with 0 errors")
    assert "2 cells made, 0 reused" in edited.output
    assert len(collected.output.splitlines()) == 3
    assert "bad.png,width,ValueError" in failed.output
    urls = catalog().fileurls("media", ["flipped"])
    assert [Path(url).is_file() for url in urls["flipped"].str.removeprefix("file://")] == [
        True
    ] * 2
    errors = catalog().sql("select error_class, error_message from media_assets.errors")
    assert errors["error_class"].to_list() == ["ValueError"]


def test_the_settings_are_read_from_env_beside_dagster_yaml(home: Path, tmp_path: Path) -> None:
    (home / ".env").write_text(f"{OUTPUT_VARIABLE}={tmp_path / 'out'}\n")

    stored(media_table(), save_photo(tmp_path / "in/a.jpg"))

    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 3


def test_a_step_that_has_nothing_to_do_opens_no_photo(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    paths = save_photos(tmp_path / "in", 3)
    (partition,) = insert(media_table(), *paths)
    run_step(media_table(), partition)
    for path in paths:
        path.unlink()

    outputs = run_step(media_table(), partition)

    assert made(outputs) == 0
    assert outputs[-1].timing.decodes == 0
