"""Runs commands on a terminal of a test's own."""

import os
import pty
import subprocess


def on_terminal(command: list[str], *, columns: int = 100) -> str:
    """What a command writes to a terminal, where both its outputs go."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        while chunk := _read(ours):
            written += chunk
        assert process.wait() == 0
    os.close(ours)
    return written.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # Linux says so when the other side is closed.
        return b""
