"""Dagster definitions built from tables."""

from pathlib import Path

import dagster as dg
import pytest
from PIL import Image

from media_assets.build import build_defs, table_defs
from media_assets.errors import DeclarationError, UnknownNameError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.built import list_built
from media_assets.tables.table import MediaTable


def table_of(name: str) -> MediaTable:
    table = MediaTable(name)

    @table.computed_column()
    def flipped(source_image: Image.Image) -> Image.Image:
        return source_image

    return table


def test_two_tables_make_two_steps_and_two_jobs() -> None:
    defs = build_defs([table_of("photos"), table_of("team/scans")])

    assert {key.to_user_string() for key in defs.resolve_all_asset_keys()} == {
        "photos/source_image",
        "photos/flipped",
        "team/scans/source_image",
        "team/scans/flipped",
    }
    assert {"photos_job", "team__scans_job"} <= {job.name for job in defs.jobs or []}


def test_your_own_io_manager_replaces_the_default_one() -> None:
    own = MediaIOManager(output_media_dest="/data/processed")

    defs = build_defs([table_of("photos")], overrides={"media_io_manager": own})

    assert (defs.resources or {})["media_io_manager"] is own


def test_two_tables_of_one_name_are_refused() -> None:
    with pytest.raises(DeclarationError, match="Two tables, 'photos' and 'photos'"):
        build_defs([table_of("photos"), table_of("photos")])
    with pytest.raises(DeclarationError, match="the same step name, 'team__photos'"):
        build_defs([table_of("team/photos"), table_of("team__photos")])


def test_an_unknown_column_is_refused_with_the_known_ones() -> None:
    table = table_of("photos")

    @table.computed_column()
    def gray(fliped: Image.Image) -> Image.Image:
        return fliped

    with pytest.raises(UnknownNameError, match=r"'fliped'.*Did you mean 'flipped'"):
        build_defs([table])


def test_the_definitions_merge_with_those_of_any_project() -> None:
    @dg.asset
    def report() -> int:
        return 1

    merged = dg.Definitions.merge(build_defs([table_of("photos")]), dg.Definitions(assets=[report]))

    dg.Definitions.validate_loadable(merged)
    assert dg.AssetKey("report") in merged.resolve_all_asset_keys()


def test_nothing_is_read_or_written_when_definitions_are_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "missing"))
    monkeypatch.chdir(tmp_path)

    build_defs([table_of("photos")])

    assert list(tmp_path.iterdir()) == []


def test_tables_that_were_built_are_found_by_name() -> None:
    table = table_of("built_here")

    build_defs([table])

    assert list_built()["built_here"] is table


def test_definitions_of_several_calls_merge_and_name_no_executor() -> None:
    merged = dg.Definitions.merge(
        build_defs([table_of("photos")]),
        build_defs([table_of("scans")]),
        table_defs(table_of("slides")),
        dg.Definitions(executor=dg.multiprocess_executor),
    )

    dg.Definitions.validate_loadable(merged)
    assert merged.executor is dg.multiprocess_executor
    assert merged.resolve_job_def("photos_job").executor_def is dg.in_process_executor
    assert build_defs([table_of("photos")]).executor is None
    assert table_defs(table_of("photos")).resources in (None, {})


def test_io_managers_are_one_if_all_that_they_were_given_is_the_same() -> None:
    def manager(**given: object) -> object:
        return (build_defs([], {"media_io_manager": MediaIOManager(**given)}).resources or {})[  # pyright: ignore[reportArgumentType]
            "media_io_manager"
        ]

    from dagster_aws.s3 import S3Resource

    store = S3Resource(region_name="eu-north-1")
    same_store = S3Resource(region_name="eu-north-1")

    assert manager(output_media_dest="/data/a") is manager(output_media_dest="/data/a")
    assert manager(output_media_dest="/data/a") is not manager(output_media_dest="/data/b")
    assert manager(output_media_dest="/data/a") is not manager(input_media_dest="/data/a")
    assert manager(output_media_dest=dg.EnvVar("A")) is manager(output_media_dest=dg.EnvVar("A"))
    assert manager(output_media_dest=dg.EnvVar("A")) is not manager(output_media_dest="A")
    assert manager(s3=store) is manager(s3=same_store)
    assert manager(s3=store) is not manager(s3=S3Resource(region_name="eu-west-1"))
