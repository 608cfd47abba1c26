"""The Google Cloud Storage server of the tests: our gate in front of Swift."""

import sys
from dataclasses import dataclass
from pathlib import Path

from media_assets.stores.gcs import GcsSettings
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.servers.shared import shared_server
from media_assets_tests.servers.web import fetch

_PROJECT = Path(__file__).parents[2]
_PROGRAM = "media_assets_tests.servers.gcs_gate"


@dataclass(frozen=True)
class GcsServer:
    """A running gate, with the key files of an owner and of a reader of all buckets."""

    url: str
    folder: Path
    behind: S3Server

    @classmethod
    def start(cls, folder: Path, behind: S3Server) -> "GcsServer":
        command = ["env", f"PYTHONPATH={_PROJECT}", sys.executable, "-m", _PROGRAM, behind.url]
        command += [behind.access_key_id, behind.secret_access_key, "."]
        return cls(shared_server("gcs", folder, command), folder / "gcs", behind)

    @property
    def settings(self) -> GcsSettings:
        return GcsSettings(endpoint=self.url, key_file=str(self.folder / "owner.json"))

    @property
    def reader(self) -> GcsSettings:
        return GcsSettings(endpoint=self.url, key_file=str(self.folder / "reader.json"))

    def make_bucket(self, name: str) -> str:
        """Makes a bucket, and returns its name."""
        return self.behind.make_bucket(name)

    def requests(self, bucket: str) -> list[str]:
        """Returns the requests for a bucket so far, as `PUT /bucket/key`."""
        return fetch(f"{self.url}/_requests?bucket={bucket}").json()
