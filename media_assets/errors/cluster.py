"""Errors of rows that are made on other machines."""

from collections.abc import Sequence

from media_assets.errors.base import MediaAssetsError


class NotSendableError(MediaAssetsError, TypeError):
    """A plan that cannot be sent to other processes."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(
            f"The step of table {table!r} cannot be sent to workers: {reason}.",
            accepted="Row functions must be at the top level of a module that workers can import, "
            "and resources must be picklable.",
            fix="Move the function out of the function or class that defines it, or create the "
            'resource on the worker. FanOut(engine="local") needs neither.',
        )


class SchedulerUnreachableError(MediaAssetsError, ConnectionError):
    """A scheduler that does not answer."""

    def __init__(self, scheduler: str, reason: str) -> None:
        super().__init__(
            f"The Dask scheduler {scheduler} does not answer: {reason}.",
            accepted="The address of a running scheduler, starting with tcp:// or tls://.",
            fix="Start it (dask scheduler), or correct the address or the certificates. Nothing "
            "was made.",
        )


class SchedulerLostError(MediaAssetsError, ConnectionError):
    """A scheduler that stopped answering during a step."""

    def __init__(self, scheduler: str) -> None:
        super().__init__(
            f"The connection to the Dask scheduler {scheduler} was lost during the step.",
            accepted="The scheduler must run until the step has ended.",
            fix="Run the partition again: rows that were finished are not made twice.",
        )


class WorkersMissingError(MediaAssetsError, ConnectionError):
    """A scheduler without workers."""

    def __init__(self, scheduler: str) -> None:
        super().__init__(
            f"The Dask scheduler {scheduler} has no workers.",
            accepted="At least one worker.",
            fix=f"Start some: dask worker {scheduler}. Nothing was made.",
        )


class WorkersDiedError(MediaAssetsError, RuntimeError):
    """Rows that killed every worker that tried to make them."""

    def __init__(self, scheduler: str, reason: str) -> None:
        super().__init__(
            f"Several workers of {scheduler} died while making the same rows: {reason}",
            accepted="Workers must have enough memory for the rows that they make.",
            fix="Check the workers' logs; most often they ran out of memory. Give them more "
            "memory or fewer threads. Finished rows are kept for the next run.",
        )


class WorkerDiffersError(MediaAssetsError, RuntimeError):
    """A worker that would make other results than the step."""

    def __init__(self, worker: str, differences: Sequence[str]) -> None:
        super().__init__(
            f"A worker on {worker} differs from the step: {'; '.join(differences)}.",
            accepted="The same versions, the same code, and file systems that both can access.",
            fix="Install the same release of the project on each worker and restart it. Use a "
            "bucket or a shared file system as destination.",
        )
