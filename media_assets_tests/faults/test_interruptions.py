"""A command that is interrupted ends, says so in one line, keeps its work and leaves nothing."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from media_assets_tests.automation.deployment import deployed, process_of_the_run
from media_assets_tests.automation.sensors import photos_table
from media_assets_tests.faults.interrupted import DEFINITIONS, LONGEST_SECONDS, Command
from media_assets_tests.photos import save_photo
from media_assets_tests.runs import inserted

Start = Callable[..., Command]

PLANNING = ("check", "materialize")
FAULTS = pytest.mark.faults
SOME = [
    pytest.param("sleeps", signal.SIGINT),
    pytest.param("in_processes", signal.SIGTERM),
    pytest.param("spins", signal.SIGHUP),
]
REST = [
    pytest.param(table, number, marks=FAULTS)
    for table in ("sleeps", "spins", "batched", "retried", "in_processes", "leaves_a_thread")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    if not any(param.values == (table, number) for param in SOME)
]


@pytest.fixture
def start(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts verbs over six photos in two partitions, and ends what is left of them."""
    project = tmp_path / "project.py"
    project.write_text(DEFINITIONS)
    for width in range(31, 37):
        save_photo(tmp_path / "uploads" / f"{width}.png", seed=width, size=(width, 20))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    started: list[Command] = []

    def run(*arguments: str | Path) -> Command:
        started.append(Command(project, *arguments))
        return started[-1]

    yield run
    for command in started:
        command.kill()


@pytest.mark.parametrize(("table", "number"), [*SOME, *REST])
def test_a_signal_ends_a_command_whatever_its_row_functions_do(
    start: Start, table: str, number: signal.Signals, tmp_path: Path
) -> None:
    command = start("insert", table, tmp_path / "uploads")
    command.wait_for_calls()

    command.send(number)
    status, output, errors = command.outcome()

    assert status == 128 + number
    assert output == ""
    assert errors == (
        f"Interrupted by {number.name}. Finished work is kept: run the command again to continue.\n"
    )
    assert set(command.called) <= {"31", "32", "33"}, "the second partition was begun"
    command.wait_for_nobody()
    if table != "leaves_a_thread":  # whose process cannot end in order
        assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("table", ["retried", pytest.param("in_processes", marks=FAULTS)])
def test_the_history_says_which_run_was_interrupted(
    start: Start, table: str, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    command = start("insert", table, tmp_path / "uploads")
    command.wait_for_calls()

    command.send(signal.SIGTERM)
    command.outcome()

    (run,) = instance.get_runs()
    messages = [entry.message for entry in instance.all_logs(run.run_id)]
    assert run.status is dg.DagsterRunStatus.CANCELED
    assert messages[-1] == "Interrupted by SIGTERM."


def test_the_next_run_goes_on_where_an_interrupted_one_ended(start: Start, tmp_path: Path) -> None:
    # Of every third row the function does not return.
    first = start("insert", "steady", tmp_path / "uploads")
    first.wait_for_calls(3)
    first.send(signal.SIGINT)
    first.outcome()
    begun = Counter(first.called)

    again = start("insert", "steady", tmp_path / "uploads")
    again.wait_for_calls()
    again.send(signal.SIGINT)
    again.outcome()

    assert begun == Counter(["31", "32", "33"])
    assert again.called == ["33"]


@pytest.mark.parametrize("verb", ["plan", *(pytest.param(v, marks=FAULTS) for v in PLANNING)])
def test_a_signal_ends_verbs_that_run_nothing(start: Start, verb: str) -> None:
    command = start(verb, "asks_for_ever")
    command.wait_for_calls()

    command.send(signal.SIGTERM)
    status, output, errors = command.outcome()

    assert status == 128 + signal.SIGTERM
    assert output == ""
    assert errors.startswith("Interrupted by SIGTERM.")
    assert errors.count("\n") == 1


STUCK = """
import time
from media_assets import interruption

interruption.SECONDS_TO_END = 3600
with interruption.end_on_signals(lambda: print("cleaned up", flush=True)):
    told = iter(["ready", "does not end"])
    while True:
        try:
            print(next(told, ""), flush=True)
            time.sleep(3600)
        except KeyboardInterrupt:
            continue
"""


def test_a_second_signal_ends_what_the_first_one_does_not() -> None:
    program = ["env", "--default-signal", sys.executable, "-c", STUCK]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as stuck:
        told = partial(next, iter(stuck.stdout or ()))
        assert told() == b"ready\n"
        stuck.send_signal(signal.SIGINT)
        assert told() == b"does not end\n"
        try:
            while stuck.poll() is None:
                stuck.send_signal(signal.SIGINT)
                try:
                    stuck.wait(0.3)
                except subprocess.TimeoutExpired:
                    continue
            output, errors = stuck.communicate(timeout=LONGEST_SECONDS)
        finally:
            stuck.kill()

    assert stuck.returncode == 130
    assert b"cleaned up\n" in output
    assert errors.startswith(b"Interrupted by SIGINT.")


@pytest.mark.parametrize("name", ["HUP", "INT"])
def test_a_signal_that_was_to_be_ignored_is_ignored(home: Path, name: str) -> None:
    """As after `nohup`, or in the background of a script; Dagster has handlers in its steps."""
    program = (
        "import os, signal; from media_assets import interruption\n"
        "with interruption.end_on_signals(lambda: None):\n"
        f"    signal.signal(signal.SIG{name}, lambda *_: print('handled'))\n"
        f"    os.kill(os.getpid(), signal.SIG{name})\n"
        "    print('goes on')\n"
    )

    done = subprocess.run(
        ["env", f"--ignore-signal={name}", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "goes on\n")


def test_a_command_that_was_started_to_ignore_sigterm_can_end_the_programs_that_it_starts() -> None:
    """As below a process of Dagster's in the background of a script."""
    program = (
        "import subprocess; from media_assets import interruption\n"
        "with interruption.end_on_signals(lambda: None):\n"
        "    started = subprocess.Popen(['sleep', '3600'])\n"
        "    started.terminate()\n"
        "    try:\n"
        f"        print(started.wait({LONGEST_SECONDS / 4}))\n"
        "    finally:\n"
        "        started.kill()\n"
    )

    done = subprocess.run(
        ["env", "--ignore-signal=TERM", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == f"{-signal.SIGTERM}\n", done.stderr


HANGING = """
import time
from pathlib import Path

import media_assets as ma
from PIL import Image

photos = ma.MediaTable("photos")


@photos.computed_column()
def flipped(source_image: Image.Image) -> Image.Image:
    Path(__file__).with_name("called").touch()
    time.sleep(3600)


defs = ma.build_defs([photos])
"""


@pytest.mark.deployment
def test_a_run_that_is_terminated_in_the_ui_ends_though_a_row_function_does_not(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    photo = save_photo(tmp_path / "uploads" / "photo.png")
    partition = inserted(instance, photos_table(), photo)

    with deployed(home, definitions=HANGING) as deployment:
        deployment.backfill(["source_image", "flipped"], [partition])
        deployment.wait((home / "called").exists)
        worker = process_of_the_run(instance)
        (run,) = instance.get_runs()
        deployment.ask(
            "mutation($id: String!) { terminateRun(runId: $id) { __typename } }",
            {"id": run.run_id},
        )
        deployment.wait(lambda: deployment.runs() == ["CANCELED"])
        deployment.wait(lambda: not Path(f"/proc/{worker}").exists())
