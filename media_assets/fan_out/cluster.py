"""Chunks of rows on a Dask cluster, a bounded number at a time."""

import pickle
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from media_assets.columns import Column, ComputedColumn
from media_assets.errors import (
    MissingExtraError,
    NotSendableError,
    SchedulerLostError,
    SchedulerUnreachableError,
    WorkersDiedError,
    WorkersMissingError,
)
from media_assets.fan_out.worker import Expected, check_worker, make_chunk
from media_assets.pipeline import ParentPlan, Plan, Result, Work
from media_assets.stores.staging import staging_name

_Client = Any
_Future = Any
"""`distributed` is an optional dependency, and has no types for these."""

_CONNECT_SECONDS = 10
_CHUNKS_PER_THREAD = 2
"""Chunks submitted per thread of the cluster, so that no worker waits for its next one."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The PEM files that client, scheduler and workers use to authenticate each other."""

    authority: str
    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class DaskCluster:
    """The workers of a Dask scheduler.

    Attributes:
        scheduler: Its address, such as `tcp://10.0.0.1:8786` or `tls://...`.
        chunk_rows: Rows per task.
        retries: How often a failed chunk is retried.
        certificates: For `tls://` addresses.
    """

    scheduler: str
    chunk_rows: int
    retries: int
    certificates: Certificates | None = field(default=None, repr=False)

    def run(
        self, plan: Plan, rows: Iterable[Work], killed: list[Work] | None = None
    ) -> Generator[Result]:
        """Makes the cells of all rows, like `run_plan`, and yields them as chunks finish.

        If a worker dies, its chunk is made by another one. Files have keys derived from their
        content, so a file that is written twice is the same.

        Args:
            plan: What to make.
            rows: The rows, or the parents of rows.
            killed: A list to which the rows of chunks are added on which several workers died,
                whether by these rows or by others that they made at the time.

        Raises:
            MissingExtraError: `distributed` is not installed.
            NotSendableError: A row function or resource cannot be sent to other processes.
            SchedulerUnreachableError: The scheduler does not answer.
            WorkersMissingError: It has no workers.
            WorkerDiffersError: A worker would not produce the same results as this process.
            WorkersDiedError: Several workers died on the same chunk of rows, and `killed` is not
                given.
            SchedulerLostError: The scheduler was lost. Rows yielded so far are complete.
            StoreFaultError: A destination accepts no files.
        """
        parcel = _parcel(plan)
        chunks = _chunks(rows, self.chunk_rows)
        first = next(chunks, None)
        if first is None:
            return
        with self._client() as client, _mark(plan) as marks:
            self._wait_for_a_worker(client)
            expected = Expected.of(plan, [*marks, *_local_sources(plan, first)])
            client.run(check_worker, parcel, expected)
            yield from self._make(client, parcel, expected, chain([first], chunks), killed)

    def _make(
        self,
        client: _Client,
        parcel: bytes,
        expected: Expected,
        chunks: Iterable[Sequence[Work]],
        killed: list[Work] | None,
    ) -> Iterator[Result]:
        """Yields the rows of all chunks; a bounded number is submitted at a time."""
        from distributed import as_completed  # noqa: PLC0415  slow to import, and an extra

        at_once = _CHUNKS_PER_THREAD * sum(client.nthreads().values())
        finished: Any = as_completed(loop=client.loop)
        sent = dict[str, Sequence[Work]]()
        for chunk in chunks:
            # Not pure: always make the chunk, whatever results the scheduler remembers.
            options = {"pure": False, "retries": self.retries}
            future: _Future = client.submit(make_chunk, parcel, chunk, expected, **options)
            sent[future.key] = chunk
            finished.add(future)
            if finished.count() >= at_once:
                ended = next(finished)
                yield from self._rows_of(ended, sent.pop(ended.key), killed)
        for ended in finished:
            yield from self._rows_of(ended, sent.pop(ended.key), killed)

    def _rows_of(
        self, future: _Future, chunk: Sequence[Work], killed: list[Work] | None
    ) -> list[Result]:
        from distributed import KilledWorker  # noqa: PLC0415  slow to import, and an extra

        try:
            return future.result()
        except KilledWorker as error:
            if killed is None:
                raise WorkersDiedError(self.scheduler, str(error)) from error
            killed.extend(chunk)
            return []
        except CancelledError as error:
            raise SchedulerLostError(self.scheduler) from error

    @contextmanager
    def _client(self) -> Generator[_Client]:
        try:
            from distributed import Client  # noqa: PLC0415  slow to import, and an extra
            from distributed.security import Security  # noqa: PLC0415
        except ImportError as error:
            raise MissingExtraError(self.scheduler, extra="dask", module=error.name) from error
        security = Security(require_encryption=False)
        if given := self.certificates:
            security = Security(
                require_encryption=True,
                tls_ca_file=given.authority,
                tls_client_cert=given.certificate,
                tls_client_key=given.key,
            )
        try:
            client = Client(
                self.scheduler, timeout=_CONNECT_SECONDS, security=security, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise SchedulerUnreachableError(self.scheduler, str(error)) from error
        with client:
            yield client

    def _wait_for_a_worker(self, client: _Client) -> None:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
        except TimeoutError as error:
            raise WorkersMissingError(self.scheduler) from error


def _chunks(rows: Iterable[Work], chunk_rows: int) -> Iterator[list[Work]]:
    """Yields rows as chunks of so many; a parent, which may have many parts, is a chunk itself."""
    chunk = list[Work]()
    for row in rows:
        if isinstance(row, ParentPlan):
            yield [row]
            continue
        chunk.append(row)
        if len(chunk) == chunk_rows:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _parcel(plan: Plan) -> bytes:
    """Returns a plan as bytes, without those parts of its columns that only the step needs."""
    outputs = tuple(replace(o, column=_lean(o.column)) for o in plan.outputs)
    split = plan.split and replace(plan.split, column=_without_options(plan.split.column))
    lean = replace(plan, outputs=outputs, split=split, reader=plan.reader.resolve())
    try:
        return pickle.dumps(lean)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise NotSendableError(plan.table, str(error)) from error


def _lean(column: Column) -> Column:
    if isinstance(column, ComputedColumn):
        return _without_options(column)
    return replace(column, destination=None)


def _without_options(column: ComputedColumn) -> ComputedColumn:
    return replace(column, destination=None, asset_options={})


def _local_sources(plan: Plan, rows: Iterable[Work]) -> list[str]:
    """The first local file that is read; workers must be able to find it too."""
    uris = (row.upload.uri for row in rows)
    return [str(plan.reader.path(uri)) for uri in uris if uri.startswith("file://")][:1]


@contextmanager
def _mark(plan: Plan) -> Generator[list[str]]:
    """Creates temporary marker files in the local folders that are written to.

    Workers must see them: one with a separate file system would write files that no one finds.
    """
    marks = list[Path]()
    for output in plan.outputs:
        if output.destination is not None:
            folder = plan.reader.storage.open(output.destination).staging_folder(output.key_prefix)
            if folder is not None:
                marks.append(folder / staging_name())
    try:
        for mark in marks:
            mark.touch()
        yield [str(mark) for mark in marks]
    finally:
        for mark in marks:
            mark.unlink(missing_ok=True)
