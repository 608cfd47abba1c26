"""What is sent of options that no server here knows: classes, encryption, and who pays."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from media_assets.destinations import parse_destination
from media_assets.object_options import DestinationOptions, ObjectOptions
from media_assets.stores import Storage
from media_assets.stores.azure import AzureSettings
from media_assets.stores.gcs import GcsSettings
from media_assets.stores.s3 import S3Settings
from media_assets.uploads.listing.opened import open_listing
from media_assets_tests.servers.canned import CannedServer, canned_answers

_COPIED = "<CopyObjectResult><ETag>1</ETag></CopyObjectResult>"
_REWRITTEN = '{"done": true, "resource": {}, "totalBytesRewritten": "1", "objectSize": "1"}'
_NOTHING = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
KMS = ObjectOptions(
    encryption="aws:kms", kms_key="arn:aws:kms:a:1:key/k", storage_class="GLACIER_IR"
)
OF_KMS = {
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:a:1:key/k",
    "x-amz-storage-class": "GLACIER_IR",
}


@pytest.fixture
def server() -> Iterator[CannedServer]:
    with canned_answers((200, _COPIED)) as running:
        yield running


def s3(server: CannedServer) -> Storage:
    settings = S3Settings(
        endpoint=server.url, region="us-east-1", access_key_id="a", secret_access_key="b"
    )
    return Storage(s3=settings)


def staged(tmp_path: Path) -> Path:
    path = tmp_path / "staged"
    path.write_bytes(b"content")
    return path


def sent(server: CannedServer, *names: str) -> list[Mapping[str, str]]:
    """Those of these headers that each request had."""
    return [{n: headers[n] for n in names if n in headers} for headers in server.headers]


def test_a_key_and_a_class_go_with_a_file_and_with_its_copy(
    no_aws: None, server: CannedServer, tmp_path: Path
) -> None:
    store = s3(server).open(parse_destination("s3://bucket/"), KMS)

    store.put_file("a.jpg", staged(tmp_path), attributes=KMS.attributes("a.jpg"))
    store.copy("a.jpg", "a.jpg", content_type="image/jpeg", attributes=KMS.attributes("a.jpg"))

    assert sent(server, *OF_KMS) == [OF_KMS, OF_KMS]
    assert server.headers[1]["x-amz-metadata-directive"] == "REPLACE"
    assert server.headers[1]["content-type"] == "image/jpeg"
    signed = server.headers[1]["authorization"]
    assert all(name in signed for name in OF_KMS)


def test_keys_of_the_storage_go_with_a_file_and_nothing_about_encryption_with_a_read(
    no_aws: None, server: CannedServer, tmp_path: Path
) -> None:
    store = s3(server).open(parse_destination("s3://bucket/"), ObjectOptions(encryption="AES256"))

    store.put_file("a.jpg", staged(tmp_path))
    store.copy("a.jpg", "b.jpg")
    store.get("a.jpg")

    name = "x-amz-server-side-encryption"
    assert sent(server, name) == [{name: "AES256"}, {name: "AES256"}, {}]


def test_who_pays_is_said_with_every_request_to_that_bucket_alone(
    no_aws: None, tmp_path: Path
) -> None:
    named = {"s3://theirs/photos/": {"requester_pays": True}}
    options = DestinationOptions.of(named, source="a test")
    answers = [
        *[(200, _NOTHING)] * 5,
        (200, "<DeleteResult><Deleted><Key>b.jpg</Key></Deleted></DeleteResult>"),
    ]
    with canned_answers(*answers, *answers) as server:
        storage = Storage(s3=s3(server).s3, payers=tuple(options.payers))
        for bucket in ("theirs", "ours"):
            place = parse_destination(f"s3://{bucket}/")
            store = storage.open(place)
            store.get("a.jpg")
            store.head("a.jpg")
            list(store.list("photos/"))
            list(open_listing(place, storage, user="a test").files())
            store.put_file("b.jpg", staged(tmp_path))
            store.delete(["b.jpg"])
        name = "x-amz-request-payer"
        paid = [
            request for request, one in zip(server.requests, sent(server, name), strict=True) if one
        ]
        signed = storage.open(parse_destination("s3://theirs/")).sign("a.jpg", timedelta(hours=1))

    assert paid == [request for request in server.requests if "/theirs" in request]
    assert len(paid) == len(server.requests) / 2 >= 6
    assert "x-amz-request-payer=requester" in signed


def test_google_learns_the_project_that_pays_and_the_class_of_a_copy(tmp_path: Path) -> None:
    named = {"gs://theirs/": {"requester_pays": "our-project"}}
    options = DestinationOptions.of(named, source="a test")
    with canned_answers((200, _REWRITTEN)) as server:
        storage = Storage(gcs=GcsSettings(endpoint=server.url), payers=tuple(options.payers))
        store = storage.open(parse_destination("gs://theirs/"))
        store.get("a.jpg")
        store.copy("a.jpg", "a.jpg", attributes={"Storage-Class": "NEARLINE"})

    assert sent(server, "x-goog-user-project") == [{"x-goog-user-project": "our-project"}] * 2
    assert "rewriteTo" in server.requests[1]
    assert "NEARLINE" in server.bodies[1]


def test_a_class_goes_with_a_file_to_google_and_to_azure(tmp_path: Path) -> None:
    cold = {"Storage-Class": "Cool"}
    with canned_answers((201, ""), (200, "content")) as server:
        account = AzureSettings(account_url=f"{server.url}/account", is_anonymous=True)
        store = Storage(azure=account).open(parse_destination("az://bucket/"))
        store.put_file("a.jpg", staged(tmp_path), attributes=cold)
        assert server.headers[0]["x-ms-access-tier"] == "Cool"
