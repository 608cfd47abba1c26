"""A kind of media of one's own goes through tables as images do."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

import media_assets as ma
from media_assets import media_types
from media_assets.errors import DeclarationError
from media_assets.media_types import MediaType
from media_assets.tables.table import MediaTable
from media_assets_tests.media.poems import Poem
from media_assets_tests.runs import inserted
from media_assets_tests.steps import run_step


@pytest.fixture(autouse=True)
def poems(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for known in ("_TYPES", "_OF_CLASS"):
        monkeypatch.setattr(media_types, known, dict(getattr(media_types, known)))
    media_types.register(
        MediaType("poem", Poem.__module__, "Poem", "poems", facts={"verses": "bigint"})
    )
    yield
    assert Poem.opened == 0


def poem_table() -> MediaTable:
    table = MediaTable("poems", media=Poem)

    @table.computed_column()
    def loud(source_poem: Poem) -> Poem:
        return source_poem.loud()

    @table.computed_column()
    def length(loud: Poem) -> int:
        return len(loud.text)

    @table.computed_column()
    def kept(source_poem: Poem) -> Poem | None:
        return None if "rain" in source_poem.text else source_poem

    return table


def test_a_table_of_a_kind_of_its_own(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "a.poem").write_text("# Sea\nwaves\nand waves\n")
    (folder / "b.poem").write_text("# Rain\nrain\n")
    (folder / "c.poem").write_text("no title")
    (folder / "photo.jpg").write_text("another kind")
    table = poem_table()

    partition = inserted(instance, table, folder)
    run_step(table, partition)

    catalog = ma.Catalog.open()
    shown = catalog.sql("select row, source_poem, loud, length, kept from poems order by row")
    assert shown["row"].to_list() == ["a.poem", "b.poem", "c.poem"]
    assert (
        Path(str(shown["loud"][0]).removeprefix("file://")).read_text()
        == "# SEA\nWAVES\nAND WAVES\n"
    )
    assert shown["length"].to_list()[:2] == [22, 12]
    assert shown["kept"].isna().to_list() == [False, True, True]
    errors = catalog.sql(
        'select row, "column", error_message from media_assets.errors order by all'
    )
    assert set(errors["row"]) == {"c.poem"}
    assert "The file holds no poem." in errors["error_message"][3]
    again = run_step(table, partition)
    assert {output.committed.made for output in again} == {0}


def test_a_file_that_changes_while_it_is_read_makes_an_error_row_and_leaves_nothing(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    upload = tmp_path / "a.poem"
    upload.write_text("# Sea\nwaves\n")
    table = MediaTable("poems", media=Poem)

    @table.computed_column()
    def loud(source_poem: Poem) -> Poem:
        made = source_poem.loud()
        upload.write_text("# Storm\nlarger waves\n")
        return made

    run_step(table, inserted(instance, table, upload))

    errors = ma.Catalog.open().sql('select "column", error_message from media_assets.errors')
    assert errors["column"].to_list() == ["loud"]
    assert "changed" in str(errors["error_message"][0])
    assert [path for path in (home / "media" / "files").rglob("*") if path.is_file()] == []


def test_a_poem_is_not_an_image(home: Path) -> None:
    table = poem_table()

    @table.computed_column()
    def small(loud: ma.Image) -> ma.Image:
        return loud

    with pytest.raises(DeclarationError, match=r"annotates 'loud' as `image`.*holds `poem`"):
        _ = table.columns


def test_a_table_of_no_kind_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"media=<class 'int'> is not a kind of media"):
        MediaTable("numbers", media=int)
