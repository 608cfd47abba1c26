"""How files are kept as objects: sent with each file, and applied to those that stand by a copy."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from media_assets.errors import ObjectOptionError
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets.urls import presigned_url
from media_assets_tests.clouds.photos import content, methods
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import cells, made, run_step

CACHED = {
    "cache_control": "public, max-age=31536000, immutable",
    "content_disposition": 'inline; filename="{row_stem}.jpg"',
    "metadata": {"row": "{row}"},
}


def flipping(destination: str | None, options: Mapping[str, object] | None = None) -> MediaTable:
    table = MediaTable("photos")

    @table.computed_column(destination=destination, code_version="1", object_options=options)
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    return table


def ran(
    table: MediaTable,
    *photos: Path,
    manager: MediaIOManager | None = None,
    moves: bool = True,
) -> tuple[dict[str, Record], int]:
    """Inserts photos and makes their partition; returns its cells, and how many were computed."""
    manager = manager or MediaIOManager()
    found = find_named([str(photo) for photo in photos], manager.installation.reader)
    record(manager.installation, table, found)
    (partition,) = {
        str(name) for name in catalog().sql("select partition from photos")["partition"]
    }
    outputs = run_step(table, partition, manager=manager, moves=moves)
    return cells(outputs)["flipped"], made(outputs)


def headers(fileurl: str | None) -> Mapping[str, str]:
    return fetch(presigned_url(fileurl or "", 60)).headers


def s3_place(s3_environment: S3Server) -> str:
    return f"s3://{s3_environment.make_bucket(f'options-{uuid4().hex}')}/"


@pytest.fixture(params=["s3", "gcs", "azure"])
def place(request: pytest.FixtureRequest) -> str:
    name = f"options-{uuid4().hex}"
    server: Any = request.getfixturevalue(f"{request.param}_environment")
    made_by: Callable[[str], str] = getattr(
        server, "make_container" if isinstance(server, AzureServer) else "make_bucket"
    )
    scheme = {"s3": "s3", "gcs": "gs", "azure": "az"}[request.param]
    return f"{scheme}://{made_by(name)}/"


def test_every_file_is_kept_as_its_column_says(home: Path, place: str, tmp_path: Path) -> None:
    table = flipping(place, CACHED)

    kept, _ = ran(table, save_photo(tmp_path / "At sea.jpg"))

    got = headers(kept["At sea.jpg"].fileurl)
    assert got["cache-control"] == CACHED["cache_control"]
    assert got["content-disposition"] == 'inline; filename="at-sea.jpg"'
    assert [text for name, text in got.items() if name.endswith("-meta-row")] == ["At sea.jpg"]
    assert got["content-type"] == "image/jpeg"


def test_other_options_make_no_cell_stale_and_a_materialization_applies_them_in_place(
    home: Path, place: str, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    first, _ = ran(flipping(place), photo)
    before = content(first["a.jpg"].fileurl)
    assert "cache-control" not in headers(first["a.jpg"].fileurl)

    left, computed = ran(flipping(place, CACHED), photo, moves=False)
    assert (left, computed) == (first, 0)

    applied, computed = ran(flipping(place, CACHED), photo)
    assert computed == 0
    assert applied["a.jpg"].fileurl == first["a.jpg"].fileurl
    assert content(applied["a.jpg"].fileurl) == before
    got = headers(applied["a.jpg"].fileurl)
    assert got["cache-control"] == CACHED["cache_control"]
    assert got["content-type"] == "image/jpeg"

    dropped, computed = ran(flipping(place), photo)
    assert computed == 0
    assert "cache-control" not in headers(dropped["a.jpg"].fileurl)


def test_options_cost_no_request_until_they_change(
    home: Path, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"options-{uuid4().hex}")
    photo = save_photo(tmp_path / "a.jpg")

    def asked(options: Mapping[str, object] | None) -> list[str]:
        before = len(s3_environment.requests(bucket))
        ran(flipping(f"s3://{bucket}/", options), photo)
        return methods(s3_environment.requests(bucket)[before:])

    assert asked(CACHED) == ["PUT", "GET", "POST", "PUT"]
    assert asked(CACHED) == []
    assert asked(None) == ["PUT", "HEAD"]
    assert asked(None) == []


def test_a_destination_gives_options_to_all_its_columns_and_a_column_wins(
    home: Path, s3_environment: S3Server, tmp_path: Path
) -> None:
    place = s3_place(s3_environment)
    manager = MediaIOManager(
        output_media_dest=f"{place}out/",
        object_options={
            place: {"cache_control": "no-store", "metadata": {"team": "shop"}},
            f"{place}out/": {"cache_control": "no-cache"},
        },
    )

    kept, _ = ran(flipping(None), save_photo(tmp_path / "a.jpg"), manager=manager)
    own = flipping(None, {"cache_control": "public"})
    changed, _ = ran(own, tmp_path / "a.jpg", manager=manager)

    assert (
        kept["a.jpg"].object_options
        == '{"cache_control": "no-cache", "metadata": {"team": "shop"}}'
    )
    got = headers(changed["a.jpg"].fileurl)
    assert (got["cache-control"], got["x-amz-meta-team"]) == ("public", "shop")


@pytest.mark.parametrize(
    ("destination", "options", "text"),
    [
        ("r2://bucket/", {"encryption": "AES256"}, "bucket's own default"),
        ("gs://bucket/", {"encryption": "aws:kms", "kms_key": "k"}, "does not know"),
        ("az://bucket/", {"encryption": "AES256"}, "does not know"),
        ("b2://bucket/", {"storage_class": "COLD"}, "does not know"),
        ("/data/media/", {"encryption": "AES256"}, "does not know"),
        ("s3://bucket/", {"acl": "public-read"}, "cache_control, content_disposition"),
        ("s3://bucket/", {"requester_pays": True}, "by destination"),
        ("s3://bucket/", {"kms_key": "k"}, "aws:kms"),
        ("s3://bucket/", {"encryption": "AES"}, "AES256"),
        ("s3://bucket/", {"cache_control": "a\nX-Other: b"}, "one line"),
        ("s3://bucket/", {"cache_control": "caf\u00e9"}, "in ASCII"),
        ("s3://bucket/", {"metadata": {"Content-Type": "text/html"}}, "not those of headers"),
        ("s3://bucket/", {"metadata": {"a\nb": "c"}}, "Names have letters"),
    ],
)
def test_what_a_provider_does_not_know_is_refused_when_the_column_is_declared(
    destination: str, options: Mapping[str, object], text: str
) -> None:
    with pytest.raises(ObjectOptionError, match=text):
        flipping(destination, options)


def test_a_global_destination_that_does_not_know_an_option_ends_the_run_before_any_row(
    home: Path, tmp_path: Path
) -> None:
    manager = MediaIOManager(output_media_dest="r2://bucket/")

    with pytest.raises(ObjectOptionError, match="column photos/flipped has encryption='AES256'"):
        ran(
            flipping(None, {"encryption": "AES256"}),
            save_photo(tmp_path / "a.jpg"),
            manager=manager,
        )


def test_a_local_folder_keeps_no_headers_and_moves_nothing_for_them(
    home: Path, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    first, _ = ran(flipping(None), photo)

    assert ran(flipping(None, CACHED), photo) == (first, 0)
