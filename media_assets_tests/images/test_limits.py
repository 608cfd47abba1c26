"""Who decides the limits on images, and how errors report it."""

from pathlib import Path

import pytest
from PIL import Image

from media_assets.errors import ImageTooLargeError, SettingError
from media_assets.home import variable_of
from media_assets.images.decode import ImageLimits, open_image
from media_assets.io_manager import MediaIOManager
from media_assets.limits import check_limits
from media_assets.tables.table import MediaTable
from media_assets_tests.images.pictures import saved, scene
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import insert
from media_assets_tests.steps import cells, run_step

PHOTO = saved(scene((100, 80)), "PNG")


def message(limits: ImageLimits) -> str:
    with pytest.raises(ImageTooLargeError) as caught:
        open_image(PHOTO, limits)
    return str(caught.value)


def test_an_image_of_a_camera_of_100_megapixels_is_within_the_default() -> None:
    assert ImageLimits().max_pixels >= 110_000_000


@pytest.mark.parametrize("name", ImageLimits.names())
def test_each_limit_is_the_tables_then_the_io_managers_then_the_settings(name: str) -> None:
    environment = {variable_of(name): "30"}
    sources = [("the table", {name: 10}), ("code", {name: 20})]

    decided = [
        ImageLimits.decide(sources[at:], environment.get if at < 3 else {}.get) for at in range(4)
    ]

    assert [getattr(limits, name) for limits in decided] == [
        *(10, 20, 30),
        getattr(ImageLimits(), name),
    ]


def test_a_limit_that_one_leaves_open_the_next_one_decides() -> None:
    sources = [("the table", {"max_pixels": 10}), ("code", {"max_pixels": 20, "max_bytes": 30})]

    limits = ImageLimits.decide(sources, {}.get)

    assert (limits.max_pixels, limits.max_bytes) == (10, 30)


def test_an_error_names_who_decided_and_the_setting_to_raise() -> None:
    by_table = ImageLimits.decide([("the table 'photos'", {"max_pixels": 10})], {}.get)
    by_setting = ImageLimits.decide([], {"MEDIA_ASSETS_MAX_PIXELS": "10"}.get)

    assert "or raise `max_pixels` in the table 'photos' if" in message(by_table)
    assert "or raise `MEDIA_ASSETS_MAX_PIXELS` if" in message(by_setting)
    assert "or raise `MEDIA_ASSETS_MAX_PIXELS`, or `max_pixels` in" in message(
        ImageLimits(max_pixels=10)
    )


@pytest.mark.parametrize("limit", [0, -1, True, 1.5])
def test_an_invalid_limit_is_refused_at_its_declaration(limit: object) -> None:
    with pytest.raises(SettingError, match="whole number, 1 or more"):
        MediaTable("photos", limits={"max_pixels": limit})  # pyright: ignore[reportArgumentType]


def test_an_unknown_limit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="max_pixels, max_bytes, max_frames"):
        check_limits({"max_megapixels": 10}, where="a test")


def test_a_setting_that_is_not_a_number_is_named() -> None:
    with pytest.raises(SettingError, match="MEDIA_ASSETS_MAX_FRAMES is 'many'"):
        ImageLimits.decide([], {"MEDIA_ASSETS_MAX_FRAMES": "many"}.get)


def test_a_step_obeys_the_table_then_the_io_manager_then_the_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = save_photo(tmp_path / "a.png", size=(100, 80))

    def failure(table: MediaTable, manager: MediaIOManager | None = None) -> str:
        @table.computed_column()
        def width(source_image: Image.Image) -> int:
            return source_image.width

        (partition,) = insert(table, path)
        made = cells(run_step(table, partition, manager=manager))
        return made["source_image"]["a.png"].error_message or ""

    monkeypatch.setenv("MEDIA_ASSETS_MAX_PIXELS", "7999")
    by_setting = failure(MediaTable("first"))
    by_manager = failure(MediaTable("second"), MediaIOManager(limits={"max_pixels": 7998}))
    by_table = failure(MediaTable("third", limits={"max_pixels": 7997}))
    by_raised = failure(MediaTable("fourth", limits={"max_pixels": 8000}))

    assert "At most 7,999 pixels" in by_setting
    assert "`MEDIA_ASSETS_MAX_PIXELS`" in by_setting
    assert "`max_pixels` in `limits` of the IO manager" in by_manager
    assert "`max_pixels` in `MediaTable('third', limits=...)`" in by_table
    assert by_raised == ""


def test_limits_that_admit_any_file_admit_an_animation_and_a_tiny_photo() -> None:
    limits = ImageLimits.of_any_file()
    first = Image.new("RGB", (1, 1))
    animated = saved(first, "GIF", save_all=True, append_images=[Image.new("RGB", (1, 1), "red")])

    assert open_image(animated, limits).frames == 2
    assert open_image(saved(first, "JPEG"), limits).frames == 1
