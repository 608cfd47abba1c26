"""Every verb over a table of videos, whose files are on this machine and in a bucket."""

import json
import tarfile
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import dagster as dg

import media_assets as ma
from media_assets_tests.cli.verbs import run
from media_assets_tests.media import clips
from media_assets_tests.media.clips import clips_table
from media_assets_tests.media.videos import make_video
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import run_step

PROJECT = ("-f", str(clips.__file__))
LIST = "ffconcat version 1.0\nfile 'other.mp4'\n"


def test_all_verbs_over_a_table_of_videos(
    instance: dg.DagsterInstance, s3_environment: S3Server, tmp_path: Path
) -> None:
    bucket = s3_environment.make_bucket(f"clips-{uuid4().hex}")
    folder = tmp_path / "in"
    folder.mkdir()
    make_video(folder / "a.webm", codec="vp9", with_audio=True, audio_codec="opus")
    make_video(folder / "b.mp4")
    (folder / "list.mp4").write_text(LIST)
    table = clips_table(f"s3://{bucket}/old/")

    assert "3 new" in str(table.insert(folder))

    catalog = ma.Catalog.open()
    event = instance.get_latest_materialization_event(table.asset_key("clip"))
    assert event is not None
    assert event.asset_materialization is not None
    assert "media_assets/preview" in event.asset_materialization.metadata
    look_at(catalog, table)
    content = read_from(catalog, table)
    export_to(tmp_path, table, content)
    move(bucket, tmp_path / "here", catalog, content)
    keep_up(catalog, bucket)
    assert not list((tmp_path / "here").rglob("*.mp4")), "collected"
    assert len(list(folder.iterdir())) == 3, "uploads stay"


def look_at(catalog: ma.Catalog, table: ma.MediaTable) -> None:
    assert table.show()._repr_html_().count("<img") == 6
    found = catalog.sql("select clip from clips where row = 'b.mp4'")
    assert "<img" in str(found._repr_html_())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert "clip" in run("show", "clips").output
    assert "video" in run("describe", "clips").output
    errors = json.loads(run("errors", "clips", "--format", "json").output)
    assert {error["row"] for error in errors} == {"list.mp4"}
    facts = catalog.sql(
        "select width, height, round(duration) as seconds, fps, codec, audio_codec "
        "from media_assets.files where row = 'a.webm' and \"column\" = 'source_video'"
    )
    assert list(facts.loc[0]) == [64, 48, 1.0, 10.0, "vp9", "opus"]
    assert "3 rows, 1 with errors, 5 thumbnails made" in run("gallery", "clips").output
    told = run("explain", catalog.column("clips", "clip").fileurl["b.mp4"]).output
    assert "mp4, 64 x 48 pixels, duration 0.5, fps 10.0, codec h264" in told


def read_from(catalog: ma.Catalog, table: ma.MediaTable) -> bytes:
    made = catalog.column("clips", "clip")
    with made.open("b.mp4") as video:
        assert video.codec == "h264"
    which = ("--table", "clips", "--column", "clip", "--row", "b.mp4", "--expires-in", "600")
    part = fetch(run("presign", *which).output.strip(), headers={"Range": "bytes=4-7"})
    assert (part.status, part.body) == (206, b"ftyp")
    assert part.headers["content-type"] == "video/mp4"
    row = table.dataset()[1]
    assert isinstance(row["clip"], ma.Video)
    assert row["clip"].duration == 0.5
    copy = row["clip"].path
    assert copy.is_file()
    row.clear()
    assert not copy.exists()
    return made.localpath["b.mp4"].read_bytes()


def export_to(folder: Path, table: ma.MediaTable, content: bytes) -> None:
    table.export("clip", folder / "clips")
    table.export("source_video", folder / "sources")
    table.export(["clip", "duration"], folder / "tars", format="webdataset")
    assert (folder / "clips/b.mp4").read_bytes() == content
    assert {path.name for path in (folder / "clips").iterdir()} == {"a.mp4", "b.mp4"}
    assert {path.name for path in (folder / "sources").iterdir()} == {"a.webm", "b.mp4"}
    with tarfile.open(folder / "tars/clips-000000.tar") as tar:
        held = tar.extractfile("000000001.clip.mp4")
        assert held is not None
        assert held.read() == content


def move(bucket: str, folder: Path, catalog: ma.Catalog, content: bytes) -> None:
    assert "2 moved" in str(clips_table(f"s3://{bucket}/new/").materialize())
    within = catalog.column("clips", "clip").fileurl["b.mp4"]
    assert within.startswith(f"s3://{bucket}/new/")
    assert fetch(ma.presigned_url(within, 60)).headers["content-type"] == "video/mp4"

    here = clips_table(str(folder))
    run_step(here, str(catalog.sql("select partition from clips")["partition"][0]))
    path = catalog.column("clips", "clip").localpath["b.mp4"]
    assert path.is_relative_to(folder)
    assert sha256(path.read_bytes()).digest() == sha256(content).digest()


def keep_up(catalog: ma.Catalog, bucket: str) -> None:
    assert run("verify", "clips", "--deep", *PROJECT).exit_code == 0
    partition = str(catalog.sql("select partition from clips")["partition"][0])
    restored = run("restore", "clips", partition, "--to", "1", "--columns", "clip", *PROJECT)
    assert "3 rows of manifest 1" in restored.output
    assert catalog.column("clips", "clip").fileurl["b.mp4"].startswith(f"s3://{bucket}/old/")
    clips_table().delete("a.webm")
    assert catalog.table("clips")["row"].to_list() == ["b.mp4", "list.mp4"]
    collected = run("gc", "clips", "--grace", "0s", "--keep", "1", *PROJECT)
    assert (collected.exit_code, "Deleted 0 files" in collected.output) == (0, False)
