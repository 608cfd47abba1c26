"""The uploads sensor over a prefix of a bucket, with the manager's own resource."""

from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from dagster_aws.s3 import S3Resource  # noqa: TID253  the very resource is tested

from media_assets.io_manager import MediaIOManager
from media_assets_tests.automation.sensors import Ticker, photos_table
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import manifest, materialize
from media_assets_tests.servers.s3 import S3Server


def made(ticker: Ticker, request: dg.RunRequest) -> list[object]:
    result = materialize(
        ticker.instance, ticker.table, str(request.partition_key), manager=ticker.manager
    )
    assert result.success
    return [
        event.materialization.metadata["media_assets/made"].value
        for event in result.get_asset_materialization_events()
    ]


# Dagster 1.13.27 itself calls it for a resource inside of a resource.
@pytest.mark.filterwarnings("ignore:InitResourceContext.dagster_run is deprecated")
@pytest.mark.usefixtures("no_aws")
def test_objects_are_materialized_and_only_what_changed_again(
    home: Path, instance: dg.DagsterInstance, s3_server: S3Server
) -> None:
    bucket = s3_server.make_bucket(f"sensor-{uuid4().hex}")
    manager = MediaIOManager(
        s3=S3Resource(
            endpoint_url=s3_server.url,
            region_name="us-east-1",
            aws_access_key_id=s3_server.access_key_id,
            aws_secret_access_key=s3_server.secret_access_key,
        )
    )
    table = photos_table(uploads=f"s3://{bucket}/incoming/")
    ticker = Ticker(instance, table, manager=manager)
    photos = save_photos(home / "card", 4)
    store = manager.storage.store_of(f"s3://{bucket}/incoming/x")[0]

    def upload(path: Path) -> None:
        store.put(f"incoming/{path.name}", path.read_bytes())

    for photo in photos:
        upload(photo)
    ticker.tick()
    _, (first,) = ticker.tick()
    assert made(ticker, first) == [4, 4]

    for photo in photos:
        upload(photo)
    again = [request for _ in range(3) for request in ticker.tick()[1]]
    photos[0].write_bytes(save_photos(home / "other", 9)[8].read_bytes())
    upload(photos[0])
    ticker.tick()
    _, (changed,) = ticker.tick()

    assert again == []
    assert made(ticker, changed) == [1, 1]
    flipped = manifest(table, "flipped", str(changed.partition_key))
    assert flipped is not None
    assert len(flipped.records) == 4
