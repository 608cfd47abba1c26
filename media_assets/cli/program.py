"""The command line as a process of its own, which ends as soon as its work is done."""

import atexit
import os
import sys
import threading

from media_assets.cli.main import main


def program() -> None:
    """Runs the command line, and ends this process with its exit status.

    Threads are waited for, and what is registered for the end is called, as Python does. What would
    come then is left out: it takes apart all that was imported, for up to a second with Dagster.
    """
    try:
        main()
    except SystemExit as ended:
        if not isinstance(ended.code, int):  # Python prints it
            raise
        _end(ended.code)
    else:
        _end(0)


def _end(status: int) -> None:
    threading._shutdown()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage,reportAttributeAccessIssue]  as multiprocessing
    atexit._run_exitfuncs()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # one may be closed
            stream.flush()
    except (OSError, ValueError):
        sys.exit(status)  # Python says what it cannot write
    os._exit(status)
