"""Secrets that were given to resources stand nowhere afterwards."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from media_assets.io_manager import MediaIOManager
from media_assets_tests.faults.places import small_table
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import inserted, materialize
from media_assets_tests.servers.azurite import AzureServer
from media_assets_tests.servers.s3 import S3Server

CANARY = "canary4secret7canary"
KEY = b64encode(CANARY.encode()).decode()


def s3_manager(url: str, **more: object) -> MediaIOManager:
    from dagster_aws.s3 import S3Resource

    return MediaIOManager(
        output_media_dest="s3://bucket/",
        s3=S3Resource(
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="somebody",
            aws_secret_access_key=CANARY,
            aws_session_token=CANARY,
            **more,  # pyright: ignore[reportArgumentType]
        ),
    )


def azure_manager(url: str, credential: Callable[[], object]) -> MediaIOManager:
    from dagster_azure.blob import AzureBlobStorageResource

    return MediaIOManager(
        output_media_dest="az://container/",
        azure=AzureBlobStorageResource(account_url=url, credential=credential()),  # pyright: ignore[reportArgumentType]
    )


def with_key() -> object:
    from dagster_azure.blob import AzureBlobStorageKeyCredential

    return AzureBlobStorageKeyCredential(key=KEY)


def with_signature() -> object:
    from dagster_azure.blob import AzureBlobStorageSASTokenCredential

    return AzureBlobStorageSASTokenCredential(token=f"sv=2025&sig={CANARY}")


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
    shown = capfd.readouterr()
    events = [
        entry.user_message for run in instance.get_runs() for entry in instance.all_logs(run.run_id)
    ]
    found = [path for path in home.rglob("*") if path.is_file() and holds(path.read_bytes())]
    assert len(events) > len(managers)
    assert found == []
    assert not holds((shown.out + shown.err + "".join(events)).encode())


def holds(data: bytes) -> bool:
    return CANARY.encode() in data or KEY.encode() in data
