"""A real deployment for tests: `dagster dev` with its webserver, daemon and code server."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import dagster as dg

from media_assets.run_processes import process_of

LOCATION = "location.py"
DEFINITIONS = """
import media_assets as ma
from PIL import Image

photos = ma.MediaTable("photos", rows_per_partition={rows_per_partition}, uploads={uploads!r})


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    return source_image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@photos.computed_column()
def brightness(flipped: Image.Image) -> float:
    return ma.transforms.mean_luminance(flipped)


defs = ma.build_defs([photos])
"""

_REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": LOCATION}


class Deployment:
    """What a person sees of it: the UI's GraphQL."""

    def __init__(self, port: int, process: subprocess.Popen[Any], output: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._process, self._output = process, output

    def ask(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  loopback
            told = json.load(answer)
        assert "errors" not in told, told
        return told["data"]

    def printed(self) -> str:
        """What its processes have printed so far."""
        return self._output.read_text()

    def wait(self, is_so: Callable[[], bool], *, seconds: float = 300) -> float:
        """Waits until something is so, and returns how long it took."""
        started = monotonic()
        while not is_so():
            assert self._process.poll() is None, self.printed()[-4000:]
            assert monotonic() - started < seconds, self.printed()[-4000:]
            sleep(1)  # asking costs its processes as much as what they are asked about
        return monotonic() - started

    def cpu_seconds(self) -> float:
        """The processor time of all its processes, with those that have ended."""
        ticks = 0
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended
                fields = status.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self._process.pid:  # its session
                    ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """Ends all its processes as a machine does that goes down."""
        _signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def start_sensor(self, name: str) -> None:
        told = self.ask(
            "mutation($s: SensorSelector!) { startSensor(sensorSelector: $s) { __typename } }",
            {"s": {**_REPOSITORY, "sensorName": name}},
        )
        assert told["startSensor"]["__typename"] == "Sensor", told

    def ticks(self, name: str) -> int:
        told = self.ask(
            "query($s: SensorSelector!) { sensorOrError(sensorSelector: $s) { ... on Sensor {"
            " sensorState { ticks(limit: 1000) { status } } } } }",
            {"s": {**_REPOSITORY, "sensorName": name}},
        )
        found = [tick["status"] for tick in told["sensorOrError"]["sensorState"]["ticks"]]
        assert "FAILURE" not in found, self.printed()[-4000:]
        return len([status for status in found if status != "STARTED"])

    def runs(self) -> list[str]:
        told = self.ask("{ runsOrError { ... on Runs { results { status } } } }")
        return [run["status"] for run in told["runsOrError"]["results"]]

    def backfill(self, columns: Sequence[str], partitions: Sequence[str]) -> str:
        told = self.ask(
            "mutation($b: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $b) {"
            " __typename ... on LaunchBackfillSuccess { backfillId } } }",
            {
                "b": {
                    "assetSelection": [{"path": ["photos", column]} for column in columns],
                    "partitionNames": list(partitions),
                }
            },
        )
        return told["launchPartitionBackfill"]["backfillId"]

    def backfill_status(self, backfill_id: str) -> str:
        told = self.ask(
            "query($id: String!) { partitionBackfillOrError(backfillId: $id) {"
            " ... on PartitionBackfill { status } } }",
            {"id": backfill_id},
        )
        return told["partitionBackfillOrError"]["status"]

    def partition_counts(self, column: str) -> dict[str, int]:
        """What the partition page of a column shows."""
        told = self.ask(
            "query($k: AssetKeyInput!) { assetNodeOrError(assetKey: $k) { ... on AssetNode {"
            " partitionStats { numMaterialized numPartitions numFailed numMaterializing } } } }",
            {"k": {"path": ["photos", column]}},
        )
        return told["assetNodeOrError"]["partitionStats"]

    def is_up(self) -> bool:
        try:
            told = self.ask(
                "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
            )
        except OSError:
            return False
        return bool(told["repositoriesOrError"]["nodes"])


@contextmanager
def deployed(
    home: Path,
    *,
    rows_per_partition: int = 1_000,
    uploads: str | None = None,
    definitions: str = DEFINITIONS,
) -> Generator[Deployment]:
    """Runs `dagster dev` over a home, and ends all its processes."""
    location = home / LOCATION
    if definitions == DEFINITIONS:
        definitions = definitions.format(rows_per_partition=rows_per_partition, uploads=uploads)
    location.write_text(definitions)
    dagster = Path(sys.executable).parent / "dagster"
    port = free_port()
    command = [dagster, "dev", "-f", LOCATION, "-h", "127.0.0.1", "-p", str(port)]
    with served(command, port, home, {**os.environ, "DAGSTER_HOME": str(home)}) as deployment:
        yield deployment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(
    command: Sequence[str | Path], port: int, folder: Path, environment: Mapping[str, str]
) -> Generator[Deployment]:
    """Runs a command that serves the UI, from when it answers, and ends all its processes."""
    output = folder / "dev.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deployment = Deployment(port, process, output)
            deployment.wait(deployment.is_up)
            yield deployment
        finally:
            _signal_group(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
            try:
                process.wait(timeout=120)
            finally:
                _signal_group(process.pid, signal.SIGKILL)
                process.wait()


def process_of_the_run(instance: dg.DagsterInstance) -> int | None:
    """The process that says that the run under way is its own."""
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        if process := process_of(run):
            return process.pid
    return None


def _signal_group(leader: int, number: signal.Signals) -> None:
    """Reaches what a leader left behind in its own session, too."""
    with suppress(ProcessLookupError):
        os.killpg(leader, number)
