"""PostgreSQL in a folder, from Debian's package, until Ctrl-C: `python postgres.py FOLDER`.

Prints its URL for Dagster. Only this machine can connect, with a password kept in the folder.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED = "postgres"
"""The user created by Debian's package: PostgreSQL refuses to run as root."""
_USER = "dagster"
_START_SECONDS = 60


def main(folder: Path) -> int:
    """Creates the folder's database if it is missing, serves it, and returns the exit status."""
    programs = _programs()
    data, password = _made(folder, programs)
    port = _free_port()
    server = subprocess.Popen(
        [
            programs / "postgres",
            *("-D", data, "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"),
        ],
        user=_runs_as(),
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )

    def end(_number: int, _frame: FrameType | None) -> None:
        server.send_signal(signal.SIGINT)  # immediately, even with open connections

    signal.signal(signal.SIGTERM, end)
    if _answers(server, port):
        print(f"postgresql+psycopg2://{_USER}:{password}@127.0.0.1:{port}/postgres", flush=True)
    return server.wait()


def _programs() -> Path:
    """Returns the folder of PostgreSQL's programs, which Debian keeps out of `PATH`."""
    on_path = shutil.which("initdb")
    newest = max(_DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    found = Path(on_path).parent if on_path else newest
    if found is None:
        sys.exit("PostgreSQL is not installed. On Debian: sudo apt-get install postgresql")
    return found


def _runs_as() -> str | None:
    return _UNPRIVILEGED if os.getuid() == 0 else None


def _made(folder: Path, programs: Path) -> tuple[Path, str]:
    """Returns the folder of the database and its password; the first start creates both."""
    folder.mkdir(parents=True, exist_ok=True)
    data, password = folder / "data", folder / "password"
    if not data.exists():
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16))
        if user := _runs_as():
            shutil.chown(folder, user)
            shutil.chown(password, user)
        subprocess.run(
            [
                programs / "initdb",
                *("-D", data, "--username", _USER, "--pwfile", password),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"),
            ],
            user=_runs_as(),
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return data, password.read_text()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Returns whether the server accepts connections before it ends."""
    end = monotonic() + _START_SECONDS
    while server.poll() is None and monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.05)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
