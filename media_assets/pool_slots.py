"""Slots of Dagster's concurrency pools: freeing those of killed runs, and waiting for one."""

from collections.abc import Callable, Collection
from time import monotonic, sleep

import dagster as dg

from media_assets.run_processes import end_dead_runs, process_of

_LOOKS_EVERY_SECONDS = 1.0
_TELLS_EVERY_SECONDS = 30.0


def free_slots_of_killed_runs(instance: dg.DagsterInstance) -> int:
    """Frees the slots of runs of media tables whose process has died, and returns how many runs.

    Marking a run as failed does not always free its slots: Dagster's daemon frees them only if it
    is configured to, and the command line has no daemon.
    """
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return 0
    holders = set[str]()
    for pool in storage.get_concurrency_keys():
        holders |= storage.get_concurrency_info(pool).active_run_ids
    killed = [run_id for run_id in sorted(holders) if _is_killed(instance, run_id)]
    for run_id in killed:
        storage.free_concurrency_slots_for_run(run_id)
    return len(killed)


def wait_for_slots(
    instance: dg.DagsterInstance, pools: Collection[str], say: Callable[[str], None]
) -> None:
    """Returns once each of some pools has a free slot, and reports the wait every 30 seconds.

    A run that waits inside Dagster would report nothing and ignore signals.
    """
    told_at = -_TELLS_EVERY_SECONDS
    while full := _first_full(instance, pools):
        pool, holders = full
        end_dead_runs(instance)
        if free_slots_of_killed_runs(instance):
            continue
        if monotonic() - told_at >= _TELLS_EVERY_SECONDS:
            told_at = monotonic()
            say(
                f"Waiting for a slot in pool {pool!r}: all {len(holders)} are taken, by "
                f"{', '.join(sorted(holders))}."
            )
        sleep(_LOOKS_EVERY_SECONDS)


def _first_full(
    instance: dg.DagsterInstance, pools: Collection[str]
) -> tuple[str, list[str]] | None:
    """Returns the first pool without a free slot, and the runs that hold its slots."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return None
    for pool in pools:
        info = storage.get_concurrency_info(pool)
        if info.slot_count and len(info.claimed_slots) >= info.slot_count:
            return pool, [f"run {slot.run_id}" for slot in info.claimed_slots]
    return None


def _is_killed(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    process = process_of(run) if run else None
    return run is not None and run.is_finished and process is not None and process.is_gone()
