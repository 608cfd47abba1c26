"""Every form of a destination that is accepted."""

from pathlib import Path

import pytest

from media_assets.destinations import Destination, Provider, parse_destination, region_of
from media_assets_tests.destinations.forms import AWS, B2, FORMS


@pytest.mark.parametrize(("text", "provider", "endpoint", "bucket", "prefix"), FORMS)
def test_every_form_names_its_provider_endpoint_bucket_and_prefix(
    text: str, provider: Provider, endpoint: str | None, bucket: str, prefix: str
) -> None:
    destination = parse_destination(text)

    assert destination == Destination(provider, endpoint, bucket, prefix)
    assert parse_destination(destination.uri) == destination


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert parse_destination("~/media").path == tmp_path / "media"
    assert parse_destination("~").path == tmp_path
    assert parse_destination("~root/media").path == Path("~root/media").expanduser()


def test_a_destination_gives_keys_and_folders_below_its_prefix() -> None:
    destination = parse_destination("s3://my-bucket/a/")

    assert destination.key("photos", "x.jpg") == "a/photos/x.jpg"
    assert destination.key("photos", "") == "a/photos/"
    assert destination.bucket_root == parse_destination("s3://my-bucket")
    assert destination.path is None


def test_the_region_is_known_where_the_endpoint_names_one() -> None:
    assert region_of(AWS) == "eu-west-1"
    assert region_of("https://s3-fips.dualstack.us-gov-west-1.amazonaws.com") == "us-gov-west-1"
    assert region_of(B2) == "us-west-004"
    assert region_of("https://s3.amazonaws.com") is None
    assert region_of("https://minio.example.com") is None
