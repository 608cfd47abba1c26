"""A catalog of many partitions in a bucket, read by a new machine and by one that knows it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.large_catalog import TABLE, make_catalog
from benchmarks.processes import run_job
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Storage
from media_assets.upkeep.merging import merge_manifests
from media_assets_tests.servers.s3 import S3Server

_COLUMN = "source_image"
_KEYS_OF_PAGE = 1_000
_PUTS_AT_ONCE = 8
_MS = 1_000


def bucket_catalog(settings: Settings) -> Iterator[Figure]:
    """1,000 manifests of 1,000 rows."""
    yield from _first_queries(settings, 1_000, cold=5_000, warm=500)


def large_bucket_catalog(settings: Settings) -> Iterator[Figure]:
    """1,000 manifests of 10,000 rows."""
    yield from _first_queries(settings, 10_000, count=1_000)


def _first_queries(
    settings: Settings,
    rows_of_partition: int,
    *,
    cold: float | None = None,
    warm: float | None = None,
    count: float | None = None,
) -> Iterator[Figure]:
    """Queries once before the manifests are merged and twice after, each time in a new process.

    The bars are for the first query on a new machine, the first in a later process, and a count in
    that process.
    """
    partitions = settings.rows(1_000)
    source = make_catalog(partitions, (_COLUMN,), rows_of_partition=rows_of_partition)
    with workspaces() as new:
        server = S3Server.start(new(), keys_of_page=_KEYS_OF_PAGE)
        root = _put(source, server)
        asked = root.destination.uri, server.url, server.access_key_id, server.secret_access_key
        single = run_job("first_query", new(), *asked).told
        merge_manifests(root, TABLE, _COLUMN)
        cache = new()
        first, later = (run_job("first_query", cache, *asked).told for _ in range(2))
    rows = partitions * rows_of_partition
    what = f"{rows:,} rows in {partitions:,} manifests on S3: "
    for name, told, bar in (
        ("first query, not merged", single["first"], None),
        ("first query", first["first"], cold),
        ("first query of a later process", later["first"], warm),
        ("count of all, again", later["count"], count),
    ):
        yield Figure(what + name, _MS * float(str(told)), "ms", bar)


def _put(source: Path, server: S3Server) -> CatalogRoot:
    """Puts a catalog's files into a new bucket."""
    location = f"s3://{server.make_bucket('bench')}/catalog"
    root = CatalogRoot.open(location, storage=Storage(s3=server.settings))

    def put(path: Path) -> None:
        root.store.put(root.destination.key(str(path.relative_to(source))), path.read_bytes())

    with ThreadPoolExecutor(_PUTS_AT_ONCE) as pool:
        list(pool.map(put, source.rglob("*.parquet")))
    return root
