"""Numbered files: whoever races, each number is claimed exactly once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from media_assets.errors import DestinationError, NoExclusiveCreateError, StoredFileMissingError
from media_assets.records.ledger import CatalogRoot, Ledger
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings
from media_assets_tests.catalogs import memory_root
from media_assets_tests.faults.proxy import Fault, fault_proxy
from media_assets_tests.servers.canned import canned_answers
from media_assets_tests.servers.s3 import S3Server
from media_assets_tests.stores.processes import race

CLAIMS = 20


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    return CatalogRoot.open(str(tmp_path)) if request.param == "local" else memory_root()


@pytest.fixture
def ledger(root: CatalogRoot) -> Ledger:
    return root.ledger("photos", "flipped", "p1")


def claim_next(ledger: Ledger, name: str) -> int:
    """Claims the next free number, as a writer that loses does."""
    number = ledger.latest() + 1
    while not ledger.claim(number, json.dumps([name, number]).encode()):
        number += 1
    return number


def claim_many(location: str, name: str) -> list[int]:
    ledger = CatalogRoot.open(location).ledger("photos", "flipped", "p1")
    return [claim_next(ledger, name) for _ in range(CLAIMS)]


def test_an_empty_ledger_has_no_numbers(ledger: Ledger) -> None:
    assert ledger.numbers() == []
    assert ledger.latest() == 0


def test_numbers_count_from_one_and_come_lowest_first(ledger: Ledger) -> None:
    for number in (1, 2, 3, 10, 11):
        assert ledger.claim(number, b"")

    assert ledger.numbers() == [1, 2, 3, 10, 11]
    assert ledger.numbers(after=3) == [10, 11]
    assert ledger.numbers(after=11) == []
    assert ledger.latest() == 11


def test_a_claimed_number_stays_with_its_owner(ledger: Ledger) -> None:
    first = ledger.claim(1, b"first")

    second = ledger.claim(1, b"second")

    assert (first, second) == (True, False)
    assert ledger.read(1) == b"first"


def test_an_unclaimed_number_cannot_be_read(ledger: Ledger) -> None:
    with pytest.raises(StoredFileMissingError, match=r"00000001.parquet"):
        ledger.read(1)


def test_other_files_in_a_ledger_are_skipped(root: CatalogRoot, ledger: Ledger) -> None:
    ledger.claim(1, b"")

    for name in ("note.txt", "x.parquet", "00000002.tmp", "deeper/00000003.parquet"):
        root.store.put(f"{ledger.prefix}{name}", b"")

    assert ledger.numbers() == [1]


def test_each_column_and_partition_has_numbers_of_its_own(root: CatalogRoot) -> None:
    places = [
        root.ledger("photos", "flipped", "p1"),
        root.ledger("photos", "flipped", "p2"),
        root.ledger("photos", "rotated", "p1"),
        root.ledger("team/photos", "flipped", "p1"),
        root.ledger("photos", "flipped", "P1"),
        root.ledger("photos", "flipped", "p/1"),
        root.upload_ledger("photos"),
    ]

    claims = [place.claim(1, str(n).encode()) for n, place in enumerate(places)]

    assert all(claims)
    assert [place.read(1) for place in places] == [str(n).encode() for n in range(len(places))]


def test_work_records_are_outside_the_folders_of_tables(root: CatalogRoot) -> None:
    prefix = root.work_prefix("photos", "flipped", "p1")

    assert prefix.endswith("/_work/photos/flipped/p1/")
    assert not prefix.startswith(root.ledger("photos", "flipped", "p1").prefix)


def test_the_error_for_an_invalid_root_names_its_source() -> None:
    with pytest.raises(DestinationError, match="from MEDIA_ASSETS_CATALOG is a relative path"):
        CatalogRoot.open("media/catalog", source="MEDIA_ASSETS_CATALOG")


def test_many_threads_claim_each_number_exactly_once(ledger: Ledger) -> None:
    with ThreadPoolExecutor(16) as pool:
        claimed = list(pool.map(lambda n: claim_next(ledger, str(n)), range(100)))

    assert sorted(claimed) == list(range(1, 101)) == ledger.numbers()
    for name, number in enumerate(claimed):
        assert json.loads(ledger.read(number)) == [str(name), number]


def test_processes_claim_each_number_exactly_once(tmp_path: Path) -> None:
    claimed = race(claim_many, str(tmp_path))

    assert sorted(claimed["a"] + claimed["b"]) == list(range(1, 2 * CLAIMS + 1))
    ledger = CatalogRoot.open(str(tmp_path)).ledger("photos", "flipped", "p1")
    for name in "ab":
        for number in claimed[name]:
            assert json.loads(ledger.read(number)) == [name, number]


def test_a_storage_without_exclusive_creation_cannot_hold_a_catalog() -> None:
    deleted = "<DeleteResult><Deleted><Key>catalog</Key></Deleted></DeleteResult>"
    with canned_answers((200, ""), (200, ""), (200, deleted)) as server:
        settings = S3Settings(endpoint=server.url, access_key_id="key", secret_access_key="secret")
        root = CatalogRoot.open("s3://bucket/catalog/", storage=Storage(s3=settings))

        for _ in range(2):
            server.requests.clear()
            with pytest.raises(NoExclusiveCreateError, match="If-None-Match"):
                root.upload_ledger("photos").claim(1, b"rows")
            # What was created is taken back: nobody finds a first number and goes on from there.
            assert [line.split(" ")[0] for line in server.requests] == ["PUT", "PUT", "POST"]


@pytest.mark.parametrize(
    "fault", [Fault.UNAVAILABLE, Fault.RESET_BEFORE_REPLY, Fault.LOST_REPLY, Fault.GARBAGE_REPLY]
)
def test_a_fault_while_it_is_checked_does_not_refuse_a_storage(
    s3_server: S3Server, fault: Fault
) -> None:
    bucket = s3_server.make_bucket(f"ledger-{uuid4().hex}")
    creates = count(1)

    def second_create(method: str, _path: str) -> Fault | None:
        return fault if method == "PUT" and next(creates) == 2 else None

    with fault_proxy(s3_server.url, second_create) as proxy:
        settings = replace(s3_server.settings, endpoint=proxy.url)
        root = CatalogRoot.open(f"s3://{bucket}/", storage=Storage(s3=settings))
        ledger = root.upload_ledger("photos")

        assert ledger.claim(1, b"rows")
        assert proxy.faults == [fault]

    assert root_of(bucket, s3_server).upload_ledger("photos").read(1) == b"rows"


def root_of(bucket: str, server: S3Server) -> CatalogRoot:
    return CatalogRoot.open(f"s3://{bucket}/", storage=Storage(s3=server.settings))


def test_exclusive_creation_is_checked_once_per_bucket(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket(f"ledger-{uuid4().hex}")
    root = CatalogRoot.open(f"s3://{bucket}/", storage=Storage(s3=s3_server.settings))
    ledger = root.upload_ledger("photos")

    claimed = [ledger.claim(number, b"rows") for number in (1, 2, 3)]

    assert claimed == [True, True, True]
    assert len(s3_server.requests(bucket)) == len(claimed) + 1
    assert ledger.read(1) == b"rows"
