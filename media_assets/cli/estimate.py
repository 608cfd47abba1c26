"""`media-assets estimate`: what a table of some size takes, before there is one."""

import click

from media_assets.catalog import Answer
from media_assets.cli.output import Format, format_option, print_rows
from media_assets.scaling import SECONDS_OF_CELL, Estimate, estimate

_GB = 1_000_000_000
_MOST = 1e12


class _Count(click.ParamType[int]):
    """A whole number of at least 1, also as `1e9`."""

    name = "count"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        try:
            number = float(str(value))
        except ValueError:
            number = 0.0
        if not (1 <= number <= _MOST and number.is_integer()):
            self.fail(f"{value!r} is no whole number of 1 or more", param, ctx)
        return int(number)


@click.command("estimate")
@click.option("--rows", type=_Count(), required=True, help="Rows of the table: 1e9")
@click.option("--columns", type=_Count(), required=True, help="Computed columns that store images.")
@click.option("--cores", type=_Count(), required=True, help="Cores of all machines.")
@click.option(
    "--seconds-per-cell",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS_OF_CELL,
    help=f"What one core needs for one cell; {SECONDS_OF_CELL} by default, for 1600x1200 photos.",
)
@click.option("--partition-rows", type=_Count(), help="Rows of a partition; as advised by default.")
@click.option(
    "--chunk-rows", type=_Count(), default=25, help="Rows of a task of FanOut; 25 by default."
)
@format_option
def command(
    rows: int,
    columns: int,
    cores: int,
    seconds_per_cell: float,
    partition_rows: int | None,
    chunk_rows: int,
    output_format: Format,
) -> None:
    """Print what a table takes: partitions, runs, requests, bytes, hours, and what breaks first.

    No table is read; the figures behind it were measured, as docs/scaling.md says.
    """
    found = estimate(
        rows,
        columns,
        cores,
        seconds_of_cell=seconds_per_cell,
        partition_rows=partition_rows,
        chunk_rows=chunk_rows,
    )
    print_rows(Answer.of_records(_totals(found)), output_format)
    limits = [
        {
            "what is near its limit": limit.what,
            "needs": f"{limit.load:,.1f}",
            "works to": f"{limit.bound:,.0f}",
            "advice": limit.advice if limit.share > 1 else "",
        }
        for limit in found.limits
    ]
    if output_format == "table":
        print_rows(Answer.of_records(limits), output_format)


def _totals(found: Estimate) -> list[dict[str, str]]:
    amounts = {
        "rows of a partition": f"{found.partition_rows:,}",
        "partitions, and runs": f"{found.partitions:,}",
        "events": f"{found.events:,}",
        "event log": f"{found.event_bytes / _GB:,.1f} GB",
        "write requests": f"{found.write_requests:,}",
        "read requests": f"{found.read_requests:,}",
        "catalog": f"{found.catalog_bytes / _GB:,.1f} GB",
        "hours of all cores": f"{found.hours:,.1f}",
        "hours of run starts": f"{found.start_hours:,.1f}",
    }
    first = found.limits[0]
    amounts["breaks first"] = first.what if first.share > 1 else "nothing"
    return [{"takes": name, "amount": amount} for name, amount in amounts.items()]
