"""A declared table as the catalog keeps it."""

from media_assets.records.ledger import CatalogRoot
from media_assets.tables.table import MediaTable
from media_assets.uploads.stored_table import StoredTable


def stored_table(root: CatalogRoot, table: MediaTable) -> StoredTable:
    """Returns a table as the catalog keeps it; its rows may be parts of another table's rows."""
    parent = table.splitting and table.splitting.parent
    return StoredTable(root, table.name, parent=parent and parent.name)
