"""Tables in YAML: equal to those in Python, found and checked by `dg`."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import dagster as dg
import pytest
from PIL import Image

from media_assets import transforms
from media_assets.build import build_defs
from media_assets.components import MediaTableComponent
from media_assets.components.column import ColumnModel
from media_assets.components.derived_table import DerivedTableModel
from media_assets.components.media_table import TableScaffolder
from media_assets.components.partitions import DimensionsModel, PartitionsModel
from media_assets.components.ready_functions import Transform
from media_assets.errors import DeclarationError
from media_assets.object_options import ObjectOptions
from media_assets.tables.built import list_built
from media_assets.tables.table import MediaTable
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.steps import run_step

PAGE = Path(__file__).parents[2] / "docs" / "components.md"
DG = Path(sys.executable).with_name("dg")


@pytest.mark.parametrize("model", [MediaTableComponent, ColumnModel, DerivedTableModel])
def test_the_page_names_every_attribute(model: type[dg.Model]) -> None:
    page = PAGE.read_text("utf-8")

    assert [name for name in model.model_fields if f"`{name}" not in page] == []


@pytest.fixture
def project(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of `dg` with the documented table and a scaffolded one."""
    page = PAGE.read_text("utf-8")
    (yaml,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    folder = tmp_path / "project"
    (folder / "shop" / "defs" / "photos").mkdir(parents=True)
    (folder / "shop" / "defs" / "photos" / "defs.yaml").write_text(yaml)
    (folder / "shop" / "defs" / "__init__.py").touch()
    (folder / "shop" / "__init__.py").touch()
    (folder / "pyproject.toml").write_text(
        '[tool.dg]\ndirectory_type = "project"\n\n[tool.dg.project]\nroot_module = "shop"\n'
    )
    request: dg.ScaffoldRequest[Any] = dg.ScaffoldRequest(
        type_name="media_assets.components.MediaTableComponent",
        target_path=folder / "shop" / "defs" / "invoices",
        scaffold_format="yaml",
        project_root=folder,
        params=dg.Model(),
    )
    TableScaffolder().scaffold(request)
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, name)
    return folder


def in_python() -> MediaTable:
    """The documented table, declared in Python."""
    photos = MediaTable(
        "photos", description="Photos of the shop.", uploads="s3://my-bucket/uploads/"
    )

    @photos.computed_column(
        destination="s3://my-bucket/thumbnails/",
        format="jpeg",
        save_options={"quality": 85},
        description="Returns the image scaled down to fit a box, never enlarged, with its "
        "proportions kept.",
    )
    def thumbnail(source_image: Image.Image) -> Image.Image:
        return transforms.thumbnail(source_image, (128, 128))

    @photos.computed_column(
        owners=["team:shop"],
        description="Returns the image with a text or a logo on top; RGB, or RGBA if it may be "
        "transparent.",
    )
    def preview(source_image: Image.Image) -> Image.Image:
        return transforms.watermark(source_image, "© the shop", position="bottom-left")

    @photos.computed_column(
        description="Returns how bright the image is, from 0 (black) to 1 (white)."
    )
    def brightness(thumbnail: Image.Image) -> float:
        return transforms.mean_luminance(thumbnail)

    return photos


def facts(defs: dg.Definitions) -> dict[dg.AssetKey, object]:
    """Everything that Dagster knows about the assets of `photos`, except place and version."""
    own = {"dagster/code_references", "dagster/component_origin"}
    return {
        spec.key: (
            sorted(dep.asset_key for dep in spec.deps),
            spec.description,
            spec.group_name,
            sorted(spec.kinds),
            sorted(spec.owners),
            spec.partitions_def,
            str({k: v for k, v in sorted(spec.metadata.items()) if k not in own}),
        )
        for spec in defs.resolve_all_asset_specs()
        if spec.key.path[0] == "photos"
    }


def test_yaml_declares_the_same_table_as_python(project: Path) -> None:
    found = dg.load_from_defs_folder(path_within_project=project)

    expected = build_defs([in_python()])
    assert facts(found) == facts(expected)
    assert len(facts(found)) == 4
    names = {job.name for job in found.resolve_all_job_defs()}
    assert {"photos_job", "photos_maintenance", "invoices_job"} <= names
    assert {sensor.name for sensor in found.sensors or ()} >= {
        "photos_uploads",
        "media_assets_dead_runs",
    }


