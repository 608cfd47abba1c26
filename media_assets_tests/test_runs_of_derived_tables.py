"""Runs of derived tables: in processes, over ranges, without partitions, and only if any is due."""

from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

import media_assets as ma
from media_assets.cli.dry_run import print_dry_run
from media_assets.errors import DeclarationError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.scanning import record
from media_assets.tables.staleness import stale_columns
from media_assets.tables.stored import stored_table
from media_assets.uploads.folders import find_files
from media_assets_tests import scans_location

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"]


def save(path: Path, shade: int = 7) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 4), shade).save(path)
    return path


def with_tiles(version: str = "1", **options: object) -> ma.MediaTable:
    scans = ma.MediaTable("scans", **options)  # pyright: ignore[reportArgumentType]
    tiles = scans.derived_table("tiles", ma.split.tiles(4))

    @tiles.computed_column(code_version=version)
    def shade(tile: ma.Image) -> int:
        pixel = tile.getpixel((0, 0))
        assert isinstance(pixel, int)
        if pixel == 0:
            raise ValueError(pixel)
        return pixel

    ma.build_defs([scans])
    return scans


def lines(query: str) -> list[tuple[object, ...]]:
    return [tuple(line) for line in ma.Catalog.open().sql(query).itertuples(index=False)]


def test_each_table_may_be_made_in_a_process_of_its_own(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    table = scans_location.scans
    found = find_files([save(tmp_path / "a.png")])
    (partition,) = record(MediaIOManager().installation, table, found, is_named=True).partitions
    instance.add_dynamic_partitions("media_assets/scans", [partition])

    job, tags = dg.reconstructable(scans_location.in_processes), {"dagster/partition": partition}
    with dg.execute_job(job, instance, run_config=QUIET, tags=tags) as result:
        assert result.success

    assert lines('select row, wide from "scans/tiles" order by row') == [
        ("a.png/0000x0000", 4),
        ("a.png/0000x0001", 4),
    ]


def test_a_table_without_partitions_has_tables_derived_from_it(home: Path, tmp_path: Path) -> None:
    del home
    scans = with_tiles(partitions=None)

    made = scans.insert([save(tmp_path / "a.png"), save(tmp_path / "b.png", 9)])

    assert (made.error_rows, len(made.runs)) == (0, 1)
    assert scans.derived["tiles"].partitioning.definition is None
    query = 'select parent, shade from "scans/tiles" order by row'
    assert lines(query) == [("a.png", 7), ("a.png", 7), ("b.png", 9), ("b.png", 9)]


def test_one_run_makes_a_range_of_partitions_of_both_tables(
    home: Path, instance: dg.DagsterInstance
) -> None:
    days = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-02-01")
    scans = with_tiles(uploads=f"{home}/uploads/{{partition_key}}/", partitions=days)
    for number, day in enumerate(DAYS, start=1):
        save(home / "uploads" / day / "a.png", number)
    tiles = scans.derived["tiles"]
    keys = [table.asset_key(column.name) for table in (scans, tiles) for column in table.columns]

    result = (
        ma.build_defs([scans])
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[*keys, tiles.asset_key("x")],
            tags={
                "dagster/asset_partition_range_start": DAYS[0],
                "dagster/asset_partition_range_end": DAYS[-1],
            },
            run_config=QUIET,
        )
    )

    assert result.success
    query = 'select partition, count(shade), max(shade) from "scans/tiles" group by 1 order by 1'
    assert lines(query) == [(day, 2, number) for number, day in enumerate(DAYS, start=1)]
    for key in (tiles.asset_key("shade"), tiles.asset_key("x")):
        assert instance.get_materialized_partitions(key) == set(DAYS)


def test_an_insert_that_changes_nothing_starts_no_run(home: Path, tmp_path: Path) -> None:
    del home
    plain = ma.MediaTable("scans")
    ma.build_defs([plain])
    path = save(tmp_path / "a.png")
    plain.insert(path)

    scans = with_tiles()
    broken = tmp_path / "broken.png"
    broken.write_bytes(path.read_bytes()[:30])
    (run,) = scans.insert([path, broken, save(tmp_path / "0.png", 0)]).runs
    assert run.made > 4, "it was not split yet"
    assert scans.insert(broken).runs == (), "its error waits"
    assert len(scans.insert(tmp_path / "0.png").runs) == 1, "that of its tiles may pass"
    assert scans.insert(path).runs == ()

    with_more = with_tiles()

    @with_more.derived["tiles"].computed_column(code_version="1")
    def wide(tile: ma.Image) -> int:
        return tile.width

    ma.build_defs([with_more])
    assert len(with_more.insert(path).runs) == 1, "a column of the tiles was missing"


def test_states_and_dry_runs_of_a_table_are_those_of_its_derived_tables_too(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del home
    with_tiles().insert([save(tmp_path / "a.png"), save(tmp_path / "0.png", 0)])
    scans = with_tiles()
    tiles = scans.derived["tiles"]

    @tiles.computed_column(code_version="1")
    def wide(tile: ma.Image) -> int:
        return tile.width

    ma.build_defs([scans])
    stored = stored_table(MediaIOManager().installation.catalog, scans)
    print_dry_run(
        MediaIOManager().installation,
        scans,
        stored.partitions(),
        scans.columns,
        stored,
        AssetVersions(lambda: instance),
        force=False,
        moves=False,
    )
    forecast = capsys.readouterr().out
    assert sum(run.made for run in scans.materialize(state="missing").runs) == 6
    assert len(scans.materialize(state="failed").runs) == 1, "tiles have an error"

    instance.wipe_assets([tiles.asset_key("x")])
    assert len(scans.materialize(state="missing").runs) == 1
    assert len(instance.get_materialized_partitions(tiles.asset_key("x"))) == 1

    (line,) = [line for line in forecast.splitlines() if " wide " in line]
    assert [cell.strip() for cell in line.split("│")[3:-1]] == ["wide", "4", "0", "0"]
    assert "Would make 6 cells" in forecast


def test_tiles_of_a_scan_that_cannot_be_read_wait_with_it_whatever_the_code(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    del home
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no scan")
    with_tiles().insert([save(tmp_path / "a.png"), broken])
    scans = with_tiles(version="2")
    tiles = scans.derived["tiles"]
    stored = stored_table(MediaIOManager().installation.catalog, tiles)
    versions = AssetVersions(lambda: instance)

    def stale() -> list[tuple[str, dict[str, list[str]]]]:
        found = stale_columns(tiles, stored, versions, stored.partitions()[0])
        return [(each.column, {str(k): rows for k, rows in each.stale.items()}) for each in found]

    waiting = {"cannot be decoded": ["broken.png"]}
    edited = {"code changed": ["a.png/0000x0000", "a.png/0000x0001"]}
    assert stale() == [("tile", waiting), ("shade", {**edited, **waiting})]
    assert sum(run.made for run in scans.materialize(state="stale").runs) == 2
    stored.refresh()
    assert stale() == [("tile", waiting), ("shade", waiting)]


def test_facts_of_source_files_are_read_where_the_files_are(home: Path) -> None:
    del home
    tiles = with_tiles().derived["tiles"]

    with pytest.raises(DeclarationError, match="Read the fact in a column of the parent"):

        @tiles.computed_column()
        def camera(tile: ma.Image, file: ma.SourceFile) -> str | None:
            return str(file)

    with pytest.raises(DeclarationError, match="its table has no uploads"):

        @tiles.computed_column(keep_metadata=["artist"])
        def copy(tile: ma.Image) -> ma.Image:
            return tile
