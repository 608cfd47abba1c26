"""`media-assets export`, and the same in Python."""

import pickle
import subprocess
import sys
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

import media_assets as ma
from media_assets.errors import (
    DeclarationError,
    ExportColumnsError,
    UnknownNameError,
)
from media_assets.exports import MediaDataset
from media_assets.io_manager import MediaIOManager
from media_assets.tables.row_values import update_values
from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos
from media_assets_tests.servers.s3 import S3Server


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Path:
    """A project with three rows, the second of which has an error."""
    paths = save_photos(tmp_path / "uploads", 3)
    paths[1].write_bytes(b"")
    make(project, *paths)
    return project


def test_a_column_is_written_and_what_is_missing_is_reported(
    made: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    monkeypatch.chdir(home)  # no code is loaded

    first = run("export", "photos", "flipped", folder)
    second = run("export", "photos", "flipped", folder)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.splitlines() == [
        f"Exported 2 rows of photos (flipped) to {folder}: 2 files written, 0 already there.",
        "Left out: 1 row with an error.",
    ]
    assert "0 files written, 2 already there" in second.first_line
    assert sorted(path.name for path in folder.iterdir()) == ["photo-000.jpg", "photo-002.jpg"]


def test_a_file_of_other_content_is_replaced_only_if_asked(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "photo-000.jpg").write_text("mine")
    (folder / "mine.txt").write_text("mine")

    refused = run("export", "photos", "flipped", folder)
    kept = (folder / "photo-000.jpg").read_text()
    replaced = run("export", "photos", "flipped", folder, "--replace")

    assert refused.exit_code == 1
    assert (
        "1 file not written: photo-000.jpg: there is another file of that name." in refused.output
    )
    assert "--replace" in refused.output
    assert "1 other file is in the same folders; an export deletes nothing." in refused.output
    assert kept == "mine"
    assert replaced.exit_code == 0
    assert (folder / "photo-000.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_columns_of_any_type_become_tars(made: Path, tmp_path: Path) -> None:
    options = ("--format", "webdataset", "--rows-per-tar", "1", "--where", "row > 'photo-001'")

    outcome = run("export", "photos", "flipped", "width", tmp_path / "tars", *options)

    assert outcome.exit_code == 0
    assert "Exported 1 row of photos (flipped, width)" in outcome.first_line
    assert [path.name for path in (tmp_path / "tars").iterdir()] == ["photos-000000.tar"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("photos", "width", "out"), "width holds values, not files"),
        (("photos", "flipped", "source_image", "out"), "would have the same names"),
        (("photos", "fliped", "out"), "no column 'fliped'"),
        (("fotos", "flipped", "out"), "no table 'fotos'"),
        (("photos", "flipped", "s3://bucket/out"), "is not on this machine"),
        (("photos", "flipped", "out", "--where", "colour = 1"), "colour"),
    ],
)
def test_what_cannot_be_exported_is_an_error_and_makes_nothing(
    arguments: tuple[str, ...], told: str, made: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)

    outcome = run("export", *arguments)

    assert outcome.exit_code == 1
    assert told in outcome.errors
    assert outcome.errors.startswith("Error: ")
    assert not Path("out").exists()


def table() -> ma.MediaTable:
    photos = ma.MediaTable("photos")

    @photos.computed_column()
    def flipped(source_image: ma.Image) -> ma.Image:
        return ma.transforms.flip(source_image)

    return photos


def size_of(dataset: MediaDataset) -> tuple[int, int]:
    (image,) = dataset[0].values()
    assert isinstance(image, Image.Image)
    return image.size


# In a program of its own: a fork takes along locks that threads of other tests hold.
_FORKS = """
import pickle, sys
from multiprocessing import get_context

from media_assets.errors import ForkedProcessError

dataset = pickle.load(open(sys.argv[1], "rb"))
dataset[0]
with get_context("fork").Pool(1) as pool:
    try:
        pool.apply(dataset.__getitem__, [0])
    except ForkedProcessError as error:
        print(error)
"""


def test_files_in_a_bucket_are_read_through_the_cache_by_spawned_workers(
    home: Path, s3_environment: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_environment.make_bucket(f"export-{uuid4().hex}")
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", f"s3://{bucket}/out/")
    photos = table()
    photos.insert(save_photos(tmp_path / "uploads", 2))
    dataset = photos.dataset("flipped")
    cached = home / "media" / "cache" / "files"

    done = photos.export("flipped", tmp_path / "out")

    assert str(done).startswith("Exported 2 rows of photos (flipped)")
    assert len([path for path in cached.rglob("*") if path.is_file()]) == 2
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(size_of, [dataset]) == (48, 36)
    monkeypatch.setenv("MEDIA_ASSETS_CACHE_BYTES", "0")
    (tmp_path / "dataset").write_bytes(pickle.dumps(photos.dataset("flipped")))
    program = [sys.executable, "-c", _FORKS, str(tmp_path / "dataset")]
    forked = subprocess.run(program, capture_output=True, text=True, check=False)
    assert "spawn" in forked.stdout, forked.stderr


def test_a_table_has_a_dataset_with_its_row_values(home: Path) -> None:
    photos = ma.MediaTable("photos", values={"label": str, "taken": date | None})
    save_photos(home / "uploads" / "photos", 3)
    photos.scan()
    photos.materialize("source_image")
    given = {
        "photo-000.jpg": {"label": "cat", "taken": date(2026, 5, 6)},
        "photo-001.jpg": {"label": "dog", "taken": None},
    }
    update_values(MediaIOManager().installation, photos, given)

    complete = photos.dataset("label", "taken")

    assert [*complete] == [given["photo-000.jpg"]]
    assert complete.left_out == {"with an error": 1, "with a null": 1}
    assert [*photos.dataset("label", "taken", nulls=True)] == [*given.values()]
    assert photos.dataset("source_image", where="label = 'dog'").rows == ["photo-001.jpg"]
    with pytest.raises(UnknownNameError, match="no column 'labl'"):
        photos.dataset("labl")


def test_options_that_make_no_sense_are_refused(home: Path, tmp_path: Path) -> None:
    photos = table()
    photos.insert(save_photos(tmp_path / "uploads", 1))

    with pytest.raises(DeclarationError, match="format='zip'"):
        photos.export("flipped", tmp_path, format="zip")  # pyright: ignore[reportArgumentType]
    with pytest.raises(DeclarationError, match="rows_per_tar=0"):
        photos.export("flipped", tmp_path, format="webdataset", rows_per_tar=0)
    with pytest.raises(ExportColumnsError):
        photos.export(["flipped", "source_image"], tmp_path)
