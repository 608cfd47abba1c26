"""A Dask cluster of plain processes on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

from media_assets.fan_out.resource import FanOut
from media_assets.io_manager import MediaIOManager
from media_assets.records.manifests import Record

_START_SECONDS = 60


class Cluster:
    """A scheduler, and workers that are started one by one; all end with it."""

    def __init__(self, folder: Path) -> None:
        """Starts the scheduler."""
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._start("scheduler", "--port", "0", "--scheduler-file", str(self._file))
        end = monotonic() + _START_SECONDS
        # It exists before it is written.
        while not (self._file.exists() and self._file.read_text()) and monotonic() < end:
            sleep(0.05)
        self.address: str = json.loads(self._file.read_text())["address"]

    def worker(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        scheduler: str | None = None,
        comes_back: bool = False,
    ) -> "subprocess.Popen[bytes]":
        """Starts a worker with one thread, which connects to its own address of the scheduler.

        One that comes back has a parent that starts it again when it has died.
        """
        nanny = "--nanny" if comes_back else "--no-nanny"
        options = ("--nthreads", "1", nanny, "--local-directory", str(self._folder))
        return self._start("worker", scheduler or self.address, *options, environment=environment)

    def stop(self) -> None:
        """Ends what is still running."""
        for process in reversed(self._processes):
            process.kill()
        for process in self._processes:
            process.wait()

    def _start(
        self, kind: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        log = (self._folder / f"{kind}-{len(self._processes)}.log").open("wb")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments),
                *("--host", "127.0.0.1", "--no-dashboard"),
            ],
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self._processes.append(process)
        return process


def fanned_out(cluster: Cluster, *, chunk_rows: int = 5, retries: int = 2) -> MediaIOManager:
    """An IO manager that makes rows on a cluster."""
    where = FanOut(engine="dask", scheduler=cluster.address, chunk_rows=chunk_rows, retries=retries)
    return MediaIOManager(fan_out=where)


def without_times(made: dict[str, dict[str, Record]]) -> dict[str, dict[str, Record]]:
    """Cells to compare with those of another run."""
    return {
        column: {row: replace(record, written_at=None) for row, record in records.items()}
        for column, records in made.items()
    }
