"""Files on their way out: staged, then put in place complete."""

import hashlib
import random
import resource
import signal
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import StoreFullError
from media_assets.images.formats import Encoding
from media_assets.pipeline.timing import Stopwatch
from media_assets.pipeline.writing import FileWriter
from media_assets.records.manifests import Record
from media_assets.stores.staging import is_staging_name
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import picture
from media_assets_tests.pipeline.plans import content, files_in, plan_for


@pytest.fixture
def photos() -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column()
    def copied(source_image: Image.Image) -> Image.Image:
        return source_image

    return table


@contextmanager
def files_of_at_most(size_bytes: int) -> Generator[None]:
    """Limits the size of this process's files, like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def noise() -> Image.Image:
    """An image with a large file: 240 KB as JPEG."""
    return Image.frombytes("RGB", (500, 500), random.Random(1).randbytes(750_000))  # noqa: S311


@pytest.mark.parametrize("destination", ["{tmp_path}/out", "memory://writing/out"])
def test_a_file_is_staged_and_only_its_placement_makes_it_visible(
    photos: MediaTable, tmp_path: Path, destination: str
) -> None:
    where = destination.format(tmp_path=tmp_path)
    plan = plan_for(photos, where)

    with FileWriter(plan) as writer:
        record, placement = writer.encode(
            plan.outputs[1], Record("a.jpg"), picture(), Encoding(), Stopwatch()
        )
        before = files_in(where)
        placement.place()

    assert before == []
    assert files_in(where) == [placement.key]
    assert not placement.staged.exists()
    assert record.digest == hashlib.sha256(content(record)).hexdigest()
    assert record.size_bytes == len(content(record))
    assert (record.format, record.width, record.height) == ("JPEG", *picture().size)
    assert placement.content_type == "image/jpeg"


def test_a_local_file_is_staged_in_its_folder_and_renamed(
    photos: MediaTable, tmp_path: Path
) -> None:
    plan = plan_for(photos, tmp_path / "out")

    with FileWriter(plan) as writer:
        _, placement = writer.copy(
            plan.outputs[1],
            Record("a", digest="a" * 64, format="JPEG"),
            lambda file: file.write(b"bytes"),
            Stopwatch(),
        )

    assert placement.is_rename
    assert placement.staged.parent == Path("/", placement.key).parent
    assert is_staging_name(placement.staged.name)


def test_what_was_staged_for_a_bucket_goes_away_with_the_step(photos: MediaTable) -> None:
    plan = plan_for(photos, "memory://writing-left/out")

    with FileWriter(plan) as writer:
        _, placement = writer.copy(
            plan.outputs[1],
            Record("a", digest="a" * 64, format="JPEG"),
            lambda file: file.write(b"bytes"),
            Stopwatch(),
        )
        was_staged = placement.staged.exists()

    assert was_staged
    assert not placement.staged.parent.exists()


def test_writing_a_file_twice_writes_the_same_bytes_to_the_same_place(
    photos: MediaTable, tmp_path: Path
) -> None:
    plan = plan_for(photos, tmp_path / "out")

    with FileWriter(plan) as writer:
        for _ in range(2):
            _, placement = writer.encode(
                plan.outputs[1], Record("a.jpg"), picture(), Encoding(), Stopwatch()
            )
            placement.place()

    assert len(files_in(str(tmp_path / "out"))) == 1


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_a_full_disk_stops_the_run_and_leaves_no_torn_file(
    photos: MediaTable, tmp_path: Path, format_name: str
) -> None:
    plan = plan_for(photos, tmp_path / "out")
    image = noise()

    with (
        FileWriter(plan) as writer,
        files_of_at_most(40_000),
        pytest.raises(StoreFullError, match="Make room"),
    ):
        writer.encode(
            plan.outputs[1], Record("a.jpg"), image, Encoding(format=format_name), Stopwatch()
        )

    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_full_disk_stops_a_copy_too(photos: MediaTable, tmp_path: Path) -> None:
    plan = plan_for(photos, tmp_path / "out")
    record = Record("a", digest="a" * 64, format="JPEG")

    with FileWriter(plan) as writer, files_of_at_most(40_000), pytest.raises(StoreFullError):
        writer.copy(plan.outputs[1], record, lambda file: file.write(bytes(50_000)), Stopwatch())

    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_an_image_that_its_format_cannot_hold_is_not_a_disk_fault(
    photos: MediaTable, tmp_path: Path
) -> None:
    plan = plan_for(photos, tmp_path / "out")
    too_wide = Image.new("RGB", (20_000, 1))

    with FileWriter(plan) as writer, pytest.raises(ValueError, match="1 to 16,383 pixels"):
        writer.encode(plan.outputs[1], Record("a"), too_wide, Encoding(format="WEBP"), Stopwatch())

    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_jpeg_is_encoded_into_a_real_file_as_pillow_itself_would(
    photos: MediaTable, tmp_path: Path
) -> None:
    plan, image, expected = plan_for(photos, tmp_path / "out"), noise(), BytesIO()
    image.save(expected, "JPEG")

    with FileWriter(plan) as writer:
        record, placement = writer.encode(
            plan.outputs[1], Record("a"), image, Encoding(), Stopwatch()
        )
        placement.place()

    assert content(record) == expected.getvalue()