def test_dg_lists_the_component_and_checks_its_yaml(project: Path) -> None:
    wrong = project / "shop" / "defs" / "photos" / "defs.yaml"
    environment = {**os.environ, "PYTHONPATH": str(project)}

    def started(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [DG, *arguments],
            cwd=project,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    listed, checked = started("list", "components", "--json"), started("check", "yaml")
    assert "media_assets.components.MediaTableComponent" in listed.communicate()[0]
    assert "validated successfully" in checked.communicate()[0]
    wrong.write_text(wrong.read_text().replace("transform: watermark", "transfrom: watermark"))
    refused = started("check", "yaml")

    assert "transfrom" in refused.communicate()[0]
    assert (checked.returncode, refused.returncode) == (0, 1)


def test_cells_are_those_that_the_functions_make(home: Path, tmp_path: Path) -> None:
    columns = [
        ColumnModel(transform="crop", options={"box": [0, 0, 30, 20]}, format="png"),
        ColumnModel(transform="mean_luminance", name="light", reads="crop"),
    ]
    table = MediaTableComponent(name="photos", columns=columns).table()
    (partition,) = insert(table, *save_photos(tmp_path / "uploads", 1))

    outputs = run_step(table, partition)

    (_, crop, light) = (o.committed.manifest.records["photo-000.jpg"] for o in outputs)
    assert (crop.width, crop.height, crop.format) == (30, 20, "PNG")
    assert 0 < float(light.value or "") < 1


def test_a_changed_option_changes_the_version_of_its_column_alone() -> None:
    def versions(width: int) -> list[str]:
        columns = [
            ColumnModel(transform="thumbnail", options={"size": [width, 64]}),
            ColumnModel(transform="grayscale"),
        ]
        table = MediaTableComponent(name="photos", columns=columns).table()
        return [column.code_version for column in table.computed_columns]

    assert versions(64)[0] != versions(65)[0]
    assert versions(64)[1] == versions(65)[1]


@pytest.mark.parametrize(
    ("transform", "options", "told"),
    [
        ("thumbnail", {}, "size: Field required"),
        ("thumbnail", {"size": "big"}, "size: Input should be a valid tuple"),
        ("blur", {"radius": 2, "colour": "red"}, "colour: Extra inputs are not permitted"),
        ("flip", {"direction": "sideways"}, "direction: Input should be 'left-right'"),
        ("grayscale", {"mode": "L"}, "transforms.grayscale: none"),
    ],
)
def test_invalid_options_are_refused_with_the_valid_ones(
    transform: Transform, options: dict[str, object], told: str
) -> None:
    column = ColumnModel(transform=transform, name="made", options=options)

    with pytest.raises(DeclarationError, match="column 'made'") as raised:
        MediaTableComponent(name="photos", columns=[column]).table()

    assert told in str(raised.value)


def test_every_ready_transform_can_be_named() -> None:
    assert sorted(get_args(Transform)) == sorted(transforms.__all__)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (ColumnModel(name="made"), "transform=None, function=None"),
        (ColumnModel(transform="crop", function="os.path.join"), "Either `transform`"),
        (ColumnModel(function="no.such.module"), "There is no function 'no.such.module'"),
        (ColumnModel(function="os.path.no_such"), "There is no function 'os.path.no_such'"),
    ],
)
def test_a_column_is_a_transform_or_a_function_that_there_is(
    column: ColumnModel, told: str
) -> None:
    with pytest.raises(DeclarationError) as raised:
        MediaTableComponent(name="photos", columns=[column]).table()

    assert told in str(raised.value)


@pytest.mark.parametrize(
    "partitions",
    [
        PartitionsModel(type="daily"),
        PartitionsModel(type="static", start_date="2026-01-01"),
        PartitionsModel(type="static", start_date="2026-01-01", partition_keys=["a"]),
    ],
)
def test_incomplete_partitions_are_refused(partitions: PartitionsModel) -> None:
    with pytest.raises(DeclarationError, match="The partitions of table 'photos' are"):
        MediaTableComponent(name="photos", columns=[], partitions=partitions).table()


BY_CAMERA = """\
type: media_assets.components.MediaTableComponent
attributes:
  name: by_camera
  columns: []
  %s
---
type: media_assets.components.MediaTableComponent
attributes:
  name: by_function
  columns: []
  partitions: {type: static, partition_keys: [north, south]}
  partition_of: shop.functions.camera_of
"""
_DIMENSIONS = """\
uploads: /data/{day}/{cam}/
  partitions:
    dimensions:
      day: {type: daily, start_date: "2026-01-01"}
      cam: {type: static, partition_keys: [north, south]}
"""


def test_yaml_declares_two_dimensions_and_a_partition_function(
    project: Path,
) -> None:
    (project / "shop" / "functions.py").write_text(
        "def camera_of(row: str) -> str:\n    return row.split('/')[0]\n"
    )
    (project / "shop" / "defs" / "photos" / "defs.yaml").write_text(BY_CAMERA % _DIMENSIONS)

    dg.load_from_defs_folder(path_within_project=project)

    tables = list_built()
    by_camera, by_function = (tables[name].partitioning for name in ("by_camera", "by_function"))
    assert by_camera.definition == dg.MultiPartitionsDefinition(
        {
            "day": dg.DailyPartitionsDefinition("2026-01-01"),
            "cam": dg.StaticPartitionsDefinition(["north", "south"]),
        }
    )
    assert by_camera.partition_of is not None
    assert by_camera.partition_of("2026-01-02/north/a.jpg") == "north|2026-01-02"
    assert by_function.partition_of is not None
    assert by_function.partition_of("south/a.jpg") == "south"


