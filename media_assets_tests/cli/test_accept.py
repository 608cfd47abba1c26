"""`media-assets accept`: cells that count as made by other code, here and in Dagster."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import (  # noqa: TID251  what the UI asks; no public one
    CachingStaleStatusResolver,
)
from dagster._core.loader import LoadingContextForTest  # noqa: TID251  the same

import media_assets as ma
from media_assets.cli.location import Location
from media_assets.upkeep.accepting import Acceptance, accept
from media_assets_tests.cli.verbs import run, write_project
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import catalog, insert
from media_assets_tests.steps import run_step

RENAMED = "w = flipped.width; return w"
OPTIONS = ", rows_per_partition=2"
BODY = "return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)"
OTHER_NAME = "mirrored = source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT); return mirrored"


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Path:
    """Four photos in two partitions, all columns made."""
    write_project(project, table_options=OPTIONS)
    outcome = run("insert", "photos", *save_photos(tmp_path / "uploads", 4), "-f", project)
    assert outcome.exit_code == 0, outcome.errors
    return project


def rename(project: Path) -> None:
    """Renames a variable of `flipped`, which `width` reads."""
    project.write_text(project.read_text().replace(BODY, OTHER_NAME))


def stale_in_dagster(project: Path, instance: dg.DagsterInstance) -> set[str]:
    """What Dagster says of both columns in both partitions, as its UI asks it."""
    graph = Location(None, project).defs.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    return {
        f"{name} {resolver.get_status(dg.AssetKey(['photos', name]), partition).value}"
        for name in ("flipped", "width")
        for partition in instance.get_dynamic_partitions("media_assets/photos")
    }


def test_after_a_rename_nothing_is_stale_nothing_is_computed_and_it_can_be_undone(
    made: Path, instance: dg.DagsterInstance
) -> None:
    rename(made)
    stale = run("status", "--stale", "--format", "csv", "-f", made).output

    outcome = run("accept", "flipped", "--because", "renamed a variable", "-f", made)

    assert "code changed" in stale
    assert outcome.errors == ""
    assert "Accepted 4 cells of photos/flipped, in 2 partitions" in outcome.output
    assert run("status", "--stale", "--format", "csv", "-f", made).output.count("\n") == 1
    assert stale_in_dagster(made, instance) == {"flipped FRESH", "width FRESH"}
    assert "0 cells made, 12 reused." in run("materialize", "photos", "-f", made).output

    undone = run("accept", "flipped", "--undo", "-f", made)

    assert undone.output.startswith("Undone: 4 cells of photos/flipped, in 2 partitions")
    assert run("status", "--stale", "--format", "csv", "-f", made).output == stale
    assert "flipped STALE" in stale_in_dagster(made, instance)
    assert "Nothing to undo" in run("accept", "flipped", "--undo", "-f", made).output


def test_who_accepted_cells_when_and_why_stands_in_the_history(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")
    rename(made)

    run("accept", "flipped", "--because", " renamed a variable ", "-f", made)

    lines = catalog().answer(
        "select number, left(run_id, 7), note, committed_at is not null, code_version "
        "from media_assets.history where \"column\" = 'flipped' order by partition, number"
    )
    (first, accepted, *_) = lines.rows
    (fileurl,) = catalog().answer("select flipped from photos order by row limit 1").rows[0]
    told = run("explain", str(fileurl), "-f", made).output
    assert f"code version {accepted[4]}, accepted for what {first[4]} made (as it is now)" in told
    assert (first[0], first[2]) == (1, None)
    assert accepted[:4] == (2, "accept ", "somebody: renamed a variable", True)
    assert first[4] != accepted[4]


def test_a_trial_of_the_current_code_is_reason_enough(made: Path) -> None:
    rename(made)
    untried = run("accept", "flipped", "-f", made)
    run("try", "flipped", "-f", made)

    outcome = run("accept", "flipped", "-f", made)

    assert untried.exit_code == 1
    assert "nobody has tried its current code here, and no reason was given" in untried.errors
    assert "after a trial of 4 rows: 4 equal" in outcome.output
    made.write_text(made.read_text().replace("return flipped.width", RENAMED))
    assert run("accept", "width", "-f", made).exit_code == 1, "a trial of another column is none"
    again = run("accept", "flipped", "-f", made)
    assert again.output.startswith("Nothing to accept: all cells of photos/flipped")


def test_cells_of_several_versions_are_accepted_one_version_at_a_time(made: Path) -> None:
    first, _ = catalog().answer("select distinct partition from photos order by 1").rows
    write_project(made, table_options=OPTIONS, width_body="return flipped.width + 1")
    run("materialize", "photos", "--partitions", str(first[0]), "-f", made)
    versions = catalog().answer(
        "select code_version from media_assets.history where \"column\" = 'width' "
        "order by committed_at, partition"
    )
    write_project(made, table_options=OPTIONS, width_body="total = flipped.width + 1; return total")

    refused = run("accept", "width", "--because", "renamed", "-f", made)
    newest = str(versions.rows[-1][0])
    outcome = run("accept", "width", "--because", "renamed", "--version", newest, "-f", made)

    assert refused.exit_code == 1
    assert "they are of 2 earlier code versions" in refused.errors
    assert "Accepted 2 cells of photos/width, in 1 partition" in outcome.output
    assert "2 cells made" in run("materialize", "photos", "-f", made).output
    unknown = run("accept", "width", "--because", "x", "--version", "none", "-f", made)
    assert "'none'" in unknown.errors


def test_rows_that_wait_since_an_earlier_version_are_not_in_the_way(
    home: Path, tmp_path: Path
) -> None:
    (photo,) = save_photos(tmp_path / "uploads", 1)
    cut = tmp_path / "uploads/cut.jpg"
    cut.write_bytes(photo.read_bytes()[:400])
    (partition,) = insert(with_version("1"), photo, cut)
    for version in ("1", "2"):
        run_step(with_version(version), partition)

    accepted = with_version("3").accept("width", because="renamed")

    assert (accepted.cells, accepted.partitions) == (1, 1)


def with_version(version: str) -> ma.MediaTable:
    table = ma.MediaTable("photos")

    @table.computed_column(code_version=version)
    def width(source_image: ma.Image) -> int:
        return source_image.width

    return table


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("def width(flipped: Image.Image) -> int", "def width(flipped: Image.Image) -> float",
         "they hold int, and the current code says float"),
        ("def width(flipped: Image.Image)", "def width(source_image: Image.Image)",
         "they are made from flipped, and the current code says source_image"),
    ],
)  # fmt: skip
def test_code_of_another_kind_is_not_accepted(
    made: Path, before: str, after: str, told: str
) -> None:
    body = f"return {'source_image' if 'source' in after else 'flipped'}.width"
    made.write_text(made.read_text().replace(before, after).replace("return flipped.width", body))

    outcome = run("accept", "width", "--because", "it is the same", "-f", made)

    assert outcome.exit_code == 1
    assert told in outcome.errors
    suggested = f"media-assets materialize -f {made} photos --columns width"
    assert f"Make them again: {suggested}" in outcome.errors


def test_what_cannot_be_accepted_is_refused_in_a_sentence_and_changes_nothing(
    made: Path, home: Path
) -> None:
    def manifests() -> list[str]:
        return sorted(str(p) for p in (home / "media/catalog").rglob("*.parquet"))

    before = manifests()
    made.write_text(
        made.read_text().replace(
            "\n\ndefs =",
            "\n\n@photos.computed_column()\ndef new(flipped: Image.Image) -> int:\n"
            "    return 1\n\n\ndefs =",
        )
    )
    because = ("--because", "x", "-f", made)

    assert "photos/new has no cells yet" in run("accept", "new", *because).errors
    assert "'source_image'" in run("accept", "source_image", *because).errors
    assert "'nothing'" in run("accept", "nothing", *because).errors
    write_project(made, table_options=", partitions=None")
    assert "partitions have changed" in run("accept", "flipped", *because).errors
    assert manifests() == before


def test_dagster_learns_of_an_acceptance_that_was_killed_before_it_could_say_so(
    made: Path, home: Path, instance: dg.DagsterInstance
) -> None:
    rename(made)
    location = Location(None, made)
    (column,) = location.table("photos").select(("flipped",))
    root = location.installation.catalog
    one, two = instance.get_dynamic_partitions("media_assets/photos")
    ledger = root.ledger("photos", "flipped", one)
    (version,) = (
        catalog()
        .answer(
            "select distinct code_version from media_assets.history where \"column\" = 'flipped'"
        )
        .rows[0]
    )
    accept(ledger, Acceptance(column.code_version, str(version), "accept killed", "x: y"))

    outcome = run("accept", "flipped", "--because", "renamed", "-f", made)

    assert "Accepted 2 cells of photos/flipped, in 1 partition" in outcome.output
    told = instance.get_latest_materialization_code_versions([dg.AssetKey(["photos", "flipped"])])
    assert set(told.values()) == {column.code_version}
    for partition in (one, two):
        chosen = dg.AssetRecordsFilter(
            dg.AssetKey(["photos", "flipped"]), asset_partitions=[partition]
        )
        (record,) = instance.fetch_materializations(chosen, limit=1).records
        event = record.asset_materialization
        assert event is not None
        assert (event.tags or {})["dagster/code_version"] == column.code_version
