"""Commands of a shell's own session that are sent signals amid their work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

MEDIA_ASSETS = Path(sys.executable).parent / "media-assets"
MARK = "MEDIA_ASSETS_TEST_COMMAND"
LONGEST_SECONDS = 120
"""What a test waits at most, on a machine that is busy with other things."""

DEFINITIONS = """
import os, subprocess, threading, time
from pathlib import Path

import dagster as dg
from PIL import Image

import media_assets as ma

CALLS = Path(__file__).with_name("calls")


def called(source_image):
    with CALLS.open("a") as calls:
        print(source_image.width, file=calls)


def destination():
    called(Image.new("L", (1, 1)))
    time.sleep(3600)


def table(name, function, retry_policy=None, **options):
    declared = ma.MediaTable(name, rows_per_partition=3, retry_policy=retry_policy)
    declared.computed_column(name="column", code_version="1", **options)(function)
    return declared


def steady(source_image: Image.Image) -> int:
    called(source_image)
    time.sleep(0 if source_image.width % 3 else 3600)
    return source_image.width


def sleeps(source_image: Image.Image) -> int:
    called(source_image)
    time.sleep(3600)


def spins(source_image: Image.Image) -> int:
    called(source_image)
    while True:
        pass


def starts(source_image: Image.Image) -> Image.Image:
    called(source_image)
    subprocess.run(["sleep", "3600"])


def leaves_a_thread(source_image: Image.Image) -> int:
    threading.Thread(target=time.sleep, args=(3600,)).start()
    called(source_image)
    time.sleep(3600)


def batched(source_image: list[Image.Image]) -> list[int]:
    called(source_image[0])
    time.sleep(3600)


def turned(source_image: Image.Image) -> Image.Image:
    return source_image


defs = ma.build_defs([
    table("steady", steady),
    table("sleeps", sleeps),
    table("spins", spins),
    table("batched", batched, batch_size=2),
    table("retried", sleeps, retry_policy=dg.RetryPolicy(max_retries=3)),
    table("in_processes", starts, processes=True),
    table("leaves_a_thread", leaves_a_thread),
    table("asks_for_ever", turned, destination=destination),
])
"""


class Command:
    """A verb that is under way, and all that it has started."""

    def __init__(self, project: Path, *arguments: str | Path) -> None:
        self.calls = project.with_name("calls")
        self.calls.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            # Whoever starts the tests in the background of a shell has them ignore Ctrl-C.
            ["env", "--default-signal", MEDIA_ASSETS, *arguments, "-f", project],
            env={**os.environ, MARK: str(self.calls)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_for_calls(self, count: int = 1) -> None:
        """Waits until its row functions were called so often."""
        self._wait(lambda: self.calls.exists() and len(self.called) >= count)

    @property
    def called(self) -> list[str]:
        """What its row functions were called with."""
        return self.calls.read_text().split() if self.calls.exists() else []

    def send(self, number: signal.Signals) -> None:
        """Sends a signal: Ctrl-C as a terminal does, to the whole group, others to it alone."""
        send = os.killpg if number is signal.SIGINT else os.kill
        send(self._process.pid, number)

    def outcome(self) -> tuple[int, str, str]:
        """Its exit status, and what it printed."""
        output, errors = self._process.communicate(timeout=LONGEST_SECONDS)
        return self._process.returncode, output, errors

    def wait_for_nobody(self) -> None:
        """Waits until nothing is left that it has started; raises where something stays."""
        self._wait(lambda: self._left() == [], until_it_ends=False)

    def kill(self) -> None:
        """Ends all of it, whatever it was doing."""
        for process_id in [self._process.pid, *self._left()]:
            try:
                os.kill(process_id, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.communicate()

    def _left(self) -> list[int]:
        """Processes with its environment, which are its own, its children's, and so on."""
        mark = f"{MARK}={self.calls}".encode()
        found: list[int] = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return [number for number in found if number not in (os.getpid(), self._process.pid)]

    def _wait(self, is_so: Callable[[], bool], *, until_it_ends: bool = True) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not is_so():
            assert not until_it_ends or self._process.poll() is None, self.outcome()
            assert time.monotonic() < deadline, self._left()
            time.sleep(0.02)
