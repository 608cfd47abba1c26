"""A code location whose columns take the value of an asset, for runs in other processes too."""

import json
import os
from pathlib import Path

import dagster as dg
from PIL import Image

import media_assets as ma

FILE = "MEDIA_ASSETS_TEST_PRICES"
"""The variable that names the file of what the price list holds, and of its data version."""

photos = ma.MediaTable("priced")
posted = ma.MediaTable("posted")


@dg.asset
def price_list() -> dg.MaterializeResult[dict[str, int]]:
    content = json.loads(Path(os.environ[FILE]).read_text())
    version = dg.DataVersion(content["version"])
    return dg.MaterializeResult(value=content["prices"], data_version=version)


@photos.computed_column(ins={"prices": dg.AssetKey("price_list")}, code_version="1")
def price(source_image: Image.Image, prices: dict[str, int]) -> int:
    return source_image.width * prices["pixel"]


@photos.computed_column(ins={"prices": "price_list"}, code_version="1", batch_size=2)
def batch_price(source_image: list[Image.Image], prices: dict[str, int]) -> list[int]:
    return [image.width * prices["pixel"] for image in source_image]


@photos.computed_column(ins={"prices": ["price_list"]}, code_version="1", processes=True)
def process_price(source_image: Image.Image, prices: dict[str, int]) -> int:
    return source_image.width * prices["pixel"]


@photos.computed_column(code_version="1")
def width(source_image: Image.Image) -> int:
    return source_image.width


@photos.computed_column(code_version="1")
def doubled(price: int) -> int:
    return 2 * price


@dg.asset(io_manager_key="media_io_manager")
def posters() -> dict[str, Image.Image]:
    return {name: Image.new("RGB", (4, 4)) for name in "ab"}


@posted.computed_column(ins={"posters": "posters"})
def count(source_image: Image.Image, posters: ma.MediaColumn) -> int:
    return len(posters)


defs = dg.Definitions.merge(
    ma.build_defs([photos, posted]),
    dg.Definitions(
        assets=[price_list, posters],
        jobs=[
            dg.define_asset_job(
                "all_of_it",
                selection=dg.AssetSelection.groups("priced"),
                executor_def=dg.multiprocess_executor,
            ),
            dg.define_asset_job("prices_alone", selection=["price_list"]),
        ],
    ),
)


def all_of_it() -> dg.JobDefinition:
    return defs.resolve_job_def("all_of_it")
