"""Secrets that were given to resources stand nowhere afterwards."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import dagster as dg
import pyarrow.parquet as pq
import pytest
from PIL import Image

from media_assets.catalog import Catalog
from media_assets.gallery import write_gallery
from media_assets.gallery.contents import File, read_contents
from media_assets.io_manager import MediaIOManager
from media_assets.tables.scanning import record
from media_assets.tables.table import MediaTable
from media_assets.uploads.folders import Found
from media_assets.uploads.upload import Upload
from media_assets.urls import presigned_url
from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.faults.places import small_table
from media_assets_tests.fetch.site import answer, site
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server

CANARY = "canary4secret7canary"
KEY = b64encode(CANARY.encode()).decode()
FORCED = {"ops": {"photos": {"config": {"force": True}}}}


def s3_manager(
    url: str, destination: str = "s3://bucket/", **credentials: object
) -> MediaIOManager:
    from dagster_aws.s3 import S3Resource

    given = credentials or {
        "aws_access_key_id": "somebody",
        "aws_secret_access_key": CANARY,
        "aws_session_token": CANARY,
    }
    return MediaIOManager(
        output_media_dest=destination,
        s3=S3Resource(
            endpoint_url=url,
            region_name="us-east-1",
            **given,  # pyright: ignore[reportArgumentType]
        ),
    )


def azure_manager(
    url: str, credential: Callable[[], object], destination: str = "az://container/"
) -> MediaIOManager:
    from dagster_azure.blob import AzureBlobStorageResource

    return MediaIOManager(
        output_media_dest=destination,
        azure=AzureBlobStorageResource(account_url=url, credential=credential()),  # pyright: ignore[reportArgumentType]
    )


def with_key(key: str = KEY) -> object:
    from dagster_azure.blob import AzureBlobStorageKeyCredential

    return AzureBlobStorageKeyCredential(key=key)


def with_signature(token: str = f"sv=2025&sig={CANARY}") -> object:
    from dagster_azure.blob import AzureBlobStorageSASTokenCredential

    return AzureBlobStorageSASTokenCredential(token=token)


# Dagster's own, of a resource within a resource.
@pytest.mark.filterwarnings("ignore:.*dagster_run:DeprecationWarning")
def test_no_canary_is_found_after_runs_that_were_refused(
    home: Path,
    tmp_path: Path,
    instance: dg.DagsterInstance,
    s3_server: S3Server,
    azure_server: AzureServer,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    monkeypatch.setenv("AZURE_STORAGE_KEY", KEY)
    table = small_table()
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 2))
    managers = [
        s3_manager(s3_server.url),
        s3_manager("http://127.0.0.1:1"),
        azure_manager(azure_server.url, with_key),
        azure_manager(azure_server.url, with_signature),
    ]

    results = [materialize(instance, table, partition, manager=one) for one in managers]

    assert [result.success for result in results] == [False] * len(managers)
    events = [entry for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
    found = [path for path in home.rglob("*") if path.is_file() and holds(path.read_bytes())]
    assert len(events) > len(managers)
    assert found == []
    assert places_of([CANARY, KEY], home, instance, capfd) == []


@pytest.mark.filterwarnings("ignore:.*dagster_run:DeprecationWarning")
@pytest.mark.parametrize(
    "where",
    [
        "s3",
        pytest.param("s3 by variables", marks=pytest.mark.faults),
        pytest.param("azure by key", marks=pytest.mark.faults),
        "azure by signature",
    ],
)
def test_no_canary_is_found_after_runs_that_succeeded(
    where: str,
    home: Path,
    tmp_path: Path,
    instance: dg.DagsterInstance,
    s3_server: S3Server,
    azure_server: AzureServer,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    name = f"secrets-{uuid4().hex}"
    secrets = [CANARY]
    if where.startswith("s3"):
        s3_server.make_bucket(name)
        secret = dg.EnvVar("CANARY") if "variables" in where else CANARY
        manager = s3_manager(
            s3_server.url, f"s3://{name}/", aws_access_key_id="test:canary",
            aws_secret_access_key=secret, aws_session_token=None,
        )  # fmt: skip
    else:
        azure_server.make_container(name)
        token = azure_server.writer(name).sas_token or ""
        secrets = [azure_server.account_key, parse_qs(token)["sig"][0]]
        secrets += [quote(secret, safe="") for secret in secrets]
        manager = azure_manager(
            azure_server.url,
            (lambda: with_signature(token))
            if "sign" in where
            else lambda: with_key(azure_server.account_key),
            f"az://{name}/",
        )
    table = small_table()
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 2))

    first = materialize(instance, table, partition, manager=manager)
    again = materialize(instance, table, partition, manager=manager, run_config=FORCED)
    contents = read_contents(Catalog(manager.installation.catalog), "photos")
    write_gallery(
        contents, home / "gallery", manager.installation.reader, expires_in=timedelta(hours=1)
    )

    assert first.success
    assert again.success
    assert places_of(secrets, home, instance, capfd) == []
    if "signature" not in where:  # who has but a signature signs nothing
        flipped = contents.rows[0].cells["flipped"]
        assert isinstance(flipped, File)
        link = urlsplit(presigned_url(flipped.fileurl, 60, storage=manager.storage))
        ours = [*parse_qs(link.query).get("X-Amz-Signature", parse_qs(link.query).get("sig", []))]
        assert len(ours) == 1
        assert places_of(ours, home, instance, capfd) == []


def test_the_token_of_an_address_stands_only_where_it_is_needed_to_read_it_again(
    home: Path, tmp_path: Path, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    manager, table = MediaIOManager(allow_networks=["127.0.0.0/8"]), small_table()
    with site(answer(jpeg()), answer(status=404)) as host:
        urls = [f"{host.url(path)}?sig={CANARY}" for path in ("/first.jpg", "/second.jpg")]
        uploads = tuple(Upload(f"{number}.jpg", url, -1, "1") for number, url in enumerate(urls))
        (partition,) = record(manager.installation, table, Found(uploads)).partitions
        instance.add_dynamic_partitions("media_assets/photos", [partition])

        result = materialize(instance, table, partition, manager=manager)

    assert result.success
    assert {Path(place).suffix for place in places_of([CANARY], home, instance, capfd)} == {
        ".parquet"
    }


def reveals(source_image: Image.Image) -> int:
    message = f"no answer from https://host/{source_image.width}?X-Amz-Signature={CANARY}"
    raise ValueError(message)


def test_errors_of_row_functions_show_no_signature_of_an_address(
    home: Path, tmp_path: Path, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    table = MediaTable("photos")
    table.computed_column(code_version="1")(reveals)
    partition = inserted(instance, table, *save_photos(tmp_path / "uploads", 2))

    result = materialize(instance, table, partition, manager=MediaIOManager())

    assert not result.success  # it raised on every row
    errors = Catalog(MediaIOManager().installation.catalog).sql("from media_assets.errors")
    assert {"https://host/48?***" in message for message in errors["error_message"]} == {True}
    assert places_of([CANARY], home, instance, capfd) == []


def places_of(
    secrets: list[str], home: Path, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> list[str]:
    """Where any of the secrets stands: files of a home, events of runs, the terminal."""
    shown = capfd.readouterr()
    texts = {"terminal": shown.out + shown.err}
    for run in instance.get_runs():
        entries = instance.all_logs(run.run_id)
        texts[run.run_id] = str(run) + "".join(
            f"{e.user_message} {e.dagster_event}" for e in entries
        )
    for path in home.rglob("*"):
        if path.suffix == ".parquet":
            file = pq.ParquetFile(path)
            texts[str(path)] = f"{file.metadata.metadata} {file.read().to_pylist()}"
        elif path.is_file():
            texts[str(path)] = path.read_bytes().decode(errors="replace")
    return [where for where, text in texts.items() if any(secret in text for secret in secrets)]


def holds(data: bytes) -> bool:
    return CANARY.encode() in data or KEY.encode() in data
