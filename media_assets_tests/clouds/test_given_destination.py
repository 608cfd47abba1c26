"""A destination that you name, with your credentials: the stores' contract, links, and a table.

`make test-cloud DEST=s3://my-bucket/tmp/` runs this at any provider. It writes only under a fresh
prefix of the destination, and deletes it. Without one, as in `make test`, it is the tests' own.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import dagster as dg
import pytest
from PIL import Image

from media_assets.destinations import Destination, parse_destination
from media_assets.stores import Storage, Store
from media_assets.urls import presigned_url
from media_assets_tests.clouds.photos import photos_table
from media_assets_tests.photos import SIZE, save_photos
from media_assets_tests.runs import catalog, globals_of_run, inserted, materialize
from media_assets_tests.servers.web import fetch
from media_assets_tests.stores.contract import StoreContract, staged
from media_assets_tests.stores.signing_contract import SigningContract

if TYPE_CHECKING:
    from media_assets_tests.servers.s3 import S3Server

__all__ = ["staged"]

GIVEN = os.environ.get("MEDIA_ASSETS_TEST_DESTINATION", "")
_SEVEN_DAYS = timedelta(days=7)


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[str]:
    """A prefix of the destination that nothing is under, before and after the test."""
    given = GIVEN
    if not given:
        server: S3Server = request.getfixturevalue("s3_environment")
        given = f"s3://{server.make_bucket(f'given-{uuid4().hex}')}/some/"
    prefix = f"{given.removesuffix('/')}/media-assets-test-{uuid4().hex}/"
    yield prefix
    place = parse_destination(prefix)
    store = Storage().open(place)
    store.delete([file.key for file in store.list(place.prefix)])
    assert list(store.list(place.prefix)) == []


@pytest.fixture
def place(fresh: str) -> Destination:
    return parse_destination(fresh)


@pytest.mark.cloud
class TestGivenStore(StoreContract, SigningContract):
    LONG_LISTING = 210
    LONGEST = None if GIVEN.startswith(("az", "abfs")) else _SEVEN_DAYS
    WITHOUT_SUCH_A_FILE = (Exception,)

    @pytest.fixture
    def store(self, place: Destination) -> Store:
        return Storage().open(place)

    @pytest.fixture
    def base(self, place: Destination) -> str:
        return place.prefix


def test_a_table_is_made_read_and_moved_there(
    instance: dg.DagsterInstance, fresh: str, tmp_path: Path
) -> None:
    table = photos_table(first=f"{fresh}first/", everywhere=None)
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 3))

    made = materialize(
        instance, table, partition, run_config=globals_of_run(output_media_dest=f"{fresh}all/")
    )

    assert made.success
    files = catalog().fileurls("photos")
    for column, place in {"first": f"{fresh}first/", "everywhere": f"{fresh}all/"}.items():
        for fileurl in map(str, files[column]):
            assert fileurl.startswith(place)
            answer = fetch(presigned_url(fileurl, 600))
            assert answer.status == 200
            with Image.open(BytesIO(answer.body)) as image:
                assert image.size == SIZE
