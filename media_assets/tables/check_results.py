"""What a column's asset checks come to, in a step or on their own."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import dagster as dg

from media_assets import metadata
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Manifest
from media_assets.shown import masked
from media_assets.tables.checks import FILES_EXIST, NO_ERROR_ROWS
from media_assets.tables.table import MediaTable
from media_assets.upkeep.verification import Problem, Verified, verify
from media_assets.uploads.log import UploadLog

_SHOWN = 10


def checked_in_step(
    table: MediaTable, manifest: Manifest, selected: Collection[dg.AssetCheckKey]
) -> list[dg.AssetCheckResult]:
    """Returns what a step knows of a column that it just committed, without any request.

    Files are in place before they are recorded, so they exist.
    """
    head = manifest.header
    verified = Verified(
        head.column,
        head.partition,
        rows=len(manifest.records),
        error_rows=[record.row for record in manifest.errors],
        files=sum(fileurl is not None for (fileurl,) in manifest.select("fileurl")),
    )
    key = table.asset_key(head.column)
    names = [check.name for check in selected if check.asset_key == key]
    return _results(table, head.column, names, [verified])


def checked_alone(
    manager: MediaIOManager, table: MediaTable, selected: Collection[dg.AssetCheckKey]
) -> Iterator[dg.AssetCheckResult]:
    """Looks at the stored files of all partitions, and yields what the checks come to.

    Raises:
        StoreFaultError: A storage is out of reach.
    """
    root = manager.catalog_root()
    log = UploadLog(root, table.name)
    log.refresh()
    for column in table.columns:
        key = table.asset_key(column.name)
        if names := [check.name for check in selected if check.asset_key == key]:
            parts = verify(
                root, manager.reader, table.name, [column.name], log.partitions(), sample=0
            )
            yield from _results(table, column.name, names, parts)


@dataclass(slots=True)
class _Seen:
    """All partitions together; of what fails, the first rows."""

    rows: int = 0
    errors: int = 0
    files: int = 0
    failures: int = 0
    warnings: int = 0
    error_rows: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])

    def add(self, verified: Verified) -> None:
        self.rows += verified.rows
        self.errors += len(verified.error_rows)
        self.files += verified.files
        failures = sum(problem.is_failure for problem in verified.problems)
        self.failures += failures
        self.warnings += len(verified.problems) - failures
        self.error_rows += verified.error_rows[: _SHOWN - len(self.error_rows)]
        self.problems += verified.problems[: _SHOWN - len(self.problems)]


def _results(
    table: MediaTable, column: str, names: Collection[str], parts: Iterable[Verified]
) -> list[dg.AssetCheckResult]:
    seen, partitions = _Seen(), list[str]()
    for verified in parts:
        seen.add(verified)
        partitions.append(verified.partition)
    where = (
        f"partition {partitions[0]}" if len(partitions) == 1 else f"{len(partitions)} partitions"
    )
    results: list[dg.AssetCheckResult] = []
    if FILES_EXIST in names:
        results.append(_files_exist(table, column, seen, where))
    if NO_ERROR_ROWS in names:
        results.append(_no_error_rows(table, column, seen, where))
    return results


def _files_exist(table: MediaTable, column: str, seen: _Seen, where: str) -> dg.AssetCheckResult:
    text = f"{seen.files} files in {where}: {seen.failures} are not as recorded"
    text += f", {seen.warnings} sources are gone, changed or refused." if seen.warnings else "."
    return dg.AssetCheckResult(
        passed=not seen.problems,
        asset_key=table.asset_key(column),
        check_name=FILES_EXIST,
        severity=dg.AssetCheckSeverity.ERROR if seen.failures else dg.AssetCheckSeverity.WARN,
        description=text,
        metadata={
            metadata.FILES: seen.files,
            metadata.FAILING_ROWS: dg.MetadataValue.json(
                [
                    {"row": p.row, "problem": p.trouble, "fileurl": masked(p.fileurl)}
                    for p in seen.problems
                ]
            ),
        },
    )


def _no_error_rows(table: MediaTable, column: str, seen: _Seen, where: str) -> dg.AssetCheckResult:
    is_severe = seen.errors > table.severe_error_share * seen.rows
    return dg.AssetCheckResult(
        passed=not seen.errors,
        asset_key=table.asset_key(column),
        check_name=NO_ERROR_ROWS,
        severity=dg.AssetCheckSeverity.ERROR if is_severe else dg.AssetCheckSeverity.WARN,
        description=f"{seen.errors} error rows of {seen.rows} in {where}.",
        metadata={
            metadata.ROWS: seen.rows,
            metadata.ERRORS: seen.errors,
            metadata.FAILING_ROWS: dg.MetadataValue.json(seen.error_rows),
        },
    )
