"""What tools keep in a bucket for its folders is no upload, in any of its forms."""

from contextlib import closing
from pathlib import Path
from uuid import uuid4

from media_assets.destinations import parse_destination
from media_assets.io_manager import MediaIOManager
from media_assets.stores.azure_connection import AzureConnection
from media_assets.stores.s3_connection import S3Connection
from media_assets.tables.scanning import scan_uploads
from media_assets.tables.table import MediaTable
from media_assets.uploads.insert_sources import find_named
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server


def found(prefix: str) -> list[tuple[list[str], str]]:
    """What an insert of the prefix and a scan find, all files taken."""
    manager = MediaIOManager()
    named = find_named([prefix], manager.installation.reader, extensions=None)
    scanned = scan_uploads(
        manager.installation, MediaTable("photos", uploads=prefix), all_files=True
    )
    return [([u.row for u in one.uploads], str(one.left_alone)) for one in (named, scanned)]


def test_folder_markers_of_azures_tools_are_not_uploads(
    home: Path, azure_environment: AzureServer
) -> None:
    container = azure_environment.make_container(f"markers-{uuid4().hex}")
    location = parse_destination(f"az://{container}/in/")
    with AzureConnection(location, azure_environment.settings).container() as client:
        client.upload_blob("in/2026", b"", metadata={"hdi_isfolder": "true"})
        client.upload_blob("in/2026.jpg", b"", metadata={"Hdi_IsFolder": "true"})
        client.upload_blob("in/old/", b"")
        client.upload_blob("in/2026/a.jpg", jpeg())
        client.upload_blob("in/empty.jpg", b"")

    assert (
        found(location.uri) == [(["2026/a.jpg", "empty.jpg"], "3 left alone: 3 folder markers")] * 2
    )


def test_directory_objects_of_s3_are_not_uploads(home: Path, s3_environment: S3Server) -> None:
    bucket = s3_environment.make_bucket(f"markers-{uuid4().hex}")
    location = parse_destination(f"s3://{bucket}/in/")
    with closing(S3Connection(location, s3_environment.settings).boto()) as client:
        for key, media_type in [
            ("in/2026", "application/x-directory"),
            ("in/mounted", "httpd/unix-directory; charset=UTF-8"),
            ("in/hadoop_$folder$", "application/octet-stream"),
            ("in/old/", "binary/octet-stream"),
            ("in/empty", "image/jpeg"),
        ]:
            client.put_object(Bucket=bucket, Key=key, Body=b"", ContentType=media_type)
        client.put_object(Bucket=bucket, Key="in/2026/a.jpg", Body=jpeg())

    assert found(location.uri) == [(["2026/a.jpg", "empty"], "4 left alone: 4 folder markers")] * 2
