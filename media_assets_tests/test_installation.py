"""One installation, opened by one rule: with its code location, and without it."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from media_assets.catalog import Catalog
from media_assets.errors import CatalogNotedError, LocationError
from media_assets.home import CATALOG_VARIABLE, Home
from media_assets.installation import Installation
from media_assets.io_manager import MediaIOManager
from media_assets.location_note import LocationNote
from media_assets.tables.table import MediaTable
from media_assets_tests.cli.verbs import Outcome, run, write_project
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import globals_of_run, inserted, materialize
from media_assets_tests.servers.s3 import S3Server

DEFINITIONS = """
from pathlib import Path

from dagster_aws.s3 import S3Resource
from PIL import Image

import media_assets as ma

with Path({log!r}).open("a") as log:
    log.write("loaded\\n")

photos = ma.MediaTable("photos")


@photos.computed_column(destination={destination!r})
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


server = S3Resource(
    endpoint_url={url!r},
    aws_access_key_id={key!r},
    aws_secret_access_key={secret!r},
    region_name="us-east-1",
)
manager = ma.MediaIOManager(catalog={catalog!r}, s3=server)
defs = ma.build_defs([photos], {{"media_io_manager": manager}})
"""
# Dagster's own, of any resource within a resource.
pytestmark = pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run:DeprecationWarning")
SIGN = "select presigned_url(flipped, 60) as url from photos"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A line for each time that the code location was loaded."""
    path = tmp_path / "loaded.txt"
    path.touch()
    return path


@pytest.fixture
def bucket(s3_server: S3Server, no_aws: None) -> str:
    return s3_server.make_bucket(f"noted-{uuid4().hex}")


def project_of(
    tmp_path: Path, log: Path, server: S3Server, bucket: str, *, catalog: str | None
) -> Path:
    """A code location that gives credentials, and a catalog if one is named."""
    path = tmp_path / f"noted_{uuid4().hex}.py"
    path.write_text(
        DEFINITIONS.format(
            log=str(log),
            destination=f"s3://{bucket}/out/",
            url=server.url,
            key=server.access_key_id,
            secret=server.secret_access_key,
            catalog=catalog,
        )
    )
    return path


