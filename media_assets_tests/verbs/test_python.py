"""The verbs as methods of a table, in scripts and tests."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

import media_assets as ma
from media_assets.errors import (
    DeclarationError,
    HomeNotFoundError,
    InsertSourceError,
    UnknownNameError,
    UnknownRowsError,
    UploadError,
)
from media_assets_tests.cli.verbs import run
from media_assets_tests.photos import save_photos

MODULE = """
import media_assets as ma

photos = ma.MediaTable("photos")


@photos.computed_column()
def width(source_image: ma.Image) -> int:
    return source_image.width
"""


def wide_table() -> ma.MediaTable:
    table = ma.MediaTable("photos")

    @table.computed_column()
    def width(source_image: ma.Image) -> int:
        return source_image.width

    return table


def test_row_values_are_in_the_schema_and_among_the_columns_shown(home: Path) -> None:
    table = ma.MediaTable("photos", values={"label": str, "stars": int | None})

    @table.computed_column()
    def shout(source_image: ma.Image, label: str) -> str:
        return label.upper()

    lines = [line.split() for line in repr(table).splitlines()[2:]]
    assert [line[:2] for line in lines] == [
        ["source_image", "image"],
        ["label", "str"],
        ["stars", "int"],
        ["shout", "str"],
    ]
    assert lines[3][2:] == ["source_image,", "label"]
    assert [*table.show().columns] == ["row", "source_image", "label", "stars", "shout"]
    assert [*table.show("label").columns] == ["row", "label"]


def test_the_image_is_pillows() -> None:
    assert ma.Image is Image.Image


def test_insert_takes_paths_strings_and_lists_of_them(home: Path, tmp_path: Path) -> None:
    table = wide_table()
    first, second, third = save_photos(tmp_path / "up", 3)

    done = table.insert([str(first), second])
    again = table.insert(third)

    assert (done.recorded.new, done.error_rows, done.rows) == (2, 0, (first.name, second.name))
    assert (again.recorded.new, again.recorded.unchanged) == (1, 0)
    assert len(table.column("width")) == 3


@pytest.mark.parametrize("source", [5, b"bytes", [5]])
def test_other_sources_are_refused(home: Path, source: object) -> None:
    with pytest.raises(InsertSourceError, match=re.escape("insert() got ")):
        wide_table().insert(source)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("source", ["", "a\0b", ["", "photo.jpg"]])
def test_an_empty_name_is_not_a_file_and_never_the_working_directory(
    home: Path, source: str | list[str]
) -> None:
    with pytest.raises(UploadError, match="A file was named"):
        wide_table().insert(source)


def test_a_page_has_its_rows_also_of_columns_that_were_never_made(
    home: Path, tmp_path: Path
) -> None:
    table = wide_table()
    table.insert([save_photos(tmp_path / "up", 5)[0].parent], columns=())

    page = table.show(page=2, rows=2)

    assert list(page.columns) == ["row", "source_image", "width"]
    assert len(page) == 2
    assert page["width"].isna().to_list() == [True, True]
    assert "rows 3 to 4 of 5" in page._repr_html_()


def test_an_empty_table_shows_its_columns(home: Path) -> None:
    shown = wide_table().show("width")

    assert list(shown.columns) == ["row", "width"]
    assert len(shown) == 0


def test_pages_are_counted_from_one(home: Path) -> None:
    with pytest.raises(DeclarationError, match="page=0"):
        wide_table().show(page=0)


def test_rows_are_deleted_by_name(home: Path, tmp_path: Path) -> None:
    table = wide_table()
    one, _ = save_photos(tmp_path / "up", 2)
    table.insert(one.parent)

    deleted = table.delete(one.name)

    assert str(deleted).startswith("Deleted 1 row of photos.")
    assert table.sql("select count(*) as n from photos").n.to_list() == [1]
    with pytest.raises(UnknownRowsError):
        table.delete(one.name)


def test_a_column_that_does_not_exist_is_named(home: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"no column 'wdith'.*Did you mean 'width'"):
        wide_table().materialize("wdith")


def test_a_scan_records_and_computes_nothing(home: Path) -> None:
    table = wide_table()
    save_photos(home / "uploads" / "photos", 2)

    scanned = table.scan()
    done = table.materialize(state="stale")

    assert str(scanned).startswith("2 new, 0 replaced")
    assert "4 cells made" in str(done)


def test_the_resources_of_build_defs_count(home: Path, tmp_path: Path) -> None:
    table, elsewhere = ma.MediaTable("photos"), tmp_path / "elsewhere"

    @table.computed_column()
    def flipped(source_image: ma.Image) -> ma.Image:
        return ma.transforms.flip(source_image)

    manager = ma.MediaIOManager(output_media_dest=str(elsewhere))
    ma.build_defs([table], overrides={"media_io_manager": manager})

    table.insert(save_photos(tmp_path / "up", 1))

    (fileurl,) = table.column("flipped").fileurl.values()
    assert fileurl.startswith(elsewhere.as_uri())


def test_a_table_whose_resources_are_elsewhere_is_refused(home: Path) -> None:
    table = wide_table()
    ma.table_defs(table)

    with pytest.raises(DeclarationError, match="given to table_defs"):
        table.insert("uploads")


def test_a_resource_that_nobody_gave_is_named(home: Path) -> None:
    class Model(dg.ConfigurableResource[None]):
        pass

    table = ma.MediaTable("photos")

    @table.computed_column()
    def labelled(source_image: ma.Image, model: dg.ResourceParam[Model]) -> str:
        return "x"

    with pytest.raises(DeclarationError, match="takes the resource 'model'"):
        table.insert("uploads")


def test_a_column_twice_is_an_error_outside_of_notebooks() -> None:
    table = wide_table()

    with pytest.raises(DeclarationError, match="already has a column 'width'"):

        @table.computed_column()
        def width(source_image: ma.Image) -> int:
            return source_image.width


def test_a_home_that_is_named_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "/no/such/folder")

    with pytest.raises(HomeNotFoundError, match="/no/such/folder"):
        wide_table().insert("uploads")


def test_a_home_of_ones_own_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "gone with the test")

    home = ma.use_home(tmp_path / "mine")

    assert (home.folder / "dagster.yaml").is_file()
    assert os.environ["DAGSTER_HOME"] == str(tmp_path / "mine")


def test_the_command_line_makes_no_home(tmp_path: Path) -> None:
    (tmp_path / "photos.py").write_text(MODULE + "\ndefs = ma.build_defs([photos])\n")
    environment = {k: v for k, v in os.environ.items() if k != "DAGSTER_HOME"}
    command = [sys.executable, "-m", "media_assets"]

    for verb in (["insert", "photos", "x.jpg", "-f", "photos.py"], ["sql", "select 1"]):
        done = subprocess.run(
            [*command, *verb],
            cwd=tmp_path,
            env={**environment, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1
        assert "use ~/media-assets" in done.stderr
    assert not (tmp_path / "media-assets").exists()


def test_a_script_and_the_command_line_share_one_history(home: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "up", 3)
    (tmp_path / "tables.py").write_text(MODULE + "\ndefs = ma.build_defs([photos])\n")
    script = tmp_path / "script.py"
    script.write_text(f"{MODULE}\nprint(photos.insert({str(tmp_path / 'up')!r}))\n")

    printed = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True
    )
    after = run("materialize", "photos", "--state", "stale", "-f", tmp_path / "tables.py")

    assert printed.stdout.startswith("Inserted 3 rows with 0 errors")
    assert all("rows/s" in line for line in printed.stderr.splitlines()), "the log is quiet"
    assert after.output == "Nothing to materialize in photos.\n"


def test_ctrl_c_counts_even_if_it_comes_after_dagsters_step(home: Path, tmp_path: Path) -> None:
    presses = [signal.SIGINT]

    @dg.success_hook
    def press(_context: dg.HookContext) -> None:
        if presses:
            os.kill(os.getpid(), presses.pop())

    table = ma.MediaTable("photos", hooks={press})
    photos = save_photos(tmp_path / "up", 2)

    with pytest.raises(KeyboardInterrupt):
        table.insert(photos)
    again = table.insert(photos)

    assert (again.recorded.unchanged, again.error_rows) == (2, 0)
    assert len(table.column("source_image")) == 2


def test_ctrl_c_counts_even_if_python_loses_its_exception(home: Path, tmp_path: Path) -> None:
    presses = [signal.SIGINT]

    def name(_row: str) -> str:
        before = signal.signal(signal.SIGINT, lambda *_: None)  # as if it came in a weakref's call
        if presses:
            os.kill(os.getpid(), presses.pop())
        signal.signal(signal.SIGINT, before)
        return "all"

    keys = dg.StaticPartitionsDefinition(["all"])
    table = ma.MediaTable("photos", partitions=keys, partition_of=name)
    photos = save_photos(tmp_path / "up", 2)

    with pytest.raises(KeyboardInterrupt):
        table.insert(photos)

    assert table.insert(photos).recorded.unchanged == 2
    assert len(table.column("source_image")) == 2


def test_functions_typed_at_pythons_prompt_are_columns(home: Path, tmp_path: Path) -> None:
    save_photos(tmp_path / "up", 2)
    typed = MODULE.replace("\n\n\n", "\n") + f"\nprint(photos.insert({str(tmp_path / 'up')!r}))\n"
    again = "\n".join([MODULE.split("\n\n\n")[1], "print(len(photos.columns))", ""])

    done = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=typed + again,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Inserted 2 rows with 0 errors" in done.stdout, done.stderr
    assert done.stdout.endswith("2\n")
