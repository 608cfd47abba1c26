"""The first queries over a catalog in a bucket, by a process that has imported everything."""

import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import cast

from benchmarks.large_catalog import TABLE
from benchmarks.stopwatch import tell
from media_assets.cache import Cache
from media_assets.catalog import Catalog
from media_assets.records.ledger import CatalogRoot
from media_assets.stores import Storage
from media_assets.stores.s3 import S3Settings


def main(cache: Path, location: str, endpoint: str, key: str, secret: str) -> None:
    """Times a count of one column's cells, and then a count of all rows."""
    settings = S3Settings(
        endpoint=endpoint, region="us-east-1", access_key_id=key, secret_access_key=secret
    )
    storage = Storage(s3=settings)
    for name in ("duckdb", "pandas", "pyarrow.parquet"):
        import_module(name)
    started = perf_counter()
    catalog = Catalog(CatalogRoot.open(location, storage=storage, copies=Cache(cache)))
    cells = _number(catalog, f"select count(source_image) as n from {TABLE}")  # noqa: S608
    asked = perf_counter()
    rows = _number(catalog, f"select count(*) as n from {TABLE}")  # noqa: S608
    counted = perf_counter()
    assert cells == rows > 0
    tell({"first": asked - started, "count": counted - asked})


def _number(catalog: Catalog, query: str) -> int:
    return cast("int", catalog.sql(query)["n"].to_list()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
