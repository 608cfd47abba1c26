"""What is left behind when a whole insert is killed midway, and done again: ours and peers'."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import sleep
from typing import cast
from urllib.parse import unquote, urlsplit

from benchmarks.cases.peers import insert_command
from benchmarks.figures import Figure
from benchmarks.inputs import PHOTO, make_inputs
from benchmarks.jobs.floor import COLUMNS, make_columns
from benchmarks.outputs import pixels_of
from benchmarks.peer_jobs import DAFT, DATACHAIN, PIXELTABLE, Peer, environment_of
from benchmarks.processes import ROOT, run_job, run_process
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces

_KILLED_AT = 0.6
"""The share of all files; Pixeltable has ended its first insert of 250 rows by then."""
_SECONDS_BETWEEN_LOOKS = 0.05

Rows = Mapping[str, Mapping[str, str]]
"""The files of each row, by the name of its photo and the column."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A whole insert that can be done again.

    Attributes:
        what: Whose.
        command: What starts it.
        again: What is done after the kill.
        files: The folder of all its files.
        rows: Reads its rows.
        tidy: What deletes files that no row names, where there is such a command.
    """

    what: str
    command: Sequence[str]
    again: Sequence[str]
    files: Path
    rows: Callable[[], Rows]
    tidy: Sequence[str] = ()


def kills(settings: Settings) -> Iterator[Figure]:
    """500 photos, three columns; killed when six of ten files are there."""
    rows = settings.rows(500)
    source = make_inputs(PHOTO, rows)
    with workspaces() as new:
        right = new()
        for column in COLUMNS:
            (right / column).mkdir()
        for path in source.iterdir():
            make_columns(path, right)
        for job in _jobs(source, new):
            killed_at = _kill(job, round(_KILLED_AT * rows * len(COLUMNS)))
            run_process(job.again, environment=_environment(job))
            found = job.rows()
            _end_database(job.files.parent)
            left = _unnamed(job, found)
            if job.tidy:
                run_process(job.tidy, environment=_environment(job))
            untidied = _unnamed(job, found)
            wrong = [
                f"{name}: {column}"
                for name in (path.name for path in source.iterdir())
                for column in COLUMNS
                if not _is_right(found, name, column, right)
            ]
            what = f"insert of {rows:,} killed midway and done again, {job.what}"
            details: dict[str, object] = {"files_at_kill": killed_at, "rows": len(found)}
            yield Figure(f"{what}: files that no row names", len(left), "files", details=details)
            if job.tidy:
                yield Figure(f"{what}: the same after its gc", len(untidied), "files", 0)
            bar = 0 if job.tidy else None
            yield Figure(f"{what}: files missing or wrong", len(wrong), "files", bar)


def _jobs(source: Path, new: Callable[[], Path]) -> Iterator[_Job]:
    home = new()
    command = insert_command(source)
    rows = partial(_our_rows, home)
    tidy = [command[0], "gc", "photos", "--grace", "0s", "-m", "benchmarks.photos"]
    yield _Job("ours", command, command, home / "media/files", rows, tidy)
    for peer, jobs, described in (
        (PIXELTABLE, ("columns-before", "again"), ""),
        (DAFT, ("photos",) * 2, ", files as it names them"),
        (DAFT, ("named-photos",) * 2, ", files named by their photos"),
        (DATACHAIN, ("photos",) * 2, ""),
    ):
        if peer.is_missing():
            continue
        home = new()
        files = home / "files"
        first, again = (peer.command(job, source, files) for job in jobs)
        rows = partial(_their_rows, peer, source, home)
        yield _Job(peer.name + described, first, again, files, rows)


def _their_rows(peer: Peer, source: Path, home: Path) -> Rows:
    return cast("Rows", peer.run("rows", source, home).told)


def _our_rows(home: Path) -> Rows:
    told = run_job("rows", environment={"DAGSTER_HOME": str(home)}).told
    return cast("Rows", told)


def _environment(job: _Job) -> dict[str, str]:
    home = next(folder for folder in job.files.parents if (folder / "dagster.yaml").exists())
    return {**environment_of(home), "DAGSTER_HOME": str(home)}


def _kill(job: _Job, files: int) -> int:
    """Starts a job, kills it with its children when so many files are there, and counts them."""
    process = subprocess.Popen(
        job.command,
        cwd=ROOT,
        env={**os.environ, **_environment(job)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while (there := len(_files(job.files))) < files:
        if process.poll() is not None:
            problem = f"The job of {job.what} ended with {process.returncode} before its kill."
            raise RuntimeError(problem)
        sleep(_SECONDS_BETWEEN_LOOKS)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return there


def _end_database(home: Path) -> None:
    """Ends Pixeltable's PostgreSQL, which outlives a killed process."""
    note = home / "pgdata/postmaster.pid"
    if note.exists():
        os.kill(int(note.read_text().split()[0]), signal.SIGINT)
    while note.exists():
        sleep(_SECONDS_BETWEEN_LOOKS)


def _unnamed(job: _Job, rows: Rows) -> list[Path]:
    named = {_path(url) for row in rows.values() for url in row.values()}
    return [path for path in _files(job.files) if path not in named]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _path(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


def _is_right(rows: Rows, name: str, column: str, right: Path) -> bool:
    url = rows.get(name, {}).get(column)
    if url is None or not _path(url).is_file():
        return False
    return pixels_of(_path(url)) == pixels_of(right / column / name)
