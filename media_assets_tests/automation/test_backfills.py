"""A backfill from the UI over many batches, and what the partition page shows afterwards."""

from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from media_assets_tests.automation.deployment import deployed
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog, inserted

BATCHES = 12
# A process per run would take 5 seconds each, and nothing here is about processes.
IN_THE_DAEMON = """
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
"""


@pytest.mark.deployment
@pytest.mark.timeout(1200)
def test_every_partition_of_a_backfill_shows_as_materialized(
    home: Path, instance: dg.DagsterInstance
) -> None:
    settings = home / "dagster.yaml"
    at_once = settings.read_text().replace(
        "max_concurrent_runs: 2", f"max_concurrent_runs: {BATCHES}"
    )
    settings.write_text(at_once + IN_THE_DAEMON)
    table = photos_table(rows_per_partition=1)
    partitions = [
        inserted(instance, table, save_photo(home / "card" / f"{n:03d}.jpg", seed=n))
        for n in range(BATCHES)
    ]

    with deployed(home, rows_per_partition=1) as deployment:
        backfill = deployment.backfill(["source_image", "flipped"], partitions)
        deployment.wait(
            lambda: deployment.backfill_status(backfill) == "COMPLETED_SUCCESS", seconds=500
        )
        flipped = deployment.partition_counts("flipped")
        brightness = deployment.partition_counts("brightness")

    assert flipped == {
        "numMaterialized": BATCHES,
        "numPartitions": BATCHES,
        "numFailed": 0,
        "numMaterializing": 0,
    }
    assert brightness["numMaterialized"] == 0
    assert len(catalog().sql("select flipped from photos").dropna()) == BATCHES


DAYS = [str(date(2026, 1, 1) + timedelta(days=n)) for n in range(50)]
OF_DAYS = """
import dagster as dg
import media_assets as ma
from PIL import Image

photos = ma.MediaTable(
    "photos",
    uploads={uploads!r},
    partitions=dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-03-01"),
    backfill_policy=dg.BackfillPolicy.single_run(),
)


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


defs = ma.build_defs([photos])
"""


@pytest.mark.deployment
@pytest.mark.timeout(1200)
def test_one_run_makes_all_fifty_partitions_of_a_backfill(
    home: Path, instance: dg.DagsterInstance
) -> None:
    for n, day in enumerate(DAYS):
        save_photo(home / "card" / day / "photo.jpg", seed=n)
    definitions = OF_DAYS.format(uploads=f"{home}/card/{{partition_key}}/")

    with deployed(home, definitions=definitions) as deployment:
        backfill = deployment.backfill(["source_image", "flipped"], DAYS)
        deployment.wait(
            lambda: deployment.backfill_status(backfill) == "COMPLETED_SUCCESS", seconds=500
        )
        flipped = deployment.partition_counts("flipped")

    assert len(instance.get_runs()) == 1
    assert (flipped["numMaterialized"], flipped["numFailed"]) == (50, 0)
    assert len(catalog().sql("select flipped from photos").dropna()) == 50
