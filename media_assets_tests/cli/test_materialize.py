"""`media-assets materialize`: which partitions, and what a run over them makes."""

import json
from pathlib import Path

import dagster as dg
import pytest

from media_assets.io_manager import MediaIOManager
from media_assets.uploads.log import UploadLog
from media_assets_tests.cli.verbs import Outcome, run, write_project
from media_assets_tests.photos import save_photo, save_photos


@pytest.fixture
def batches(project: Path, home: Path) -> tuple[str, ...]:
    """Two batches of two rows each, of which nothing was computed yet."""
    write_project(project, table_options=", rows_per_partition=2")
    save_photos(home / "uploads" / "photos", 4)
    run("scan", "photos", "-f", project)
    log = UploadLog(MediaIOManager().installation.catalog, "photos")
    log.refresh()
    return tuple(log.partitions())


def materialized(outcome: Outcome) -> list[str]:
    """The partitions that were run over."""
    return [line.partition(":")[0] for line in outcome.output.splitlines()[:-1]]


def test_all_partitions_are_materialized_by_default(
    project: Path, batches: tuple[str, ...]
) -> None:
    outcome = run("materialize", "photos", "-f", project)

    assert outcome.exit_code == 0
    assert outcome.output.splitlines() == [
        *(f"{partition}: 6 cells made, 0 reused" for partition in batches),
        "Materialized 2 partitions of photos: 12 cells made, 0 reused.",
    ]


def test_partitions_are_named_by_key_by_several_keys_or_by_a_range(
    project: Path, batches: tuple[str, ...]
) -> None:
    first, second = batches

    one = run("materialize", "photos", "--partitions", second, "-f", project)
    two = run("materialize", "photos", "--partitions", f"{second}, {first}", "-f", project)
    span = run("materialize", "photos", "--partitions", f"{first}...{first}", "-f", project)

    assert materialized(one) == [second]
    assert materialized(two) == [first, second]
    assert materialized(span) == [first]
    assert "6 reused" in span.output


def test_missing_partitions_are_those_with_a_cell_that_was_never_made(
    project: Path, batches: tuple[str, ...]
) -> None:
    first, second = batches
    run("materialize", "photos", "--partitions", first, "-f", project)
    run("materialize", "photos", "--partitions", second, "--columns", "flipped", "-f", project)

    outcome = run("materialize", "photos", "--partitions", "missing", "-f", project)

    assert materialized(outcome) == [second]


def test_failed_partitions_are_those_with_an_error_row(
    project: Path, home: Path, batches: tuple[str, ...]
) -> None:
    spoilt = home / "uploads" / "photos" / "photo-003.jpg"
    whole = spoilt.read_bytes()
    spoilt.write_bytes(b"no image")
    run("scan", "photos", "-f", project)
    run("materialize", "photos", "-f", project)
    spoilt.write_bytes(whole)

    outcome = run("materialize", "photos", "--partitions", "failed", "-f", project)

    assert len(materialized(outcome)) == 1
    assert run("materialize", "photos", "--partitions", "failed", "-f", project).first_line == (
        "Nothing to materialize in photos."
    )


def test_stale_partitions_are_those_in_which_a_run_would_make_anything(
    project: Path, batches: tuple[str, ...]
) -> None:
    untouched = run("materialize", "photos", "--partitions", "stale", "-f", project)
    fresh = run("materialize", "photos", "--partitions", "stale", "-f", project)
    write_project(
        project,
        table_options=", rows_per_partition=2",
        width_body="return flipped.width * 2  # edited",
    )

    edited = run("materialize", "photos", "--partitions", "stale", "-f", project)

    assert materialized(untouched) == list(batches)
    assert materialized(fresh) == []
    assert materialized(edited) == list(batches)
    assert edited.output.splitlines()[-1] == (
        "Materialized 2 partitions of photos: 4 cells made, 8 reused."
    )


