"""A bucket of its own for each test, and a photo on the web."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from media_assets_tests.clouds.photos import jpeg
from media_assets_tests.fetch.site import Site, answer, site
from media_assets_tests.servers.s3 import S3Server


@pytest.fixture
def source_site() -> Iterator[Site]:
    with site(answer(jpeg(), ETag='"1"')) as running:
        yield running


@pytest.fixture
def bucket(s3_environment: S3Server) -> str:
    return s3_environment.make_bucket(f"where-{uuid4().hex}")
