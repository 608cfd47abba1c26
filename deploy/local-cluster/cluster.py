"""A whole cluster of plain processes on loopback: `python cluster.py FOLDER`, or `make cluster`.

PostgreSQL, a Dask scheduler, two workers, a code server, the daemon and the UI. In production each
has its own machine; here they share FOLDER as DAGSTER_HOME. Ctrl-C ends them, and FOLDER keeps the
results.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import sleep
from typing import NoReturn

_HERE = Path(__file__).parent
_LOOPBACK = "127.0.0.1"
_WORKERS = 2
_SECONDS_TO_END = 15


class Cluster:
    """Processes that share a folder; `environment` holds their addresses for each other."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {"DAGSTER_HOME": str(home)}

    def start(self) -> str:
        """Starts all processes in order, and returns the address of the UI."""
        (self._home / "processes").mkdir(parents=True, exist_ok=True)
        shutil.copy(_HERE / "dagster.yaml", self._home)
        scheduler, code, ui = _free_ports(3)
        self._run("postgres", sys.executable, _HERE / "postgres.py", self._home / "postgres")
        self.environment["DAGSTER_POSTGRES_URL"] = self._told("postgres", r"postgresql\+\S+")
        self.environment["DASK_SCHEDULER"] = f"tcp://{_LOOPBACK}:{scheduler}"
        self._run("scheduler", *_dask("scheduler"), "--port", str(scheduler), "--no-dashboard")
        for number in range(1, _WORKERS + 1):
            worker = _dask("worker", self.environment["DASK_SCHEDULER"])
            scratch = ("--local-directory", self._home / "processes")
            self._run(f"worker-{number}", *worker, "--nthreads", "1", "--no-dashboard", *scratch)
        location, address = _HERE / "location.py", ("-h", _LOOPBACK, "-p")
        code_server = (_program("dagster"), "code-server", "start", "-f", location)
        self._run("code-server", *code_server, *address, str(code))
        self._wait_for("code-server", code)
        workspace = self._home / "workspace.yaml"
        server = f"{{host: {_LOOPBACK}, port: {code}, location_name: media_assets}}"
        workspace.write_text(f"load_from:\n  - grpc_server: {server}\n")
        self._run("daemon", _program("dagster-daemon"), "run", "-w", workspace)
        webserver = (_program("dagster-webserver"), "-w", workspace)
        self._run("webserver", *webserver, *address, str(ui))
        self._wait_for("webserver", ui)
        return f"http://{_LOOPBACK}:{ui}"

    def wait(self) -> NoReturn:
        """Waits until a process ends, which is a failure."""
        while True:
            for name in self._processes:
                self._wait_a_moment(name)

    def stop(self) -> None:
        """Ends all processes, the newest first."""
        for process in reversed(self._processes.values()):
            process.terminate()
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _run(self, name: str, *command: str | Path) -> None:
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _told(self, name: str, pattern: str) -> str:
        """Waits until a text appears in the log of a process, and returns it."""
        while not (found := re.search(pattern, self._log(name).read_text())):
            self._wait_a_moment(name)
        return found[0]

    def _wait_for(self, name: str, port: int) -> None:
        """Waits until something listens on a port."""
        while True:
            try:
                socket.create_connection((_LOOPBACK, port), timeout=1).close()
            except OSError:
                self._wait_a_moment(name)
            else:
                return

    def _wait_a_moment(self, name: str) -> None:
        if self._processes[name].poll() is not None:
            self._fail(name)
        sleep(0.1)

    def _fail(self, name: str) -> NoReturn:
        sys.exit(f"{name} ended unexpectedly. See its log: {self._log(name)}")

    def _log(self, name: str) -> Path:
        return self._home / "processes" / f"{name}.log"


def main(home: Path) -> None:
    """Runs a cluster until Ctrl-C, and prints the variables for other processes."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cluster = Cluster(home)
    try:
        address = cluster.start()
        for name, value in cluster.environment.items():
            print(f"export {name}={value}")
        print(f"\nThe UI is at {address}. Ctrl-C ends everything.", flush=True)
        cluster.wait()
    except KeyboardInterrupt:
        return
    finally:
        cluster.stop()


def _program(name: str) -> Path:
    return Path(sys.executable).parent / name


def _dask(kind: str, *arguments: str) -> tuple[str | Path, ...]:
    return _program("dask"), kind, *arguments, "--host", _LOOPBACK


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server((_LOOPBACK, 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
