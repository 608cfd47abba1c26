"""Errors of rows that are made on other machines."""

from collections.abc import Sequence

from media_assets.errors.base import MediaAssetsError


class NotSendableError(MediaAssetsError, TypeError):
    """A plan that other processes cannot be given."""

    def __init__(self, table: str, reason: str) -> None:
        """Takes the table, and why."""
        super().__init__(
            f"The step of table {table!r} cannot be sent to workers: {reason}.",
            accepted="Row functions at the top level of a module that workers can import, and "
            "resources that pickle takes.",
            fix="Move the function out of the function or class that defines it, or leave the "
            'resource to the worker; FanOut(engine="local") needs neither.',
        )


class SchedulerUnreachableError(MediaAssetsError, ConnectionError):
    """A scheduler that does not answer."""

    def __init__(self, scheduler: str, reason: str) -> None:
        """Takes its address, and what was seen."""
        super().__init__(
            f"The Dask scheduler {scheduler} does not answer: {reason}.",
            accepted="The address of a running scheduler, tcp:// or tls:// as it listens.",
            fix="Start it (dask scheduler), or mend the address or the certificates. Nothing was "
            "made.",
        )


class SchedulerLostError(MediaAssetsError, ConnectionError):
    """A scheduler that went away while rows were made."""

    def __init__(self, scheduler: str) -> None:
        """Takes its address."""
        super().__init__(
            f"The Dask scheduler {scheduler} went away during the step.",
            accepted="A scheduler that runs until the step has ended.",
            fix="Run the partition again: rows that were finished are not made twice.",
        )


class WorkersMissingError(MediaAssetsError, ConnectionError):
    """A scheduler without a worker."""

    def __init__(self, scheduler: str) -> None:
        """Takes the scheduler's address."""
        super().__init__(
            f"The Dask scheduler {scheduler} has no worker.",
            accepted="One worker at least.",
            fix=f"Start some: dask worker {scheduler}. Nothing was made.",
        )


class WorkersDiedError(MediaAssetsError, RuntimeError):
    """Rows that end each worker that makes them."""

    def __init__(self, scheduler: str, reason: str) -> None:
        """Takes the scheduler's address, and what it says."""
        super().__init__(
            f"A chunk of rows ended several workers of {scheduler}: {reason}",
            accepted="Rows that a worker survives.",
            fix="Look into the workers' logs: mostly memory ran out. Give them more, or fewer "
            "threads. What was finished is kept for the next run.",
        )


class WorkerDiffersError(MediaAssetsError, RuntimeError):
    """A worker that would not make what the step would."""

    def __init__(self, worker: str, differences: Sequence[str]) -> None:
        """Takes the worker's machine, and each difference."""
        super().__init__(
            f"A worker on {worker} differs from the step: {'; '.join(differences)}.",
            accepted="The same versions, the same code, and file systems that both see.",
            fix="Install the same release of the project on each worker and start it anew; a "
            "destination that all machines reach is a bucket or a shared file system.",
        )
