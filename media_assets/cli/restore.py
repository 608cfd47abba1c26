"""`media-assets restore`: an earlier state of a partition, without computing anything."""

import click

from media_assets.amounts import amount
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import say
from media_assets.cli.parameters import split_names
from media_assets.tables.asset_events import event_of, newest_event
from media_assets.upkeep.restoring import check_found, find_earlier, restore
from media_assets.uploads.stored_table import StoredTable
from media_assets.verbs.location import open_instance


@click.command("restore")
@click.argument("table")
@click.argument("partition")
@click.option(
    "--to", required=True, help="The number of a manifest, or the id of the run that wrote it."
)
@click.option("--columns", help="Only these columns: a,b")
@location_options
def command(location: Location, table: str, partition: str, to: str, columns: str | None) -> None:
    """Restore PARTITION of TABLE to an earlier manifest; media_assets.history lists them.

    The next materialization makes stale cells again.
    """
    media_table, installation = location.table(table), location.installation
    stored = StoredTable(installation.catalog, table)
    names = [column.name for column in media_table.select(split_names(columns))]
    ledgers = {name: stored.ledger(name, partition) for name in names}
    found = {name: find_earlier(ledgers[name], to) for name in names}
    check_found(found, ledgers, to)
    earlier = [manifest for manifest in found.values() if manifest is not None]
    with open_instance() as instance:
        for before, now in zip(earlier, restore(stored, installation.reader, earlier), strict=True):
            if before.number != now.number:
                key = media_table.asset_key(now.header.column)
                told, _ = newest_event(instance, key, partition)
                instance.report_runless_asset_event(event_of(media_table, now, told))
            say(
                f"{table}/{now.header.column} {partition}: "
                f"{amount(len(now.records), 'row')} of manifest {before.number}, now {now.number}"
            )
