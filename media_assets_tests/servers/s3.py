"""The S3 server of the tests: OpenStack Swift."""

from dataclasses import dataclass
from pathlib import Path

from media_assets.stores.s3 import S3Settings
from media_assets_tests.servers.install import SWIFT_PYTHON, install_swift
from media_assets_tests.servers.shared import shared_server
from media_assets_tests.servers.web import fetch

_PROGRAM = Path(__file__).with_name("swift_server.py")
KEYS_OF_PAGE = 100
"""Listings take several requests early, as objects are slow to make here; elsewhere it is 1,000."""
_READER = ("test:reader", "reading")


@dataclass(frozen=True)
class S3Server:
    """A running server with one owner, and a reader of some buckets."""

    url: str
    access_key_id: str = "test:tester"
    secret_access_key: str = "testing"

    @classmethod
    def start(cls, folder: Path, *, keys_of_page: int = KEYS_OF_PAGE) -> "S3Server":
        install_swift()
        command = [str(SWIFT_PYTHON), str(_PROGRAM), ".", str(keys_of_page)]
        return cls(shared_server("swift", folder, command))

    @property
    def settings(self) -> S3Settings:
        return S3Settings(
            endpoint=self.url,
            region="us-east-1",
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
        )

    @property
    def reader(self) -> S3Settings:
        """The settings of somebody who may read the buckets made with `has_reader`."""
        key, secret = _READER
        return S3Settings(
            endpoint=self.url, region="us-east-1", access_key_id=key, secret_access_key=secret
        )

    def make_bucket(self, name: str, *, has_reader: bool = False) -> str:
        """Makes a bucket, and returns its name."""
        who = {"X-Auth-User": self.access_key_id, "X-Auth-Key": self.secret_access_key}
        given = fetch(f"{self.url}/auth/v1.0", headers=who).headers
        headers = {"X-Auth-Token": given["x-auth-token"]}
        if has_reader:
            headers["X-Container-Read"] = _READER[0]
        made = fetch(f"{given['x-storage-url']}/{name}", method="PUT", headers=headers)
        assert made.status == 201
        return name

    def requests(self, bucket: str) -> list[str]:
        """Returns the requests for a bucket so far, as `PUT /bucket/key`."""
        return fetch(f"{self.url}/_requests?bucket={bucket}").json()
