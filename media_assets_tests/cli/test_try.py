"""`media-assets try`: what it prints, and what the functions of a project get in a trial."""

import csv
import io
import os
from pathlib import Path

import dagster as dg

from media_assets_tests.cli.made import make
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photos

TAKES_ALL = """
import dagster as dg
from PIL import Image

import media_assets as ma


class Scale(dg.ConfigurableResource):
    by: int = 2


@dg.asset
def price() -> int:
    return 5


photos = ma.MediaTable("photos", values={{"label": str}})


@photos.computed_column(ins={{"price": "price"}}, code_version="{factor}")
def cost(
    source_image: Image.Image, label: str, price: int, scale: Scale, partition_key: str, row: str
) -> str:
    return f"{{price * scale.by * {factor}}} {{label}} {{row}} {{bool(partition_key)}}"


defs = dg.Definitions.merge(
    ma.build_defs([photos], overrides={{"scale": Scale()}}), dg.Definitions(assets=[price])
)
"""


def test_a_trial_prints_how_it_came_out_and_where_the_page_is(
    project: Path, home: Path, tmp_path: Path
) -> None:
    make(project, *save_photos(tmp_path / "uploads", 3))
    write_project(project, width_body="return flipped.width + 1")

    outcome = run("try", "width", "-f", project)

    page = home / "media" / "trials" / "photos" / "index.html"
    assert outcome.exit_code == 0
    assert outcome.output.splitlines()[:2] == [
        "Tried width of photos on 3 of 3 rows, from 1 of 1 partition. Nothing was kept.",
        "width: 3 differ (by +1 to +1, median +1)",
    ]
    assert outcome.output.splitlines()[-1] == f"Before and after: {page}"
    assert page.is_file()


def test_programs_get_a_line_per_column(project: Path, tmp_path: Path) -> None:
    make(project, *save_photos(tmp_path / "uploads", 3))

    outcome = run("try", "photos/flipped", "--format", "csv", "-f", project)

    lines = list(csv.DictReader(io.StringIO(outcome.output)))
    assert [(line["column"], line["tried"], line["equal"], line["made"]) for line in lines] == [
        ("flipped", "True", "3", "3"),
        ("width", "False", "3", "0"),
    ]
    assert lines[0]["bytes_before"] == lines[0]["bytes_after"] != "0"


def test_functions_get_resources_values_of_assets_and_all_else_that_they_take(
    project: Path, home: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    @dg.asset
    def price() -> int:
        return 5

    dg.materialize([price], instance=instance)
    project.write_text(TAKES_ALL.format(factor=1))
    (photo,) = save_photos(tmp_path / "uploads", 1)
    rows = tmp_path / "rows.csv"
    rows.write_text(f"source,label\n{photo},cat\n")
    inserted = run("insert", "photos", "--from", rows, "-f", project)
    project.write_text(TAKES_ALL.format(factor=3))

    outcome = run("try", "cost", "-f", project)

    assert (inserted.exit_code, outcome.exit_code) == (0, 0), inserted.errors + outcome.errors
    assert "cost: 1 differs\n" in outcome.output
    shown = (home / "media/trials/photos/data/rows-00000.js").read_text()
    assert "10 cat photo-000.jpg True" in shown
    assert "30 cat photo-000.jpg True" in shown


def test_a_column_that_several_tables_have_is_named_with_its_table(
    project: Path, tmp_path: Path
) -> None:
    text = project.read_text().replace(
        "defs = ma.build_defs([photos])",
        'others = ma.MediaTable("others")\nothers.computed_column()(flipped)\n'
        "defs = ma.build_defs([photos, others])",
    )
    project.write_text(text)
    make(project, *save_photos(tmp_path / "uploads", 1))

    assert "--table photos" in run("try", "flipped", "-f", project).errors
    assert "--table" in run("try", "photos/flipped", "others/flipped", "-f", project).errors
    assert "'nothing'" in run("try", "nothing", "-f", project).errors
    assert run("try", "flipped", "--table", "photos", "-f", project).exit_code == 0
    assert run("try", "width", "-f", project).exit_code == 0, "only photos has it"


def test_what_a_killed_trial_left_is_deleted_by_the_next(
    project: Path, home: Path, tmp_path: Path
) -> None:
    make(project, *save_photos(tmp_path / "uploads", 1))
    left = home / "media" / "trials" / ".media-assets-run-left"
    left.mkdir(parents=True)
    (left / "file.png").write_bytes(os.urandom(10))

    run("try", "flipped", "-f", project)

    assert not left.exists()
