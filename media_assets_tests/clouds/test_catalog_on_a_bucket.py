"""A catalog on a bucket: what it asks for, and what it finds on this machine already."""

from pathlib import Path

from media_assets.cache import Cache
from media_assets.catalog import Catalog
from media_assets.records.ledger import CatalogRoot
from media_assets_tests.catalogs import commit, header, image, record_rows
from media_assets_tests.servers.s3 import S3Server

_PARTITIONS = ["p1", "p2", "p3"]
_COUNT = "select count(source_image) as found from photos"


def add(root: CatalogRoot, partition: str) -> None:
    """A row in a partition of its own."""
    record_rows(root, partition, [f"{partition}.jpg"])
    commit(root, header("source_image", partition), [image(f"{partition}.jpg", f"/{partition}")])


def test_a_look_reads_the_files_that_are_new_to_this_machine_and_lists_the_rest(
    s3_environment: S3Server, bucket: str, tmp_path: Path
) -> None:
    location = f"s3://{bucket}/catalog/"
    written = CatalogRoot.open(location)
    for partition in _PARTITIONS:
        add(written, partition)

    def look() -> tuple[int, int, int]:
        """Looks as a new process does: the rows found, the files read, and the pages listed."""
        before = len(s3_environment.requests(bucket))
        catalog = Catalog(CatalogRoot.open(location, copies=Cache(tmp_path)))
        found = catalog.sql(_COUNT)["found"].to_list()[0]
        asked = s3_environment.requests(bucket)[before:]
        pages = asked.count(f"GET /{bucket}")
        return found, len(asked) - pages, pages

    first, second = look(), look()
    add(written, "p4")
    third, fourth = look(), look()

    manifests_and_uploads = 2
    assert first == (3, 3 * manifests_and_uploads, first[2])
    assert second == (3, 0, first[2])
    assert third == (4, manifests_and_uploads, first[2])
    assert fourth == (4, 0, first[2])
