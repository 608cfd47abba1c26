"""`media-assets insert --from` and `media-assets update`, over a server of the test's own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from media_assets.home import NETWORKS_VARIABLE
from media_assets_tests.cli.verbs import run
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.fetch.site import Site, answer, site
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import catalog

DEFINITIONS = """
from datetime import date

from PIL import Image

import media_assets as ma

photos = ma.MediaTable("photos", values={"label": str, "caption": str | None, "taken": date | None})


@photos.computed_column(code_version="1")
def prompt(source_image: Image.Image, label: str) -> str:
    return f"{label} {source_image.width}"


@photos.computed_column(code_version="1")
def words(caption: str | None) -> int | None:
    return len(caption.split()) if caption else None


@photos.computed_column(code_version="1")
def width(source_image: Image.Image) -> int:
    return source_image.width


defs = ma.build_defs([photos])
"""


@pytest.fixture
def labelled(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(NETWORKS_VARIABLE, "127.0.0.1/32, ::1")
    project.write_text(DEFINITIONS)
    return project


@pytest.fixture
def host() -> Iterator[Site]:
    with site(answer(jpeg(), ETag='"1"')) as running:
        yield running


def write_rows(path: Path, address: str, count: int) -> None:
    query = f"""
        copy (select 'r' || lpad(i::varchar, 4, '0') as row, '{address}' || i || '.jpg' as source,
            'label ' || (i % 7) as label, if(i % 2 = 0, 'two words', null) as caption,
            date '2024-01-01' + i::int as taken
        from range({count}) t(i)) to '{path}'
    """  # noqa: S608  the test's own
    duckdb.connect().execute(query)


def test_a_thousand_rows_of_a_parquet_file_and_one_label_of_them(
    labelled: Path, host: Site, tmp_path: Path
) -> None:
    write_rows(tmp_path / "rows.parquet", host.url("/p"), 1000)

    inserted = run("insert", "photos", "--from", tmp_path / "rows.parquet", "-f", labelled)
    again = run("insert", "photos", "--from", tmp_path / "rows.parquet", "-f", labelled)
    updated = run("update", "photos", "--row", "r0003", "--set", "label=cat", "-f", labelled)

    assert inserted.first_line.startswith("Inserted 1000 rows with 0 errors")
    assert "1000 unchanged" in again.output
    assert "0 cells made" in again.output
    assert re.match(r"Updated 1 row of photos: 1 cell made, \d+ reused\.", updated.first_line)
    found = catalog().answer(
        "select label, prompt, words, taken::varchar from photos where row in ('r0003', 'r0004') "
        "order by row"
    )
    assert [tuple(row) for row in found.rows] == [
        ("cat", "cat 48", None, "2024-01-04"),
        ("label 4", "label 4 48", 2, "2024-01-05"),
    ]


def test_a_dead_address_among_others_is_an_error_row(labelled: Path, host: Site) -> None:
    with site(answer(status=404)) as dead:
        outcome = run(
            *["insert", "photos", host.url("/a.jpg"), dead.url("/b.jpg"), "--set", "label=x"],
            *["--null", "caption", "--null", "taken", "-f", labelled],
        )

    assert outcome.first_line.startswith("Inserted 2 rows with 1 error")


def test_rows_are_updated_from_a_file(labelled: Path, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    values = ["--set", "label=x", "--set", "taken=2024-05-06", "--null", "caption"]
    assert run("insert", "photos", photo, *values, "-f", labelled).exit_code == 0
    (tmp_path / "updates.csv").write_text("row,caption\na.jpg,three more words\n")

    outcome = run("update", "photos", "--from", tmp_path / "updates.csv", "-f", labelled)

    assert "1 cell made" in outcome.output
    shown = run("show", "photos", "--format", "csv", "-f", labelled).output.splitlines()
    assert shown[0] == "row,source_image,label,caption,taken,prompt,words,width"
    assert shown[1].endswith(",x,three more words,2024-05-06,x 48,3,48")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["update", "photos", "--row", "z", "--set", "label=x"], "has no row 'z'"),
        (["update", "photos", "--row", "z", "--set", "lable=x"], "no row value 'lable'"),
        (["update", "photos", "--row", "z", "--set", "taken=soon"], "'soon' is not of type date"),
        (["update", "photos", "--row", "z", "--null", "label"], "label: is null"),
        (["update", "photos", "--row", "z", "--set", "label"], "NAME=VALUE"),
        (["update", "photos", "--row", "z"], "Name rows by --row"),
        (["insert", "photos", "rows.csv"], " photos --from rows.csv"),
        (["insert", "photos"], "Name FILES"),
        (["insert", "photos", "a.jpg", "--from", "rows.csv"], "one of both"),
        (["insert", "photos", "--from", "rows.csv", "--set", "label=x"], "are for FILES"),
        (["insert", "photos", "--from", "rows.csv"], "no such file"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_with_the_reason(
    labelled: Path, arguments: list[str], text: str
) -> None:
    outcome = run(*arguments, "-f", labelled)

    assert outcome.exit_code != 0
    assert text in outcome.errors
    assert "Traceback" not in outcome.errors


def test_an_update_that_was_killed_before_its_run_is_made_by_the_next_one(
    labelled: Path, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "a.jpg")
    values = ["--set", "label=x", "--null", "taken", "--null", "caption"]
    run("insert", "photos", photo, *values, "-f", labelled)
    program = (
        "import os, sys\n"
        "from media_assets.cli import main\n"
        "from media_assets.verbs import update\n"
        "update.run_partitions = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        "main()\n"
    )
    update = ["update", "photos", "--row", "a.jpg", "--set", "label=cat", "-f", str(labelled)]
    killed = subprocess.run([sys.executable, "-c", program, *update], check=False)

    stale = run("status", "--stale", "--format", "csv", "-f", labelled).output
    outcome = run(*update)

    assert killed.returncode == -signal.SIGKILL
    assert "photos,prompt,input changed,1,1" in stale
    assert outcome.first_line.startswith("Updated 0 rows of photos: 1 cell made")


def test_rows_that_were_deleted_come_back_with_the_values_of_the_data(
    labelled: Path, tmp_path: Path
) -> None:
    save_photo(tmp_path / "a.jpg")
    rows = tmp_path / "rows.csv"
    rows.write_text("row,source,label,caption,taken\na,a.jpg,x,,\n")
    run("insert", "photos", "--from", rows, "-f", labelled)
    run("delete", "photos", "a", "-f", labelled)
    refused = run("update", "photos", "--row", "a", "--set", "label=y", "-f", labelled)

    rows.write_text("row,source,label,caption,taken\na,a.jpg,z,,\n")
    back = run("insert", "photos", "--from", rows, "-f", labelled)

    assert "has no row 'a'" in refused.errors
    assert back.first_line.startswith("Inserted 1 row with 0 errors")
    assert catalog().answer("select label, prompt from photos").rows == [("z", "z 48")]
