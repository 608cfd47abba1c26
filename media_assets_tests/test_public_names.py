"""The public surface, typed by hand: a change here is one that users notice."""

import subprocess
import sys

import pytest

import media_assets


def test_the_package_offers_these_names_and_no_others() -> None:
    assert sorted(media_assets.__all__) == [
        "Animation",
        "Audio",
        "Catalog",
        "Document",
        "FanOut",
        "Image",
        "Length",
        "MediaColumn",
        "MediaIOManager",
        "MediaTable",
        "ObjectOptions",
        "Parts",
        "SourceFile",
        "Video",
        "build_defs",
        "explain",
        "follow_inputs",
        "load_once",
        "presigned_url",
        "public_url",
        "split",
        "table_defs",
        "testing",
        "transforms",
        "use_home",
    ]


def test_every_public_name_is_there() -> None:
    for name in media_assets.__all__:
        assert getattr(media_assets, name) is not None


def test_every_public_name_is_listed() -> None:
    assert set(media_assets.__all__) <= set(dir(media_assets))


def test_other_names_are_none_of_the_package() -> None:
    with pytest.raises(AttributeError, match="'media_assets' has no attribute 'Table'"):
        _ = media_assets.Table  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]


RUNS_NEED = {
    *["cache", "catalog", "fetch", "loose_assets", "media_column", "pipeline", "preview", "probe"],
    *["reading", "records", "resources", "stores", "upkeep", "uploads"],
}


OF_MEDIA = {"av", "pypdfium2", "pypdfium2_raw", "pillow_heif"}


def test_tables_of_all_kinds_are_declared_without_the_packages_that_read_files() -> None:
    program = """if True:
        import sys
        import media_assets as ma

        def poster(source_video: ma.Video) -> ma.Image: ...
        def sound(source_video: ma.Video) -> ma.Audio | None: ...
        def text(source_document: ma.Document) -> str: ...

        videos = ma.MediaTable("videos", media=ma.Video, limits={"max_seconds": 60})
        videos.computed_column(code_version="1")(poster)
        videos.computed_column(format="m4a", code_version="1")(sound)
        papers = ma.MediaTable("papers", media="document")
        papers.computed_column(code_version="1")(text)
        photos, sounds = ma.MediaTable("photos"), ma.MediaTable("sounds", media=ma.Audio)
        ma.build_defs([videos, papers, photos, sounds])
        ma.transforms.poster, ma.transforms.waveform
        print(*sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert set(done.stdout.split()) & OF_MEDIA == set()


def test_a_code_location_loads_nothing_that_only_runs_need() -> None:
    program = "import sys, media_assets.definitions; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert loaded & {"duckdb", "numpy", "obstore", "pandas", "pyarrow", *OF_MEDIA} == set()
    assert loaded & {f"media_assets.{name}" for name in RUNS_NEED} == set()
