"""Files that DuckDB reads: it compares no checksums, so they are compared before."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from media_assets.errors import ManifestFormatError
from media_assets.records.ledger import CatalogRoot
from media_assets.records.local_copies import LocalCopies
from media_assets.records.manifests import to_parquet
from media_assets_tests.catalogs import header, memory_root, value

KEY = "photos/brightness/p1/00000001.parquet"
MANIFEST = to_parquet(asdict(header()), [value(f"{n:03}.jpg", str(n)) for n in range(200)])
BITS = range(0, 8 * len(MANIFEST), 101)
"""Some of every part of the file."""


@pytest.fixture(params=["local", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogRoot:
    return CatalogRoot.open(str(tmp_path)) if request.param == "local" else memory_root()


def flipped(bit: int) -> bytes:
    place = bit // 8
    return MANIFEST[:place] + bytes([MANIFEST[place] ^ 1 << bit % 8]) + MANIFEST[place + 1 :]


def test_a_file_in_which_a_bit_flipped_is_refused_by_name(root: CatalogRoot) -> None:
    key = root.destination.key(KEY)
    for bit in BITS:
        root.store.put(key, flipped(bit))
        with pytest.raises(ManifestFormatError, match=re.escape(KEY)):
            LocalCopies(root.store).path(key)


def test_a_file_is_read_once_to_compare_its_checksum(root: CatalogRoot) -> None:
    key = root.destination.key(KEY)
    root.store.put(key, MANIFEST)
    copies = LocalCopies(root.store)

    (path,) = copies.paths([key])
    path.write_bytes(flipped(BITS[5]))

    assert copies.paths([key, key]) == [path, path]
