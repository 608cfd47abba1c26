"""Commands as whole processes, against `import dagster` in a new process."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure, compare
from benchmarks.inputs import SMALL, make_inputs
from benchmarks.processes import Sample, run_process
from benchmarks.settings import Settings
from benchmarks.workspace import workspaces

_ROWS = 1_000
_LEAST_REPEATS = 10
_OF_BASH = {"_MEDIA_ASSETS_COMPLETE": "bash_complete", "COMP_WORDS": "media-assets s"}
_CODE = ("-m", "benchmarks.photos")
_LIGHT = (("--help",), ("--version",))
_READING = (
    ("show", "photos"),
    ("sql", "select count(*) from photos"),
    ("errors", "photos"),
    ("verify", "photos"),
    ("gallery", "photos"),
)
_OF_CODE = (("plan", "photos", *_CODE), ("status", *_CODE), ("describe", "photos", *_CODE))


def commands(settings: Settings) -> Iterator[Figure]:
    """Help, reading and inserting, over a table of 1,000 rows of three columns."""
    repeats, count = max(settings.repeats, _LEAST_REPEATS), settings.rows(_ROWS)
    source = make_inputs(SMALL, count)
    with workspaces() as new:
        home = new()

        def run(arguments: Sequence[str], **variables: str) -> Sample:
            # The script itself: click completes only commands that have its name.
            command = [str(Path(sys.executable).with_name("media-assets")), *arguments]
            environment = {"DAGSTER_HOME": str(home), **variables}
            return run_process(command, environment=environment)

        def against(
            name: str, arguments: Sequence[str], bar: float, aim: float | None, **variables: str
        ) -> Figure:
            run(arguments, **variables)  # fills caches
            found = compare(
                lambda: run(arguments, **variables),
                lambda: run_process([sys.executable, "-c", "import dagster"]),
                repeats=repeats,
            )
            what = f"{name} against import dagster"
            return Figure(what, found.wall_ratio, "x", bar, aim, details=found.details())

        run(("insert", "photos", str(source), *_CODE))
        for arguments in _LIGHT:
            yield against(f"media-assets {arguments[0]}", arguments, 0.25, 0.12)
        yield against("completion of a command", (), 0.25, 0.12, **_OF_BASH, COMP_CWORD="1")
        for arguments in _READING:
            yield against(f"{arguments[0]} of {count:,} rows", arguments, 0.7, 0.5)
        for arguments in _OF_CODE:
            yield against(f"{arguments[0]} of {count:,} rows", arguments, 1.4, None)
        again = ("insert", "photos", str(source), *_CODE)
        yield against(f"insert of nothing new, {count:,} rows", again, 1.7, 1.4)
        yield _of_one_photo(home, source, run, repeats)


def _of_one_photo(
    home: Path, source: Path, run: Callable[[Sequence[str]], Sample], repeats: int
) -> Figure:
    """Inserts a photo of other content each time."""
    content = next(iter(sorted(source.iterdir()))).read_bytes()
    photos = iter(range(sys.maxsize))

    def insert() -> Sample:
        photo = home / f"new-{next(photos)}.jpg"
        photo.write_bytes(content + os.urandom(8))
        return run(("insert", "photos", str(photo), *_CODE))

    insert()
    found = compare(
        insert, lambda: run_process([sys.executable, "-c", "import dagster"]), repeats=repeats
    )
    what = "insert of one new photo against import dagster"
    return Figure(what, found.wall_ratio, "x", 3, 2.4, details=found.details())
