"""One server for all processes of a test run: the first user starts it, the last one leaves."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

_KEEPER = Path(__file__).with_name("keeper.py")
_in_use: dict[Path, int] = {}


def run_folder(factory: pytest.TempPathFactory) -> Path:
    """Returns the folder that all workers of this test run share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def shared_server(name: str, folder: Path, command: list[str]) -> str:
    """Returns the address of a server, which runs until this process ends at least.

    Args:
        name: What its files are called.
        folder: The test run's folder; the server starts in `folder/name`.
        command: What starts it; it prints its address.
    """
    users = folder / f"{name}.users"
    address = folder / f"{name}.address"
    if users not in _in_use:
        with _lock(folder / f"{name}.start"):
            handle = os.open(users, os.O_RDONLY | os.O_CREAT)
            fcntl.flock(handle, fcntl.LOCK_SH)
            _in_use[users] = handle
            if not address.exists():
                _start(name, folder, command)
    return address.read_text()


def _start(name: str, folder: Path, command: list[str]) -> None:
    keeper = [sys.executable, str(_KEEPER), name, str(folder), *command]
    started = subprocess.run(
        keeper, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    if started.returncode != 0:
        pytest.fail(f"{name} did not start:\n{(folder / f'{name}.log').read_text()}")


@contextmanager
def _lock(path: Path) -> Generator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
