"""Forked processes, and the storage clients that they inherit."""

from multiprocessing import get_context

import pytest

from media_assets.errors import ForkedProcessError
from media_assets.stores.forks import check_fork


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_gets_an_error_instead_of_waiting_forever() -> None:
    check_fork("s3://bucket/")
    check_fork("s3://another/")

    with (
        get_context("fork").Pool(1) as pool,
        pytest.raises(ForkedProcessError, match="gs://third/"),
    ):
        pool.apply(check_fork, ["gs://third/"])
    with get_context("spawn").Pool(1) as pool:
        pool.apply(check_fork, ["gs://third/"])
