"""The end of a command: all that a program does at its end, except what takes the memory apart."""

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys
from threading import Thread, main_thread

from media_assets.cli import program


class Loaded:
    def __del__(self):
        print("taken apart", flush=True)


def late():
    main_thread().join()
    print("the thread's end")


loaded = Loaded()
atexit.register(print, "what is registered")
Thread(target=late).start()
sys.argv = ["media-assets", *sys.argv[1:]]
program()
"""


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--version"], 0), (["nothing"], 2), (["sql", "select"], 1)]
)
def test_a_command_ends_with_its_status_once_its_threads_and_its_output_are_done(
    arguments: list[str], status: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False
    )

    assert done.returncode == status
    assert done.stdout.splitlines()[-2:] == ["the thread's end", "what is registered"]


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    fails = PROGRAM.replace("program()", "sys.argv = None\nprogram()")
    done = subprocess.run(
        [sys.executable, "-c", fails], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stdout.splitlines()[-1] == "taken apart"


def test_a_command_ends_with_its_status_where_it_cannot_print() -> None:
    command = f"exec {sys.executable} -m media_assets nothing >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
