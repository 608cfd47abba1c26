"""The values for Helm, as far as they can be held without Kubernetes."""

from typing import Any

import pytest
import yaml

from media_assets.stores.aws_session import AwsSession
from media_assets_tests.deploy.postgres import DEPLOY


def values(name: str) -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "kubernetes" / name).read_text())


@pytest.fixture
def code_server() -> dict[str, Any]:
    (deployment,) = values("dagster.yaml")["dagster-user-deployments"]["deployments"]
    return deployment


def test_runs_and_workers_have_one_image(code_server: dict[str, Any]) -> None:
    dask = values("dask.yaml")

    assert code_server["image"] == dask["scheduler"]["image"] == dask["worker"]["image"]
    assert code_server["includeConfigInLaunchedRuns"] == {"enabled": True}


def test_workers_reach_buckets_by_variables_that_are_read(
    code_server: dict[str, Any], no_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = values("dask.yaml")["worker"]["env"]
    names = {variable["name"]: "set" for variable in variables}
    secrets = {v["valueFrom"]["secretKeyRef"]["name"] for v in variables if "valueFrom" in v}

    for name, value in names.items():
        monkeypatch.setenv(name, value)
    keys = AwsSession(None, "s3://bucket/").credentials()()
    assert isinstance(keys, dict)
    assert keys["access_key_id"] == keys["secret_access_key"] == "set"
    assert [{"name": name} for name in secrets] == code_server["envSecrets"]


def test_the_database_names_its_driver() -> None:
    assert values("dagster.yaml")["postgresql"]["postgresqlScheme"] == "postgresql+psycopg2"
