"""Starts a server for a whole test run, and ends it when nobody of the run needs it any more.

`python keeper.py NAME FOLDER COMMAND...` returns when the server has told its address, which then
stands in `FOLDER/NAME.address`. Whoever uses the server holds a shared lock on `FOLDER/NAME.users`;
the kernel frees it when its holder ends, however that happens. The process that stays behind waits
for the exclusive lock, and ends the server.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

_ADDRESS = re.compile(r"http://127\.0\.0\.1:[1-9][0-9]*")
_START_SECONDS = 60
_STOP_SECONDS = 10


def main(name: str, folder: Path, command: list[str]) -> int:
    """Returns 0 when the server is up, 1 when it is not."""
    keeper = os.fork()
    if keeper == 0:
        os.setsid()
        _keep(name, folder, command)
        os._exit(0)
    address = folder / f"{name}.address"
    while not address.exists():
        if os.waitpid(keeper, os.WNOHANG) != (0, 0):
            return 1
        time.sleep(0.02)
    return 0


def _keep(name: str, folder: Path, command: list[str]) -> None:
    data, log, address = folder / name, folder / f"{name}.log", folder / f"{name}.address"
    data.mkdir()
    with log.open("w") as output, (folder / f"{name}.users").open() as users:
        server = subprocess.Popen(command, cwd=data, stdout=output, stderr=subprocess.STDOUT)
        try:
            if told := _wait_for_address(log, server):
                partial = folder / f"{name}.partial"
                partial.write_text(told)
                partial.replace(address)
                fcntl.flock(users, fcntl.LOCK_EX)
        finally:
            address.unlink(missing_ok=True)
            _end(server)
            shutil.rmtree(data, ignore_errors=True)  # the run may have removed it already


def _wait_for_address(log: Path, server: "subprocess.Popen[bytes]") -> str | None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if found := _ADDRESS.search(log.read_text()):
            return found[0]
        time.sleep(0.02)
    return None


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
