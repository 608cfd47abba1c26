"""A video table with frames, as Dagster and its users see it."""

from pathlib import Path

import dagster as dg
import pytest

import media_assets as ma
from media_assets.errors import DerivedRowsError
from media_assets.io_manager import MediaIOManager
from media_assets.tables.stored import stored_table
from media_assets.upkeep.dropping import derived_tables
from media_assets_tests.automation.sensors import Ticker
from media_assets_tests.media.videos import make_video


@pytest.fixture
def videos(home: Path) -> ma.MediaTable:
    del home
    videos = ma.MediaTable("videos", media=ma.Video, values={"title": str})
    frames = videos.derived_table("frames", ma.split.frames(fps=2, size=(32, 24)))

    @frames.computed_column()
    def brightness(frame: ma.Image, title: str) -> float:
        return float(len(title))

    @videos.computed_column()
    def poster(frames: ma.Parts) -> ma.Image:
        return frames[0].frame

    ma.build_defs([videos])
    return videos


def test_one_insert_fills_a_table_and_those_derived_from_it(
    videos: ma.MediaTable, tmp_path: Path
) -> None:
    made = videos.insert(make_video(tmp_path / "a.mp4"), values={"title": "cat"})

    assert made.error_rows == 0
    assert all(run.succeeded for run in made.runs)
    catalog = ma.Catalog.open()
    frames = catalog.sql('select row, time, brightness, title from "videos/frames" order by row')
    assert frames["row"].to_list()[:2] == ["a.mp4/000000000", "a.mp4/000000500"]
    assert frames["time"].to_list()[:2] == [0.0, 0.5]
    assert set(frames["brightness"]) == {3.0}
    assert catalog.sql("select count(poster) as posters from videos")["posters"].to_list() == [1]
    again = videos.materialize()
    assert (again.runs[0].made, again.runs[0].reused) == (0, made.runs[0].made)


def test_the_halves_of_a_step_that_dagster_splits_have_the_same_config(
    videos: ma.MediaTable, tmp_path: Path
) -> None:
    videos.insert(make_video(tmp_path / "a.mp4"), values={"title": "cat"})
    (run,) = videos.materialize(force=True).runs

    with dg.DagsterInstance.get() as instance:
        newest = instance.get_runs(limit=1)[0]
        steps = {
            log.dagster_event.step_key
            for log in instance.all_logs(newest.run_id)
            if log.dagster_event and log.dagster_event.is_step_success
        }
    assert len(steps) == 3, "the video, its frames, and the poster of one of them"
    assert run.reused == 0, "force=True reaches all of them"


def test_other_values_of_a_row_reach_the_columns_of_its_parts(
    videos: ma.MediaTable, tmp_path: Path
) -> None:
    videos.insert(make_video(tmp_path / "a.mp4"), values={"title": "cat"})

    videos.update({"a.mp4": {"title": "tiger"}})

    shown = ma.Catalog.open().sql('select distinct brightness, title from "videos/frames"')
    assert [tuple(line) for line in shown.itertuples(index=False)] == [(5.0, "tiger")]


def test_lineage_is_one_to_one_by_partition(videos: ma.MediaTable, tmp_path: Path) -> None:
    frames = videos.derived["frames"]
    defs = ma.build_defs([videos])
    graph = defs.resolve_asset_graph()
    key = frames.asset_key("frame")

    assert graph.get(key).parent_keys == {videos.asset_key("source_video")}
    assert graph.get(key).partitions_def == videos.partitioning.definition
    assert graph.get(frames.asset_key("brightness")).parent_keys == {
        key,
        videos.asset_key("title"),
    }
    assert graph.get(videos.asset_key("poster")).parent_keys == {
        key,
        frames.asset_key("brightness"),
    }


def test_rows_of_a_derived_table_are_changed_by_those_of_its_parent_alone(
    videos: ma.MediaTable,
) -> None:
    frames = videos.derived["frames"]

    for verb in (
        lambda: frames.insert("a.mp4"),
        frames.scan,
        lambda: frames.delete("a.mp4/000000000"),
        lambda: frames.update({"a.mp4/000000000": {"time": 1.0}}),
    ):
        with pytest.raises(DerivedRowsError, match="Name 'videos' instead"):
            verb()


def test_the_sensor_asks_for_a_run_of_both_tables_until_both_are_made(
    videos: ma.MediaTable, home: Path, tmp_path: Path
) -> None:
    (home / "uploads" / "videos").mkdir(parents=True)
    plain = ma.MediaTable("videos", media=ma.Video)
    frames = plain.derived_table("frames", ma.split.frames(fps=2, size=(32, 24)))
    defs = ma.build_defs([plain])
    make_video(home / "uploads" / "videos" / "a.mp4")
    with dg.DagsterInstance.get() as instance:
        ticker = Ticker(instance, plain)
        requests = [request for _ in range(4) for request in ticker.tick(after=61.0)[1]]
        (request,) = requests
        result = defs.resolve_job_def("videos_job").execute_in_process(
            instance=instance, partition_key=request.partition_key, run_config=request.run_config
        )
        assert result.success
        assert set(request.run_config["ops"]) == {"videos", "videos__frames"}
        ticker.cursor = ""
        assert ticker.tick(after=61.0)[1] == []
    del frames


def test_drop_of_a_table_names_those_derived_from_it(videos: ma.MediaTable, tmp_path: Path) -> None:
    videos.insert(make_video(tmp_path / "a.mp4"), values={"title": "cat"})

    root = MediaIOManager().installation.catalog
    assert derived_tables(root, "videos") == ["videos/frames"]
    assert stored_table(root, videos.derived["frames"]).log.parent == "videos"


def test_values_alone_can_be_materialized_of_uploads_and_of_parts(
    videos: ma.MediaTable, tmp_path: Path
) -> None:
    videos.insert(make_video(tmp_path / "a.mp4"), values={"title": "cat"})
    job = ma.build_defs([videos]).resolve_implicit_global_asset_job_def()
    frames = videos.derived["frames"]

    with dg.DagsterInstance.get() as instance:
        (partition,) = instance.get_dynamic_partitions("media_assets/videos")
        for key in (videos.asset_key("title"), frames.asset_key("time")):
            made = job.execute_in_process(
                instance=instance, partition_key=partition, asset_selection=[key]
            )
            (event,) = made.get_asset_materialization_events()
            assert event.asset_key == key