DAILY = PartitionsModel(type="daily", start_date="2026-01-01")


@pytest.mark.parametrize(
    ("dimensions", "told"),
    [
        ({"day": DAILY}, "'day' of table 'photos' cannot be used.*two dimensions"),
        (dict.fromkeys("abc", DAILY), "'a', 'b', 'c' of table 'photos' cannot be used"),
        (
            {"day": DAILY, "cam": PartitionsModel(type="static", partition_keys=["a|b"])},
            "Invalid character in partition key for dimension cam",
        ),
        ({"day": DAILY, "cam": PartitionsModel(type="daily")}, "are daily, with start_date=None"),
    ],
)
def test_dimensions_that_dagster_does_not_take_are_refused(
    dimensions: dict[str, PartitionsModel], told: str
) -> None:
    partitions = DimensionsModel(dimensions=dimensions)

    with pytest.raises(DeclarationError, match=told):
        MediaTableComponent(name="photos", columns=[], partitions=partitions).table()


def test_a_missing_partition_function_is_reported() -> None:
    partitions = PartitionsModel(type="static", partition_keys=["north"])
    table = MediaTableComponent(
        name="photos", columns=[], partitions=partitions, partition_of="os.path.no_such"
    )

    with pytest.raises(DeclarationError, match=r"no function 'os.path.no_such'"):
        table.table()


def test_a_function_takes_the_value_of_an_asset() -> None:
    column = ColumnModel(
        function="media_assets_tests.priced_location.price", ins={"prices": "team/price_list"}
    )

    table = MediaTableComponent(name="photos", columns=[column]).table()

    (declared,) = table.computed_columns
    assert declared.ins["prices"].key == dg.AssetKey(["team", "price_list"])


def test_options_of_calls_and_a_condition_are_those_of_a_column_in_python() -> None:
    sharp = ColumnModel(transform="mean_luminance", name="light")
    dark = ColumnModel(
        transform="grayscale",
        max_concurrency=4,
        max_retries=2,
        retry_on=["ConnectionError", "json.JSONDecodeError"],
        retry_delay=0.5,
        rate_limit="60/min",
        where="light < 0.5",
    )

    table = MediaTableComponent(name="photos", columns=[sharp, dark]).table()

    column = table.computed_columns[1]
    assert column.reads == ("source_image", "light")
    assert column.calls.limits == (
        "max_concurrency: 4; max_retries: 2; retry_on: ConnectionError, JSONDecodeError; "
        "rate_limit: 60/min"
    )
    assert column.calls.retry_delay == 0.5


def test_options_of_objects_and_published_names_are_those_of_a_column_in_python() -> None:
    options = {"cache_control": "no-cache", "metadata": {"row": "{row}"}}
    column = ColumnModel(
        transform="grayscale", publish="web/{row_stem}.jpg", object_options=options
    )

    (gray,) = MediaTableComponent(name="photos", columns=[column]).table().computed_columns

    assert gray.publish == "web/{row_stem}.jpg"
    assert gray.object_options == ObjectOptions(cache_control="no-cache", metadata={"row": "{row}"})


def test_an_error_that_does_not_exist_is_reported() -> None:
    column = ColumnModel(transform="grayscale", max_retries=1, retry_on="httpx.NoSuchError")

    with pytest.raises(DeclarationError, match=r"httpx\.NoSuchError"):
        MediaTableComponent(name="photos", columns=[column]).table()


def test_a_column_in_yaml_takes_all_that_one_in_python_takes() -> None:
    in_python = set(inspect.signature(MediaTable.computed_column).parameters)

    assert in_python - set(ColumnModel.model_fields) == {"self", "freshness_policy"}


def test_a_function_in_yaml_gets_batches_and_its_asset_what_dagster_shows() -> None:
    table = MediaTableComponent.resolve_from_yaml("""
        name: photos
        columns:
          - function: media_assets_tests.components.test_media_table.lights
            batch_size: 8
            decode_size: [64, 64]
            deps: [team/price_list]
            metadata: {camera: north}
          - function: media_assets_tests.components.test_media_table.shade
            processes: true
    """).table()

    lights, shade = table.computed_columns
    assert (lights.batch_size, lights.decode_size) == (8, (64, 64))
    assert shade.processes
    (spec,) = (
        spec
        for spec in build_defs([table]).resolve_all_asset_specs()
        if spec.key == table.asset_key("lights")
    )
    assert dg.AssetKey(["team", "price_list"]) in {dep.asset_key for dep in spec.deps}
    assert spec.metadata["camera"] == "north"


def lights(source_image: list[Image.Image]) -> list[float]:
    """How bright photos are."""
    return [transforms.mean_luminance(image) for image in source_image]


def shade(source_image: Image.Image) -> float:
    """How bright a photo is."""
    return transforms.mean_luminance(source_image)