def elsewhere(program: str, folder: Path) -> Outcome:
    """Runs a program in a process of its own, in another folder than the project's."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, check=False, capture_output=True, text=True
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_catalog_and_credentials_in_code_reach_whoever_reads_without_the_code(
    home: Path, tmp_path: Path, log: Path, s3_server: S3Server, bucket: str
) -> None:
    place = f"s3://{bucket}/catalog/"
    project = project_of(tmp_path, log, s3_server, bucket, catalog=place)
    photo = save_photo(tmp_path / "in" / "a.jpg")
    assert run("insert", "photos", photo, "-f", project).exit_code == 0

    note = (home / "media" / "location.json").read_text()
    empty = tmp_path / "empty"
    empty.mkdir()
    verb = "from media_assets.cli import main; import sys; sys.argv = ['x', 'sql', {!r}]; main()"
    counted = elsewhere(verb.format("select count(*) as n from photos"), empty)
    opened = elsewhere(
        "import media_assets as ma; c = ma.Catalog.open()\n"
        "print(c.column('photos', 'flipped').open('a.jpg').size)\n"
        f"print(c.sql({SIGN!r})['url'][0])\n"
        f"print(ma.presigned_url('s3://{bucket}/x', 60))",
        empty,
    )

    assert json.loads(note)["catalog"] == place
    assert json.loads(note)["credentials"] == ["s3"]
    assert s3_server.secret_access_key not in note
    assert (counted.exit_code, counted.errors) == (0, "")
    assert (opened.exit_code, opened.errors) == (0, "")
    size, *urls = opened.output.splitlines()
    assert size == "(48, 36)"
    assert all("X-Amz-Signature=" in url for url in urls)


def test_the_code_is_loaded_only_where_its_credentials_are_needed(
    home: Path, tmp_path: Path, log: Path, s3_server: S3Server, bucket: str
) -> None:
    project = project_of(tmp_path, log, s3_server, bucket, catalog=None)
    photo = save_photo(tmp_path / "in" / "a.jpg")
    assert run("insert", "photos", photo, "-f", project).exit_code == 0
    log.write_text("")

    count = "import media_assets as ma; print(ma.Catalog.open().sql({!r}).to_csv())"
    elsewhere(count.format("select count(*) from photos"), tmp_path)
    after_counting = log.read_text()
    signed = elsewhere(count.format(SIGN), tmp_path)

    assert after_counting == ""
    assert log.read_text() == "loaded\n"
    assert "X-Amz-Signature=" in signed.output


def test_a_location_that_names_neither_removes_the_note(
    home: Path, tmp_path: Path, log: Path, s3_server: S3Server, bucket: str
) -> None:
    project = project_of(tmp_path, log, s3_server, bucket, catalog=str(tmp_path / "catalog"))
    plain = write_project(tmp_path / f"plain_{uuid4().hex}.py")

    run("plan", "-f", project)
    noted = LocationNote.read(Home(home))
    run("plan", "-f", plain)

    assert noted.catalog == f"{(tmp_path / 'catalog').as_uri()}/"
    assert noted.python_file == str(project)
    assert not (home / "media" / "location.json").exists()


def test_readers_without_the_code_have_its_settings_of_reading(home: Path) -> None:
    networks, prefix = ["10.1.0.0/16"], "https://minio.example.com/photos/"
    manager = MediaIOManager(
        allow_networks=networks, storage_sources=[prefix], cache_bytes=5, output_media_dest="/data"
    )
    manager.note_location()
    written_at = LocationNote.path(Home(home)).stat().st_mtime_ns
    manager.note_location()

    reader = Installation.open_noted().reader

    assert [str(network) for network in reader.fetch_limits.allow_networks] == networks
    assert [source.uri for source in reader.sources.named] == [prefix]
    assert reader.cache_bytes == 5
    assert LocationNote.path(Home(home)).stat().st_mtime_ns == written_at, "it is not rewritten"
    MediaIOManager(output_media_dest="/data").note_location()
    assert not LocationNote.path(Home(home)).exists()


def test_a_run_notes_the_catalog_of_its_code_not_of_its_config(
    instance: dg.DagsterInstance, home: Path, tmp_path: Path
) -> None:
    table = MediaTable("photos")
    in_code, of_run = tmp_path / "in code", tmp_path / "of run"
    manager = MediaIOManager(catalog=str(in_code))
    photo = save_photo(tmp_path / "in" / "a.jpg")
    partition = inserted(instance, table, photo, manager=manager)

    materialize(instance, table, partition, manager=manager)
    noted = LocationNote.read(Home(home)).catalog
    config = globals_of_run(catalog=str(of_run))
    materialize(instance, table, partition, manager=manager, run_config=config)

    assert noted == LocationNote.read(Home(home)).catalog == f"{in_code.as_uri()}/"
    assert Catalog.open().tables() == ["photos"]


def test_an_error_names_both_catalogs_if_environment_and_code_differ(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    MediaIOManager(catalog="/data/in-code").note_location()
    monkeypatch.setenv(CATALOG_VARIABLE, "/data/in-environment")

    with pytest.raises(CatalogNotedError) as caught:
        Catalog.open()
    by_address = Catalog.open(str(tmp_path))
    monkeypatch.setenv(CATALOG_VARIABLE, "/data/in-code")
    Catalog.open()

    for place in ("file:///data/in-code/", "file:///data/in-environment/", CATALOG_VARIABLE):
        assert place in str(caught.value)
    assert by_address.tables() == []


def test_noted_credentials_that_cannot_be_loaded_are_an_error(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_environment: S3Server
) -> None:
    monkeypatch.chdir(tmp_path)
    LocationNote(credentials=("s3",), module_name=f"no_such_{uuid4().hex}").write(Home(home))

    with pytest.raises(LocationError, match="cannot be imported"):
        Catalog.open().sql("select presigned_url('s3://bucket/a.jpg', 60)")


def test_a_location_that_needs_its_own_credentials_to_load_is_reported(
    home: Path, tmp_path: Path, no_aws: None
) -> None:
    path = tmp_path / f"circular_{uuid4().hex}.py"
    path.write_text("import media_assets as ma\nma.presigned_url('s3://bucket/a.jpg', 60)\n")
    LocationNote(credentials=("s3",), python_file=str(path)).write(Home(home))

    outcome = run("plan", "-f", path)

    assert outcome.exit_code == 1
    assert "needs its own credentials while it is loaded" in outcome.errors


def test_a_damaged_note_counts_as_none(home: Path) -> None:
    path = home / "media" / "location.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    for text in (
        "{",
        "[]",
        '{"credentials": [], "settings": 1}',
        '{"catalog": 1}',
        '{"credentials": [], "other": 1}',
    ):
        path.write_text(text)

        assert LocationNote.read(Home(home)) == LocationNote()


def test_a_home_that_cannot_be_written_is_read_all_the_same(home: Path) -> None:
    (home / "media").write_text("a file where the folder would be")

    MediaIOManager(catalog="/data/in-code").note_location()

    assert LocationNote.read(Home(home)) == LocationNote()


def test_an_installation_is_opened_once_and_managers_compare_by_their_fields(home: Path) -> None:
    manager = MediaIOManager(catalog="/data/catalog")

    opened = manager.installation

    assert manager.installation is opened
    assert manager.installation.catalog is opened.catalog
    assert manager.installation.reader is opened.reader
    assert manager == MediaIOManager(catalog="/data/catalog")
    assert manager != MediaIOManager()


def test_reading_a_catalog_imports_neither_dagster_nor_a_provider() -> None:
    program = (
        "import sys, media_assets as ma; ma.Catalog, ma.presigned_url\n"
        "print({'dagster', 'botocore', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert done.stdout == "set()\n"
