"""Another Dagster project, in a folder of its own, that only has this package installed."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from media_assets.home import CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets_tests.photos import save_photos

BIN = Path(sys.executable).parent
SHOP = Path(__file__).parent / "shop" / "src" / "shop"
OF_THE_CALLER = ("DAGSTER_HOME", "PYTHONPATH", CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE)

MATERIALIZE = ("asset", "materialize", "-m", "shop.definitions")

PYPROJECT = """
[project]
name = "shop"
version = "1"

[tool.dagster]
module_name = "shop.definitions"
"""

DEFINITIONS = """
import dagster as dg
import media_assets as ma
from PIL import Image

goods = ma.MediaTable("goods", uploads="{uploads}")


@goods.computed_column(format="png")
def small(source_image: Image.Image) -> Image.Image:
    return ma.transforms.thumbnail(source_image, (16, 16))


@goods.computed_column(processes=True)
def width(small: Image.Image) -> int:
    return small.width


@dg.asset(ins={{"widths": dg.AssetIn(["goods", "width"])}})
def report(widths: ma.MediaColumn) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={{"widest": max(widths.value.values())}})


@dg.asset(
    ins={{"small": dg.AssetIn(["goods", "small"])}},
    io_manager_key="media_io_manager",
    metadata={{"media_assets/format": "webp"}},
)
def posters(small: ma.MediaColumn) -> dg.MaterializeResult:
    images = ((f"big {{row}}", image.resize((64, 48))) for row, image in small.items())
    return dg.MaterializeResult(value=images)


defs = dg.Definitions.merge(ma.build_defs([goods]), dg.Definitions(assets=[report, posters]))
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The other project: nothing of this one's folder is in it or on its path."""
    folder = tmp_path / "shop-project"
    (folder / "shop").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    (folder / "shop/__init__.py").touch()
    text = DEFINITIONS.format(uploads=tmp_path / "uploads")
    (folder / "shop/definitions.py").write_text(text)
    save_photos(tmp_path / "uploads", 3)
    return folder


def called(shop: Path, command: str, *arguments: str, **environment: str) -> str:
    """What an installed command prints in the project's folder."""
    clean = {name: value for name, value in os.environ.items() if name not in OF_THE_CALLER}
    finished = subprocess.run(
        [BIN / command, *arguments],
        cwd=shop,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + (finished.stderr if command == "dagster" else "")


@pytest.mark.timeout(300)
def test_a_table_and_ordinary_assets_run_by_either_command_line(shop: Path) -> None:
    def sql(query: str) -> list[dict[str, object]]:
        return json.loads(called(shop, "media-assets", "sql", query, "--format", "json"))

    scanned = called(shop, "media-assets", "scan", "goods")
    (batch,) = sql("select distinct partition from goods")
    selected = ["--select", 'key:"goods/*"', "--partition", str(batch["partition"])]
    table_run = called(shop, "dagster", *MATERIALIZE, *selected, DAGSTER_HOME=str(shop))
    downstream = ["--select", "report,posters"]
    assets_run = called(shop, "dagster", *MATERIALIZE, *downstream, DAGSTER_HOME=str(shop))
    again = called(shop, "media-assets", "materialize", "goods")

    assert "3 new" in scanned
    assert "RUN_SUCCESS" in table_run
    assert "RUN_SUCCESS" in assets_run
    assert "0 cells made, 9 reused" in again
    assert sql("select row, width from goods where row = 'photo-000.jpg'") == [
        {"row": "photo-000.jpg", "width": 16}
    ]
    posters = sql("select row, image from posters order by row")
    assert [row["row"] for row in posters] == [f"big photo-00{n}.jpg" for n in range(3)]
    assert all(f"{shop.as_uri()}/media/files/posters" in str(row["image"]) for row in posters)


PAGE = Path(__file__).parents[1] / "docs" / "your-own-project.md"


def page_blocks(language: str) -> list[str]:
    block = re.compile(rf"^```{language}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return block.findall(PAGE.read_text("utf-8"))


@pytest.mark.parametrize("names", ["dg", "dagster"])
def test_the_pyproject_that_the_docs_print_makes_a_project(tmp_path: Path, names: str) -> None:
    of_dg, of_dagster = page_blocks("toml")
    if names == "dagster":
        of_dg = of_dg.partition("[tool.dg]")[0] + of_dagster
    package = tmp_path / "src" / "my_project"
    (package / "defs").mkdir(parents=True)
    (package / "__init__.py").touch()
    definitions = (SHOP / "definitions.py").read_text()
    if names == "dg":
        (package / "defs" / "photos.py").write_text(page_blocks("python")[0])
    else:
        definitions = page_blocks("python")[0]
    (package / "definitions.py").write_text(definitions)
    (tmp_path / "pyproject.toml").write_text(of_dg)
    (tmp_path / "dagster.yaml").touch()
    save_photos(tmp_path / "uploads" / "photos", 2)
    source = str(tmp_path / "src")  # what an editable install puts on the path

    scanned = called(tmp_path, "media-assets", "scan", "photos", PYTHONPATH=source)
    made = called(tmp_path, "media-assets", "materialize", "photos", PYTHONPATH=source)

    assert scanned.startswith("2 new")
    assert "4 cells made" in made
    assert tomllib.loads(of_dg)["project"]["requires-python"] == ">=3.11,<3.15"