def test_a_dry_run_lists_what_would_be_made_and_changes_nothing(
    project: Path, batches: tuple[str, ...]
) -> None:
    first, second = batches
    run("materialize", "photos", "--partitions", first, "-f", project)
    before = run("status", "--format", "json", "-f", project).output

    told = run("materialize", "photos", "--dry-run", "-f", project)

    assert told.exit_code == 0
    assert "Would make 6 cells, move 0 and reuse 6, in 2 partitions" in told.output
    assert "hours" in told.output
    assert "GB" in told.output
    assert run("status", "--format", "json", "-f", project).output == before
    moved = run(
        "materialize", "photos", "--partitions", second, "--force", "--dry-run", "-f", project
    )
    assert "Would make 6 cells, move 0 and reuse 0, in 1 partition" in moved.output


def test_status_lists_stale_cells_by_column_and_reason(
    project: Path, batches: tuple[str, ...]
) -> None:
    run("materialize", "photos", "-f", project)
    write_project(
        project,
        table_options=", rows_per_partition=2",
        width_body="return flipped.width * 2  # edited",
    )

    stale = json.loads(run("status", "--stale", "--format", "json", "-f", project).output)

    assert [(one["column"], one["reason"], one["cells"], one["partitions"]) for one in stale] == [
        ("width", "code changed", 4, 2)
    ]


def test_one_column_is_made_and_the_others_left_alone(
    project: Path, batches: tuple[str, ...]
) -> None:
    outcome = run(
        "materialize", "photos", "--partitions", batches[0], "--columns", "flipped",
        "-f", project,
    )  # fmt: skip

    assert outcome.first_line == f"{batches[0]}: 2 cells made, 0 reused"


