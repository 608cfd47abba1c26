"""Standalone assets: what they return becomes the rows of a table with one column."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import ref

import dagster as dg
import pandas as pd
import pytest
from PIL import Image

from media_assets import metadata
from media_assets.io_manager import MediaIOManager
from media_assets.media_column import MediaColumn
from media_assets_tests.photos import picture
from media_assets_tests.runs import catalog

KEY = "media_io_manager"
PNG = {"format": "png"}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run(
    *assets: dg.AssetsDefinition | dg.AssetSpec,
    selection: Sequence[str] | None = None,
    partition: str | None = None,
    output_media_dest: str | None = None,
) -> dg.ExecuteInProcessResult:
    """Materializes assets, by default all; a failed run is returned like any other."""
    defs = dg.Definitions(
        assets=assets, resources={KEY: MediaIOManager(output_media_dest=output_media_dest)}
    )
    chosen = [dg.AssetKey(key.split("/")) for key in selection] if selection else None
    return defs.resolve_implicit_global_asset_job_def().execute_in_process(
        asset_selection=chosen,
        partition_key=partition,
        run_config=QUIET,
        raise_on_error=False,
    )


def images_asset(
    returned: Callable[[], object],
    name: str = "posters",
    *,
    key_prefix: Sequence[str] = (),
    declared: Mapping[str, object] | None = None,
) -> dg.AssetsDefinition:
    """An asset with this metadata that returns something to the IO manager."""

    @dg.asset(
        name=name,
        key_prefix=key_prefix,
        io_manager_key=KEY,
        metadata={f"media_assets/{name}": value for name, value in (declared or {}).items()},
    )
    def made() -> Any:  # noqa: ANN401  that is what is tried
        return returned()

    return made


def lazily(returned: Callable[[], object]) -> Callable[[], object]:
    return lambda: dg.MaterializeResult(value=returned())


def stored(name: str = "posters") -> dict[str, Image.Image]:
    """The images of an asset by row, from the catalog."""
    rows = catalog().sql(f'select row, image from "{name}" order by row')  # noqa: S608
    return {row: opened(url) for row, url in rows.itertuples(index=False, name=None)}


def opened(fileurl: str) -> Image.Image:
    with Image.open(fileurl.removeprefix("file://")) as image:
        image.load()
        return image


def shown(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (event,) = result.get_asset_materialization_events()
    return {key: value.value for key, value in event.materialization.metadata.items()}


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (data,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    return data.error.to_string() if data.error else ""


def test_one_image_is_a_row_named_like_the_asset(home: Path) -> None:
    result = run(images_asset(lambda: picture(1), key_prefix=["team"]))

    assert result.success
    (row,) = stored("team/posters").items()
    assert row[0] == "posters"
    assert row[1].format == "JPEG"
    folder = home / "media/files/team/posters/image/_"
    assert [path.suffix for path in folder.iterdir()] == [".jpg"]


def pairs() -> dict[str, Image.Image]:
    return {"one": picture(1), "two/deep.png": picture(2), "drei ü #?": picture(3)}


class Reel:
    """An iterator that is not a generator."""

    def __init__(self) -> None:
        self._pairs = iter(pairs().items())

    def __iter__(self) -> "Reel":
        return self

    def __next__(self) -> tuple[str, Image.Image]:
        return next(self._pairs)


@pytest.mark.parametrize(
    "returned",
    [
        pairs,
        lambda: list(pairs().items()),
        lazily(lambda: (pair for pair in pairs().items())),
        lazily(pairs),
        Reel,
        lazily(Reel),
    ],
    ids=["mapping", "list", "lazy generator", "lazy mapping", "iterator", "lazy iterator"],
)
def test_rows_come_as_a_mapping_or_as_any_iterable_of_pairs(
    home: Path, returned: Callable[[], object]
) -> None:
    result = run(images_asset(returned, declared=PNG))

    assert result.success
    found = stored()
    assert {row: image.tobytes() for row, image in found.items()} == {
        row: image.tobytes() for row, image in pairs().items()
    }
    assert shown(result)[metadata.ROWS] == 3


def test_an_asset_declares_its_destination_format_and_save_options(
    home: Path, tmp_path: Path
) -> None:
    options = {"quality": 5, "method": 0}
    declared = {"destination": str(tmp_path / "own"), "format": "webp", "save_options": options}
    asset = images_asset(pairs, declared=declared)

    values = shown(run(asset, output_media_dest=str(tmp_path / "global")))

    files = sorted(path.name[:4] for path in (tmp_path / "own/posters/image/_").iterdir())
    assert files == ["deep", "drei", "one-"]
    assert {image.format for image in stored().values()} == {"WEBP"}
    assert values[metadata.DECIDED_BY] == "column"
    assert values["dagster/uri"] == f"{(tmp_path / 'own').as_uri()}/posters/image/_/"
    assert not (tmp_path / "global").exists()


def test_the_globals_decide_where_an_asset_names_no_destination(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_OUTPUT_MEDIA_DEST", str(tmp_path / "environment"))
    asset = images_asset(pairs)

    by_environment = shown(run(asset))
    by_code = shown(run(asset, output_media_dest=str(tmp_path / "code")))

    assert by_environment[metadata.DECIDED_BY] == "environment"
    assert by_code[metadata.DECIDED_BY] == "code"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"destination": "relative/folder"}, "relative"),
        ({"format": "jpg2000"}, "The output format 'jpg2000' is not accepted"),
        ({"format": "png", "save_options": {"quality": 5}}, "save option for PNG 'quality'"),
    ],
)
def test_invalid_asset_metadata_fails_before_anything_is_written(
    home: Path, declared: dict[str, object], said: str
) -> None:
    result = run(images_asset(pairs, declared=declared))

    assert not result.success
    assert said in failure_of(result)
    assert not (home / "media/files").exists()


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda: "a text", "returned str"),
        (lambda: b"bytes", "returned bytes"),
        (lambda: 12, "returned int"),
        (lambda: ["a", "b"], "returned list of str"),
        (lambda: [("a", "no image")], "returned list of (str, str)"),
        (lambda: {"a": 1}, "returned dict of (str, int)"),
        (lambda: {1: picture(1)}, "returned dict of (int, Image)"),
    ],
)
def test_anything_else_is_refused_with_what_is_accepted(
    home: Path, returned: Callable[[], object], said: str
) -> None:
    result = run(images_asset(returned))

    assert not result.success
    assert f"Asset 'posters' {said}" in failure_of(result)
    assert "a mapping of row name to such" in failure_of(result)
    assert catalog().tables() == []


def test_one_row_twice_is_refused_rather_than_lost(home: Path) -> None:
    result = run(images_asset(lambda: [("a", picture(1)), ("b", picture(2)), ("a", picture(3))]))

    assert not result.success
    assert "row 'a' twice" in failure_of(result)


def test_a_fault_between_rows_keeps_the_earlier_content(home: Path) -> None:
    def faulty() -> Iterator[tuple[str, Image.Image]]:
        yield "two", picture(2)
        raise RuntimeError

    run(images_asset(lambda: {"one": picture(1)}))
    before = {row: image.tobytes() for row, image in stored().items()}

    result = run(images_asset(lazily(faulty)))

    assert not result.success
    assert {row: image.tobytes() for row, image in stored().items()} == before


def test_rows_that_do_not_come_again_are_gone(home: Path) -> None:
    run(images_asset(pairs))
    result = run(images_asset(lambda: {"one": picture(9)}))
    left = list(stored())

    run(images_asset(dict))

    assert shown(result)[metadata.ROWS] == 1
    assert left == ["one"]
    assert stored() == {}


def test_a_lazy_iterable_is_never_held_as_a_whole(home: Path) -> None:
    made: list[ref[Image.Image]] = []
    most, count = 0, 200

    def alive() -> int:
        return sum(image() is not None for image in made)

    def many() -> Iterator[tuple[str, Image.Image]]:
        nonlocal most
        for number in range(count):
            image = picture(number)
            made.append(ref(image))
            most = max(most, alive())
            yield f"{number:04d}", image
            del image

    result = run(images_asset(lazily(many)))
    gc.collect()

    assert result.success
    assert shown(result)[metadata.ROWS] == count
    assert most <= 16
    assert alive() == 0


def test_partitions_are_kept_apart(home: Path) -> None:
    parts = dg.StaticPartitionsDefinition(["north", "South & East"])

    @dg.asset(io_manager_key=KEY, partitions_def=parts)
    def views(context: dg.AssetExecutionContext) -> dict[str, Image.Image]:
        return {"view": picture(len(context.partition_key))}

    for key in parts.get_partition_keys():
        assert run(views, partition=key).success

    rows = catalog().sql("select partition, row, image from views order by partition")
    assert rows["partition"].to_list() == ["South & East", "north"]
    assert rows["image"].nunique() == 2


def load(
    annotation: type, upstream: dg.AssetsDefinition | dg.AssetSpec
) -> tuple[dg.ExecuteInProcessResult, list[Any]]:
    """Runs only a downstream asset, and returns its input."""
    seen: list[Any] = []
    key = upstream.key

    def report(images: Any) -> None:  # noqa: ANN401  annotated below
        seen.append(images)

    report.__annotations__["images"] = annotation
    ins = {"images": dg.AssetIn(key=key, input_manager_key=KEY)}
    asset = dg.asset(ins=ins)(report)
    return run(upstream, asset, selection=["report"]), seen


def test_an_input_is_loaded_as_its_annotation_says(home: Path) -> None:
    upstream = images_asset(pairs, declared=PNG)
    run(upstream)

    _, (column,) = load(MediaColumn, upstream)
    _, (untold,) = load(object, upstream)
    _, (frame,) = load(pd.DataFrame, upstream)

    assert isinstance(column, MediaColumn)
    assert isinstance(untold, MediaColumn)
    assert column.rows == sorted(pairs())
    assert column.open("one").tobytes() == picture(1).tobytes()
    assert list(frame["row"]) == sorted(pairs())
    assert list(frame["fileurl"]) == list(column.fileurl.values())


def test_one_image_is_loaded_as_an_image(home: Path) -> None:
    upstream = images_asset(lambda: picture(4), declared=PNG)
    run(upstream)

    _, (image,) = load(Image.Image, upstream)

    assert image.tobytes() == picture(4).tobytes()


def test_several_images_are_not_loaded_as_one(home: Path) -> None:
    upstream = images_asset(pairs)
    run(upstream)

    result, seen = load(Image.Image, upstream)

    assert not result.success
    assert seen == []
    assert (
        "'posters' was requested as one image and holds `image`: 3 files in 3 rows"
        in failure_of(result)
    )


def test_an_unmaterialized_input_is_an_error_not_an_empty_column(home: Path) -> None:
    result, _ = load(MediaColumn, images_asset(pairs))

    assert not result.success
    assert "Asset 'posters' is not materialized. " in failure_of(result)


def test_an_asset_of_another_code_location_is_loaded_by_its_key_alone(home: Path) -> None:
    run(images_asset(pairs, key_prefix=["team"]))

    _, (column,) = load(MediaColumn, dg.AssetSpec(["team", "posters"]))

    assert len(column) == 3


def partitioned() -> dg.AssetsDefinition:
    days = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-05")

    @dg.asset(io_manager_key=KEY, partitions_def=days)
    def posters(context: dg.AssetExecutionContext) -> dict[str, Image.Image]:
        day = int(context.partition_key[-2:])
        return {"newest": picture(day), context.partition_key: picture(day)}

    return posters


def test_partitions_are_loaded_as_one_column_and_the_latest_row_wins(home: Path) -> None:
    upstream = partitioned()
    for day in ("2026-01-01", "2026-01-03"):
        assert run(upstream, partition=day).success

    _, (column,) = load(MediaColumn, upstream)

    assert column.rows == ["2026-01-01", "2026-01-03", "newest"]
    assert column.read("newest") == column.read("2026-01-03")


def test_a_partition_is_loaded_by_the_same_partition_downstream(home: Path) -> None:
    upstream, seen = partitioned(), list[MediaColumn]()
    assert upstream.partitions_def is not None

    @dg.asset(partitions_def=upstream.partitions_def)
    def report(posters: MediaColumn) -> None:
        seen.append(posters)

    for day in ("2026-01-01", "2026-01-02"):
        assert run(upstream, report, partition=day).success

    assert [column.rows for column in seen] == [
        ["2026-01-01", "newest"],
        ["2026-01-02", "newest"],
    ]


@pytest.mark.parametrize(
    "name",
    ["Posters", "posters_2", "_hidden", "select", "ends--0123456789ab", "Ends--0123456789ab"],
)
def test_the_catalog_shows_and_finds_an_asset_by_its_real_name(home: Path, name: str) -> None:
    run(
        images_asset(
            lambda: {"a": picture(1)}, name=name.replace("-", "_"), key_prefix=["Team", "X"]
        )
    )
    real = f"Team/X/{name.replace('-', '_')}"

    assert catalog().tables() == [real]
    assert list(stored(real)) == ["a"]
    files = catalog().sql('select "table", "column", row from media_assets.files')
    assert files.to_numpy().tolist() == [[real, "image", "a"]]
    assert catalog().fileurls(real)["row"].to_list() == ["a"]
    assert list(catalog().columns(real)) == ["image"]


def test_keys_of_one_name_or_with_dashes_and_dots_are_found_too(home: Path) -> None:
    @dg.asset(key=dg.AssetKey(["Best-Of", "Posters.v2"]), io_manager_key=KEY)
    def made() -> dict[str, Image.Image]:
        return {"a": picture(1)}

    @dg.asset(key=["_hidden"], io_manager_key=KEY)
    def hidden() -> dict[str, Image.Image]:
        return {"hidden": picture(1)}

    run(made, hidden)

    assert catalog().tables() == ["Best-Of/Posters.v2", "_hidden"]
    assert list(stored("_hidden")) == ["hidden"]
    assert list(stored("Best-Of/Posters.v2")) == ["a"]


def test_names_that_differ_only_by_case_are_different(home: Path) -> None:
    run(images_asset(lambda: {"lower": picture(1)}))
    run(images_asset(lambda: {"upper": picture(1)}, name="Posters"))

    assert list(stored("posters")) == ["lower"]
    assert list(stored("Posters")) == ["upper"]
    assert len(catalog().sql("select * from media_assets.files")) == 2


def test_the_error_for_a_list_of_images_says_to_name_its_rows(home: Path) -> None:
    result = run(images_asset(lambda: [picture(1)]))

    told = failure_of(result)
    assert "Asset 'posters' returned list of Image to `media_io_manager`" in told
    assert 'Name the rows, for example `{"front": image}`' in told


def test_the_output_of_an_op_is_refused(home: Path) -> None:
    @dg.op(out=dg.Out(io_manager_key=KEY))
    def made() -> Image.Image:
        return picture(1)

    @dg.job(resource_defs={KEY: MediaIOManager()})
    def job() -> None:
        made()

    result = job.execute_in_process(run_config=QUIET, raise_on_error=False)

    assert "Output 'result' of op 'made' uses `media_io_manager` and is not an asset" in (
        failure_of(result)
    )
