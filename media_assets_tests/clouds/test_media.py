"""A table of videos in three clouds at once, played by presigned URLs."""

from pathlib import Path
from uuid import uuid4

import pytest

import media_assets as ma
from media_assets_tests.media.videos import make_video
from media_assets_tests.runs import catalog, insert
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.gcs import GcsServer
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.web import fetch
from media_assets_tests.steps import run_step


def test_uploads_and_computed_files_are_served_as_what_they_are(
    home: Path,
    s3_environment: S3Server,
    gcs_environment: GcsServer,
    azure_environment: AzureServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = f"media-{uuid4().hex}"
    on_azure = f"az://{azure_environment.make_container(name)}/in/"
    monkeypatch.setenv("MEDIA_ASSETS_INPUT_MEDIA_DEST", on_azure)
    on_gcs = f"gs://{gcs_environment.make_bucket(name + 'g')}/"
    videos = ma.MediaTable("videos", media=ma.Video)

    @videos.computed_column(destination=f"s3://{s3_environment.make_bucket(name)}/", format="mp4")
    def clip(source_video: ma.Video) -> ma.Video:
        return source_video.clip(0, 0.5)

    @videos.computed_column(destination=on_gcs, format="ogg")
    def sound(source_video: ma.Video) -> ma.Audio | None:
        return source_video.audio()

    path = make_video(tmp_path / "a.webm", codec="vp9", with_audio=True, audio_codec="opus")
    (partition,) = insert(videos, path)
    run_step(videos, partition)

    files = catalog().fileurls("videos")
    expected = {
        "source_video": (on_azure, "video/webm"),
        "clip": ("s3://", "video/mp4"),
        "sound": ("gs://", "audio/ogg"),
    }
    for column, (place, content_type) in expected.items():
        fileurl = str(files[column][0])
        assert fileurl.startswith(place)
        url = ma.presigned_url(fileurl, 60)
        whole, part = fetch(url), fetch(url, headers={"Range": "bytes=100-199"})
        assert (whole.headers["content-type"], part.status) == (content_type, 206)
        assert part.body == whole.body[100:200]
        assert "attachment" not in whole.headers.get("content-disposition", "")
    assert fetch(ma.presigned_url(str(files["source_video"][0]), 60)).body == path.read_bytes()