def test_cells_with_errors_are_counted_next_to_those_made(
    project: Path, batches: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    run("insert", "photos", tmp_path / "broken.jpg", "-f", project)

    outcome = run("materialize", "photos", "-f", project)

    suggested = f"See what failed: media-assets errors -f {project} photos"
    assert f"3 cells have an error. {suggested}" in outcome.output


def test_force_makes_every_cell_again(project: Path, batches: tuple[str, ...]) -> None:
    arguments = ("materialize", "photos", "--partitions", batches[0], "-f", project)
    run(*arguments)

    assert run(*arguments).first_line.endswith(": 0 cells made, 6 reused")
    again = ": 6 cells made, 6 equal to before, 0 passed on, 0 reused"
    assert run(*arguments, "--force").first_line.endswith(again)


def test_a_failed_run_is_marked_and_the_others_go_on(
    project: Path, batches: tuple[str, ...]
) -> None:
    outcome = run("materialize", "photos", "--columns", "width", "-f", project)

    assert outcome.exit_code == 1
    assert materialized(outcome) == list(batches)
    assert outcome.output.count(", failed") == 2
    assert "Select photos/flipped too, or materialize it first" in outcome.errors


@pytest.mark.parametrize("text", ["20200101T0000-0001", "{first}...20200101T0000-0001", "fresh"])
def test_an_unknown_partition_is_reported_with_the_known_ones(
    project: Path, batches: tuple[str, ...], text: str
) -> None:
    named = text.format(first=batches[0])

    outcome = run("materialize", "photos", "--partitions", named, "-f", project)

    assert outcome.exit_code == 1
    assert "no partition" in outcome.errors
    for partition in batches:
        assert partition in outcome.errors


def test_wiped_events_and_partitions_changed_by_hand_are_repaired(
    project: Path, batches: tuple[str, ...]
) -> None:
    run("materialize", "photos", "-f", project)
    name, key = "media_assets/photos", dg.AssetKey(["photos", "flipped"])
    with dg.DagsterInstance.get() as instance:
        instance.wipe_assets([key])
        instance.delete_dynamic_partition(name, batches[0])
        instance.add_dynamic_partitions(name, ["by-hand"])

    outcome = run("materialize", "photos", "--partitions", "missing", "-f", project)

    assert "Materialized 2 partitions of photos: 0 cells made, 12 reused." in outcome.output
    with dg.DagsterInstance.get() as instance:
        assert instance.get_materialized_partitions(key) == set(batches)
        assert set(instance.get_dynamic_partitions(name)) == set(batches)


def test_keys_are_taken_literally_and_the_option_can_be_repeated(project: Path, home: Path) -> None:
    options = (
        ', partitions=__import__("dagster").StaticPartitionsDefinition('
        '["a,b", "all", "a", "b,c", "c", "stale"]), partition_of=lambda row: row.partition("/")[0]'
    )
    write_project(project, table_options=options)
    for key in ("a,b", "all", "c"):
        save_photo(home / "uploads" / "photos" / key / "photo.jpg", seed=len(key))
    run("scan", "photos", "-f", project)

    def made(*options: str) -> list[str]:
        return materialized(run("materialize", "photos", *options, "-f", project))

    assert made("--partitions", "a,b") == ["a,b"]
    assert made("--partitions", "all") == ["all"]
    assert made("--partitions", "a,b", "--partitions", "c") == ["a,b", "c"]
    assert made("--partitions", "stale") == ["stale"]
    assert sorted(made()) == ["a,b", "all", "c"]
    assert made("--partitions", "missing") == made("--state", "missing") == []
    write_project(project, table_options=options, width_body="return flipped.width * 2")
    assert made("--partitions", "stale") == ["stale"]
    assert sorted(made("--state", "stale")) == ["a,b", "all", "c"]
    assert made("--state", "stale", "--state", "failed") == []
    refused = run("materialize", "photos", "--partitions", "a,b,c", "-f", project)
    assert refused.exit_code == 1
    assert "'a', 'b,c' or 'a,b', 'c'" in refused.errors
    assert "--partitions a --partitions b,c" in refused.errors


_BY_FOLDER = (
    ", partitions=__import__('dagster').StaticPartitionsDefinition(['north', 'south'])"
    ", partition_of=lambda row: row.partition('/')[0]"
)


@pytest.mark.parametrize(
    ("before", "after", "partitions"),
    [
        ("", _BY_FOLDER, {"north", "south"}),
        (", partitions=None", _BY_FOLDER, {"north", "south"}),
        ("", ", partitions=None", {"_"}),
        (_BY_FOLDER, ", partitions=None", {"_"}),
        (_BY_FOLDER, "", {"north", "south"}),
    ],
)
def test_rows_move_to_a_tables_new_partitions(
    project: Path, home: Path, before: str, after: str, partitions: set[str]
) -> None:
    for key in ("north", "south"):
        save_photo(home / "uploads" / "photos" / key / "photo.jpg", seed=len(key))

    def told(*arguments: str) -> Outcome:
        outcome = run(*arguments, "-f", project)
        assert outcome.exit_code == 0, outcome.errors
        return outcome

    write_project(project, table_options=before)
    told("scan", "photos")
    told("materialize", "photos")
    write_project(project, table_options=after)

    first = told("materialize", "photos")
    told("scan", "photos")
    told("materialize", "photos", "--partitions", "missing")

    is_told = "2 rows are in partitions that table 'photos' no longer has" in first.errors
    assert is_told == (after == _BY_FOLDER)
    query = "select partition from photos where width is not null"
    shown = json.loads(run("sql", query, "--format", "json", "-f", project).output)
    assert len(shown) == 2
    assert {row["partition"] for row in shown} == partitions
    assert "no longer" not in told("status").errors


def test_cells_made_again_with_an_equal_result_are_reported_and_not_passed_on(
    project: Path, batches: tuple[str, ...]
) -> None:
    run("materialize", "photos", "-f", project)
    write_project(
        project, table_options=", rows_per_partition=2", width_body="return 0 + flipped.width"
    )

    outcome = run("materialize", "photos", "-f", project)

    assert outcome.output.splitlines()[-1] == (
        "Materialized 2 partitions of photos: "
        "4 cells made, 4 equal to before, 0 passed on, 8 reused."
    )


def test_a_table_without_partitions_that_only_gets_inserts_needs_no_uploads_folder(
    project: Path, tmp_path: Path
) -> None:
    write_project(project, table_options=", partitions=None")
    run("insert", "photos", save_photo(tmp_path / "elsewhere" / "a.png"), "-f", project)

    outcome = run("materialize", "photos", "-f", project)

    assert outcome.errors == ""
    assert "0 cells made, 3 reused." in outcome.output
