"""The cell's file behind an address that others read: a public URL, or that of a published copy."""

from media_assets.catalog.asked_file import AskedFile
from media_assets.catalog.newest_manifests import CatalogFiles
from media_assets.installation import Installation
from media_assets.records.claims import Claim, digest_of
from media_assets.records.publications import Publications, publishing_columns
from media_assets.uploads.stored_table import StoredTable


def behind_public_url(installation: Installation, file: str) -> str:
    """Returns the fileurl behind a public URL; anything else as it is."""
    return installation.reader.public.file_at(file) or file


def published_file(installation: Installation, asked: AskedFile) -> str | None:
    """Returns the file whose published copy this is; None if it is no row's published copy."""
    root, digests = installation.catalog, [digest_of(one) for one in asked.addresses()]
    for table in CatalogFiles(root).tables():
        for column in publishing_columns(root, table):
            claims = Publications(root, installation.storage, table, column).read(digests)
            for claim in claims:
                if (fileurl := _file_of(StoredTable(root, table), column, claim)) is not None:
                    return fileurl
    return None


def _file_of(table: StoredTable, column: str, claim: Claim) -> str | None:
    """Returns the file of the cell that has a published name."""
    known = table.log.histories([claim.row]).get(claim.row)
    if known is None:
        return None
    cell = table.cells(column, known.upload.partition).get(claim.row)
    return cell.fileurl if cell is not None and cell.published == claim.fileurl else None
