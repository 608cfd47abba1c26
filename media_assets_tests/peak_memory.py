"""The most memory that a process held."""

import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """The most memory that this process ever held.

    Not `ru_maxrss` on Linux, which begins with the memory of the process that started this one.
    """
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status").read_text("ascii")
    (told,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(told.split()[1]) * 1024
