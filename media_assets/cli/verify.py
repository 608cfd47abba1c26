"""`media-assets verify`: a check that a table's files exist and are unchanged."""

import sys
from collections.abc import Sequence
from math import inf
from shlex import quote

import click

from media_assets.amounts import amount
from media_assets.catalog import Answer
from media_assets.cli.location import Location, location_options
from media_assets.cli.output import Format, format_option, print_rows, say
from media_assets.cli.parameters import split_names
from media_assets.cli.tables import find_columns
from media_assets.reading import Reader
from media_assets.standard_error import tell
from media_assets.upkeep.verification import SAMPLED, Verified, verify
from media_assets.uploads.stored_table import StoredTable

_COLUMNS = ("row", "column", "problem", "fileurl", "partition")


@click.command("verify")
@click.argument("table")
@click.option("--columns", help="Only these columns: a,b")
@click.option(
    "--partitions",
    multiple=True,
    help="Only these partitions: A...B, or A,B, or the option several times.",
)
@click.option("--deep", is_flag=True, help="Read every file and compare its digest.")
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=SAMPLED,
    show_default=True,
    help="Read this many files of each column and partition, chosen at random.",
)
@format_option
@location_options
def command(
    location: Location,
    table: str,
    columns: str | None,
    partitions: tuple[str, ...],
    deep: bool,  # noqa: FBT001  click hands flags over like that
    sample: int,
    output_format: Format,
) -> None:
    """Verify that TABLE's files exist and have the recorded size and digest.

    Missing or changed uploads are reported but do not fail the command: results are kept.
    """
    wanted = split_names(columns)
    stored, reader, names, chosen = _by_catalog(location, table, wanted, partitions) or _by_code(
        location, table, wanted, partitions
    )
    looks = verify(stored, reader, names, chosen, sample=inf if deep else sample)
    _report(table, list(looks), output_format)


_Work = tuple[StoredTable, Reader, Sequence[str], Sequence[str]]
"""The table, access to its files, columns and partitions."""


def _by_catalog(
    location: Location, table: str, columns: tuple[str, ...] | None, partitions: Sequence[str]
) -> _Work | None:
    """Selects what to verify by the catalog alone; None if that needs the code."""
    if location.is_named:
        return None
    installation, catalog = location.reading(table)
    stored = StoredTable(installation.catalog, table)
    known = stored.partitions()
    if not known or not set(partitions) <= {*known}:  # a range, a list or a state
        return None
    names = find_columns(location, catalog, table, columns)
    chosen = list(dict.fromkeys(partitions)) or stored.partitions_with_rows()
    return stored, installation.reader, names, chosen


def _by_code(
    location: Location, table: str, columns: tuple[str, ...] | None, partitions: Sequence[str]
) -> _Work:
    from media_assets.automation.partition_selection import select_partitions  # noqa: PLC0415  slow
    from media_assets.verbs.location import asset_versions  # noqa: PLC0415  slow: Dagster

    media_table, installation = location.table(table), location.installation
    selected = media_table.select(columns)
    stored = StoredTable(installation.catalog, table)
    with asset_versions() as versions:
        chosen = select_partitions(
            partitions, installation, media_table, selected, stored, versions
        )
    names = [column.name for column in selected]
    return stored, installation.reader, names, chosen.partitions


def _report(table: str, looks: list[Verified], output_format: Format) -> None:
    """Prints problems and how to fix them, and exits with 1 if a file that we wrote has one."""
    problems = [problem for look in looks for problem in look.problems]
    failures = sum(problem.is_failure for problem in problems)
    rows = [(p.row, p.column, p.trouble.value, p.fileurl, p.partition) for p in problems]
    if problems or output_format != "table":
        print_rows(Answer(_COLUMNS, rows), output_format)
    show = say if output_format == "table" else tell
    show(
        f"{amount(sum(look.files for look in looks), 'file')}, "
        f"{sum(look.digests for look in looks)} of them read. "
        f"{amount(failures, 'is', 'are')} missing or changed, "
        f"{amount(len(problems) - failures, 'upload is', 'uploads are')} missing, changed or "
        f"refused, {amount(sum(len(look.errors) for look in looks), 'cell')} with an error."
    )
    if failures:
        failed = [problem for problem in problems if problem.is_failure]
        columns = ",".join(dict.fromkeys(problem.column for problem in failed))
        keys = dict.fromkeys(problem.partition for problem in failed)
        has_commas = any("," in key for key in keys)
        texts = keys if has_commas else [",".join(keys)]
        named = " ".join(f"--partitions {quote(text)}" for text in texts)
        tell(
            f"To make them again: media-assets materialize {table} --columns {columns} "
            f"{named} --force"
        )
        sys.exit(1)
