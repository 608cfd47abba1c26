"""A few fields of a manifest's records, read by DuckDB, which a reading command has imported.

pyarrow, with the NumPy that it imports, takes longer to import than such a command to do the rest.
"""

from pathlib import Path

from media_assets.records.database import connect, quote_text
from media_assets.records.file_headers import has_checksum
from media_assets.records.ledger import Ledger
from media_assets.records.local_copies import LocalCopies
from media_assets.records.manifests import SCHEMA, Header, Record, read_header, read_manifest
from media_assets.records.parquet import no_rows

BRIEF = ("row", "fileurl", "digest", "size_bytes", "error_class", "error_message", "published")
"""The fields; the others are None."""


def read_briefly(ledger: Ledger) -> tuple[Header, list[Record]] | None:
    """Returns the header and the records, by row, of the newest manifest; None without one.

    Raises:
        StoredFileMissingError: The manifest has gone in the meantime.
        ManifestFormatError: It is damaged, or written by a newer version.
    """
    number = ledger.latest()
    if not number:
        return None
    key = ledger.key(number)
    files = LocalCopies(ledger.store)  # of its own, so that a copy is deleted once it is read
    found = _read(files.path(key), key)
    if found is None:
        manifest = read_manifest(ledger, number)
        found = manifest.header, list(manifest.records.values())
    return found


def _read(path: Path, key: str) -> tuple[Header, list[Record]] | None:
    """Reads a file whose checksum was compared; None if it has none, or DuckDB cannot read it."""
    import duckdb  # noqa: PLC0415  slow to import

    try:
        with path.open("rb") as file:
            if has_checksum(file, key=key):
                return read_header(file, key=key), _records(str(path))
    except (OSError, duckdb.Error):  # whoever reads it next says why
        pass
    return None


def _records(path: str) -> list[Record]:
    # By name: files of older versions lack some columns.
    source = f"read_parquet([{quote_text(path)}], hive_partitioning = false)"
    query = f"""
        select {", ".join(BRIEF)} from (({no_rows(SCHEMA)}) union all by name from {source})
        order by row
    """  # noqa: S608  quoted
    with connect(threads=1) as connection:
        found = connection.execute(query).fetchall()
    return [Record(**dict(zip(BRIEF, values, strict=True))) for values in found]
