"""A table of a folder a day."""

import os
from pathlib import Path

import dagster as dg
from PIL import Image

import media_assets as ma

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-03-01")

days = ma.MediaTable(
    "days",
    uploads=str(Path(os.environ["DAGSTER_HOME"], "uploads", "days", "{partition_key}")) + "/",
    partitions=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
)


@days.computed_column(format="png")
def small(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (16, 16))


defs = ma.build_defs([days])
