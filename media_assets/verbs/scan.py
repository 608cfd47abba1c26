"""The scan: a listing of the uploads, recorded but not computed."""

from dataclasses import dataclass

from media_assets.automation.local_runs import register_partitions
from media_assets.automation.uploads_scan import ScanPosition, ScanResult, UploadsScan
from media_assets.tables.table import MediaTable
from media_assets.tables.uploads_location import uploads_listing
from media_assets.uploads.conflicts import describe_conflicts, ways_out
from media_assets.uploads.left_alone import MISPLACED, LeftAlone
from media_assets.verbs.location import Location, open_instance
from media_assets.verbs.report import Report
from media_assets.verbs.runs import describe_recording


@dataclass(frozen=True, repr=False)
class Scanned(Report):
    """The report of a scan.

    Attributes:
        table: The table's name.
        result: How many uploads are new, replaced, changed, moved or in conflict.
        left_alone: The files that are not uploads, or belong to no partition.
    """

    table: str
    result: ScanResult
    left_alone: LeftAlone

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the report, the most important first."""
        result = self.result
        known = result.recorded + self.left_alone.total + len(result.conflicts)
        unchanged = result.files - known
        told = describe_recording(result, unchanged=unchanged, left_alone=self.left_alone)
        lines = [f"{told}."]
        if result.conflicts:
            lines.append(f"{describe_conflicts(result.conflicts)}.")
            lines += ways_out(result.conflicts, self.table)
        return tuple(lines)


def scan(
    location: Location,
    table: MediaTable,
    *,
    all_files: bool = False,
    replaces: bool = False,
    follow_links: bool = False,
) -> Scanned:
    """Records new and changed uploads; `MediaTable.scan` describes the options and errors.

    Raises:
        DerivedRowsError: The rows are parts of others.
    """
    table.refuse_parts("be scanned")
    installation = location.installation
    listing = uploads_listing(installation, table, follow_links=follow_links)
    with open_instance() as instance:
        intake = UploadsScan(installation, table, all_files=all_files, replaces=replaces)
        look = intake.look(listing, ScanPosition())
        register_partitions(instance, table, intake.stored)
    left_alone = look.left_alone
    for row in look.misplaced:
        left_alone.add(MISPLACED, row)
    return Scanned(table.name, look, left_alone)
