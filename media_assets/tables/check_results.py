"""Results of a column's asset checks by partition, in a step or on their own."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, cast, get_args, get_type_hints

import dagster as dg

from media_assets import metadata
from media_assets.amounts import amount
from media_assets.errors import InputFailedError
from media_assets.installation import Installation
from media_assets.masking import mask_secrets
from media_assets.records.manifests import Manifest
from media_assets.records.stale_marks import clear_mark, mark_stale
from media_assets.tables.asset_versions import AssetVersions
from media_assets.tables.checks import FILES_EXIST, NO_ERROR_ROWS, UP_TO_DATE
from media_assets.tables.evaluated import stale_rows
from media_assets.tables.row_check_results import failing_rows, row_check_result
from media_assets.tables.staleness import StaleColumn, stale_columns
from media_assets.tables.stored import stored_table
from media_assets.tables.table import MediaTable
from media_assets.upkeep.verification import Verified, verify


def check_in_step(
    installation: Installation,
    table: MediaTable,
    manifest: Manifest,
    selected: Collection[dg.AssetCheckKey],
) -> list[dg.AssetCheckResult]:
    """Returns the check results that follow from a commit that the step just made.

    Files are in place before they are recorded, so they exist. Nothing is requested except what
    user-defined checks read.
    """
    head = manifest.header
    verified = Verified(
        head.column,
        head.partition,
        rows=len(manifest.records),
        errors=list(manifest.errors),
        files=sum(fileurl is not None for (fileurl,) in manifest.select("fileurl")),
    )
    # All cells were just compared with the current code and inputs.
    stale = StaleColumn(head.column, head.partition, verified.rows)
    names = _names(table, head.column, selected)
    return list(_results(installation, table, verified, stale, names))


def check_stored_files(
    installation: Installation,
    table: MediaTable,
    selected: Collection[dg.AssetCheckKey],
    versions: AssetVersions,
    partitions: Sequence[str] | None = None,
) -> Iterator[tuple[str, list[dg.AssetCheckResult]]]:
    """Verifies the stored files, and yields each partition with the check results of a column.

    Args:
        installation: Provides access to the files.
        table: The table.
        selected: The checks.
        versions: The versions of the assets whose values columns take.
        partitions: The partitions; all of the table's by default.

    Raises:
        StoreFaultError: A storage is out of reach.
    """
    stored = stored_table(installation.catalog, table)
    is_whole = partitions is None
    if partitions is None:
        partitions = table.partitioning.among(stored.partitions())
    names = {column.name: _names(table, column.name, selected) for column in table.columns}
    columns = [name for name, checks in names.items() if checks]
    stale: dict[str, StaleColumn] = {}
    finds_stale, is_whole = False, is_whole and all(UP_TO_DATE in each for each in names.values())
    for verified in verify(stored, installation.reader, columns, partitions, sample=0):
        partition, column = verified.partition, verified.column
        if column == columns[0]:  # all columns of a partition come one after another
            found = stale_columns(table, stored, versions, partition)
            stale = {one.column: one for one in found}
        if stale[column].cells and UP_TO_DATE in names[column] and not finds_stale:
            mark_stale(installation.catalog, table.name)
            finds_stale = True
        results = _results(installation, table, verified, stale[column], names[column])
        yield partition, list(results)
    if is_whole and not finds_stale:
        clear_mark(installation.catalog, table.name)


def evaluations(
    table: MediaTable,
    checks: Iterable[dg.AssetCheckResult],
    partition: str | None,
    instance: dg.DagsterInstance,
    *,
    may_block: bool = True,
) -> Iterator[dg.AssetCheckEvaluation]:
    """Yields check results of one column as the events that Dagster stores, for one partition.

    The events refer to the latest materialization: Dagster shows a partition whose evaluations
    refer to none, or to an older one, as not checked.

    Args:
        table: The table of the checks.
        checks: The results.
        partition: The partition; None for a table without partitions.
        instance: The instance that recorded the materialization, which is asked for it once. For
            results as such, Dagster would ask twice for each.
        may_block: Whether a failing check that blocks fails the step that reports it.
    """
    found = list(checks)
    target = _target(instance, found[0].asset_key, partition) if found else None
    for check in found:
        assert check.asset_key is not None  # noqa: S101  checks of tables name their column
        assert check.check_name is not None  # noqa: S101  and themselves
        yield dg.AssetCheckEvaluation(
            asset_key=check.asset_key,
            check_name=check.check_name,
            passed=check.passed,
            metadata=check.metadata,
            severity=check.severity,
            description=check.description,
            target_materialization_data=target,
            partition=partition,
            blocking=may_block and is_blocking(table, check),
        )


def is_blocking(table: MediaTable, check: dg.AssetCheckResult) -> bool:
    """Whether steps that follow in the run wait for a check of a column."""
    column = check.asset_key.path[-1] if check.asset_key else ""
    return any(own.blocking for own in table.checks_of(column) if own.name == check.check_name)


def _target(instance: dg.DagsterInstance, key: dg.AssetKey | None, partition: str | None) -> Any:  # noqa: ANN401  a class that Dagster does not export
    """The newest materialization of a column in a partition, as an evaluation names it."""
    assert key is not None  # noqa: S101  checks of tables name their column
    chosen = dg.AssetRecordsFilter(key, asset_partitions=None if partition is None else [partition])
    for record in instance.fetch_materializations(chosen, limit=1).records:
        declared = get_type_hints(cast("object", dg.AssetCheckEvaluation))[
            "target_materialization_data"
        ]
        target, _ = get_args(declared)  # an optional one
        return target(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
    return None


def _names(
    table: MediaTable, column: str, selected: Collection[dg.AssetCheckKey]
) -> Collection[str]:
    key = table.asset_key(column)
    return [check.name for check in selected if check.asset_key == key]


def _results(
    installation: Installation,
    table: MediaTable,
    verified: Verified,
    stale: StaleColumn,
    names: Collection[str],
) -> Iterator[dg.AssetCheckResult]:
    if FILES_EXIST in names:
        yield _files_exist(table, verified)
    if NO_ERROR_ROWS in names:
        yield _no_error_rows(table, verified)
    if UP_TO_DATE in names:
        yield _up_to_date(table, stale)
    for check in table.checks_of(verified.column):
        if check.name in names:
            yield row_check_result(installation, table, check, verified.column, verified.partition)


def _files_exist(table: MediaTable, verified: Verified) -> dg.AssetCheckResult:
    problems = verified.problems
    failures = sum(problem.is_failure for problem in problems)
    warnings = len(problems) - failures
    where = f"partition {verified.partition}"
    text = f"{amount(verified.files, 'file')} checked in {where}: "
    text += f"{amount(failures, 'does', 'do')} not match the record"
    sources = amount(warnings, "source is", "sources are")
    text += f", {sources} missing, changed or refused." if warnings else "."
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=table.asset_key(verified.column),
        check_name=FILES_EXIST,
        severity=dg.AssetCheckSeverity.ERROR if failures else dg.AssetCheckSeverity.WARN,
        description=text,
        metadata={
            metadata.FILES: verified.files,
            **failing_rows(
                dg.TableRecord(
                    {"row": p.row, "problem": p.trouble.value, "fileurl": mask_secrets(p.fileurl)}
                )
                for p in problems
            ),
        },
    )


def _no_error_rows(table: MediaTable, verified: Verified) -> dg.AssetCheckResult:
    """A column fails by its own errors; rows whose input failed are reported for the input."""
    own = [r for r in verified.errors if r.error_class != InputFailedError.__name__]
    inherited = len(verified.errors) - len(own)
    text = f"{len(own)} of {verified.rows} rows in partition {verified.partition} "
    text += "has an error" if len(own) == 1 else "have an error"
    text += f"; {inherited} more only because an input has one." if inherited else "."
    is_severe = len(own) > table.severe_error_share * verified.rows
    return dg.AssetCheckResult(
        passed=not own,
        asset_key=table.asset_key(verified.column),
        check_name=NO_ERROR_ROWS,
        severity=dg.AssetCheckSeverity.ERROR if is_severe else dg.AssetCheckSeverity.WARN,
        description=text,
        metadata={
            metadata.ROWS: verified.rows,
            metadata.ERRORS: len(own),
            metadata.INHERITED_ERRORS: inherited,
            **failing_rows(metadata.error_records(own[: metadata.SHOWN])),
        },
    )


def _up_to_date(table: MediaTable, stale: StaleColumn) -> dg.AssetCheckResult:
    """An edited function shows at the next evaluation: nothing reports the edit itself."""
    found = {reason: rows for reason, rows in stale.stale.items() if not reason.is_error}
    reasons = ", ".join(f"{len(rows)} {reason.value}" for reason, rows in found.items())
    return dg.AssetCheckResult(
        passed=not stale.cells,
        asset_key=table.asset_key(stale.column),
        check_name=UP_TO_DATE,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{stale.cells} of {stale.rows} cells in partition {stale.partition} are stale"
        + (f": {reasons}." if reasons else "."),
        metadata={
            metadata.STALE: stale.cells,
            **failing_rows(
                dg.TableRecord({"row": row, "reason": reason.value})
                for reason, rows in found.items()
                for row in rows
            ),
            **stale_rows(stale),
        },
    )
