"""S3 and its protocol: the contract on a real server, addresses, and what goes wrong."""

from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.destinations import parse_destination
from media_assets.stores import Storage, Store
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.stores.contract import StoreContract, staged

__all__ = ["staged"]


class TestS3Store(StoreContract):
    LONG_LISTING = 1010

    @pytest.fixture
    def store(self, s3_server: S3Server) -> Store:
        bucket = s3_server.make_bucket(f"contract-{uuid4().hex}")
        return Storage(s3=s3_server.settings).open(parse_destination(f"s3://{bucket}/"))

    @pytest.fixture
    def base(self) -> str:
        return "some/prefix/"
