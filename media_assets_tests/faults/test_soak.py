"""Five hundred rows through a network of which every tenth request goes wrong."""

import random
import shutil
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.errors import ManifestFormatError, StoreFaultError
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record
from media_assets.stores import Storage
from media_assets.tables.table import MediaTable
from media_assets_tests.faults.places import bytes_of, small_table
from media_assets_tests.faults.proxy import Fault, fault_proxy
from media_assets_tests.managers import manager_with
from media_assets_tests.photos import save_photos
from media_assets_tests.runs import insert
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.steps import cells, made, run_step
from media_assets_tests.stored import stored

ROWS = 500
SHARE = 0.1
LASTING = {Fault.DENIED, Fault.SKEWED_CLOCK}
WEIGHTS = {fault: 1 if fault is Fault.BLACK_HOLE else 10 for fault in Fault if fault not in LASTING}
MOST_RUNS = 20


class Weather:
    """Chooses a passing fault for a share of all requests."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  weather, no secrets
        self._lock = threading.Lock()

    def __call__(self, _method: str, _path: str) -> Fault | None:
        with self._lock:
            if self._random.random() >= SHARE:
                return None
            (fault,) = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
            return fault


def finished(
    table: MediaTable, partition: str, manager: MediaIOManager, *, force: bool = False
) -> tuple[dict[str, dict[str, Record]], int]:
    """What stands when a run, or the one that Dagster starts after a failed one, got through."""
    for runs in range(1, MOST_RUNS + 1):
        try:
            outputs = run_step(table, partition, manager=manager, force=force and runs == 1)
        except (StoreFaultError, ManifestFormatError):
            continue
        if runs == 1:
            assert made(outputs) == 4 * ROWS
        return cells(outputs), runs
    pytest.fail(f"{MOST_RUNS} runs were not enough")


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_every_row_is_final_and_right_although_every_tenth_request_goes_wrong(
    s3_server: S3Server, home: Path, tmp_path: Path
) -> None:
    bucket = s3_server.make_bucket(f"soak-{uuid4().hex}")
    settings = replace(s3_server.settings, timeout=timedelta(seconds=1))
    straight, table = Storage(s3=settings), small_table()
    places = {
        "catalog": f"s3://{bucket}/catalog",
        "output_media_dest": f"s3://{bucket}/files/",
        "input_media_dest": f"s3://{bucket}/uploads/",
    }
    manager = manager_with(straight, **places)
    (partition,) = insert(table, *save_photos(tmp_path / "photos", ROWS), manager=manager)
    with fault_proxy(s3_server.url, Weather(seed=8)) as proxy:
        manager = manager_with(Storage(s3=replace(settings, endpoint=proxy.url)), **places)
        first, runs = finished(table, partition, manager)
        shutil.rmtree(home / "media" / "cache")
        again, further_runs = finished(table, partition, manager, force=True)

    faults = Counter(proxy.faults)
    share = faults.total() / len(proxy.requests)
    assert 0.08 < share < 0.12
    assert faults.keys() == WEIGHTS.keys()
    assert (runs, further_runs) < (4, 4)
    for column, records in again.items():
        assert len(records) == ROWS
        assert [r for r in records.values() if r.error_class is not None] == []
        assert {n: r.digest for n, r in records.items()} == {
            n: r.digest for n, r in first[column].items()
        }
    named = {r.fileurl: r for records in again.values() for r in records.values() if r.fileurl}
    assert len(named) == 3 * ROWS
    assert stored(f"s3://{bucket}/files/", straight) | stored(
        f"s3://{bucket}/uploads/", straight
    ) == set(named)
    for fileurl, record in named.items():
        assert sha256(bytes_of(straight, fileurl)).hexdigest() == record.digest
