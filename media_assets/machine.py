"""The cores, memory and open files of this process, from any operating system."""

import fcntl
import os
import resource
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

_STATM = "/proc/self/statm"
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MOST_PATH_BYTES = 1024
"""MAXPATHLEN of macOS, whose kernel fills a buffer of this size."""


def usable_cores() -> int:
    """Returns how many cores this process may use; only Linux tells if they are not all."""
    if sys.platform == "linux":
        with suppress(AttributeError):
            return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def resident_bytes() -> int:
    """Returns the memory that this process holds now, or the most it ever held if nothing tells."""
    try:
        with open(_STATM, encoding="ascii") as file:  # noqa: PTH123  often, and must be quick
            return int(file.read().split()[1]) * _PAGE_BYTES
    except FileNotFoundError:
        command = ["ps", "-o", "rss=", "-p", str(os.getpid())]
    try:
        told = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603  fixed
        return int(told.stdout) * 1024
    except (OSError, subprocess.CalledProcessError, ValueError):
        return _peak_bytes()


def holds_more_than(limit_bytes: int) -> bool:
    """Returns whether this process holds more memory now; starts no process if it never did."""
    return _peak_bytes() > limit_bytes and resident_bytes() > limit_bytes


def _peak_bytes() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def open_memory(name: str) -> int:
    """Returns the descriptor of an empty file without a name, in memory where that is possible."""
    if sys.platform == "linux":
        with suppress(AttributeError):
            return os.memfd_create(name)
    with tempfile.TemporaryFile(prefix=name) as file:
        return os.dup(file.fileno())


def path_of_open_file(descriptor: int, path: Path) -> str:
    """Returns the path of an open file without links, from the kernel if it tells."""
    if sys.platform == "darwin":
        told = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(_MOST_PATH_BYTES))
        return os.fsdecode(told.rstrip(b"\0"))
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  a name of the kernel
    except FileNotFoundError:
        return os.path.realpath(path)
