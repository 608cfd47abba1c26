"""A worker's part of a step: chunks of rows, made only if the worker runs the same code.

Workers need this package and the project's modules, but no Dagster instance.
"""

import pickle
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from media_assets.code_versions import source_version
from media_assets.columns import ComputedColumn
from media_assets.errors import DeclarationError, WorkerDiffersError
from media_assets.pipeline import Plan, Result, Work, run_plan
from media_assets.split.functions import FunctionSplitter

_PACKAGES = ("media-assets", "pillow")
_OPTIONAL_PACKAGES = ("av", "pillow-heif", "pypdfium2")
"""Packages whose other versions would produce different bytes."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a worker must have in common with the step.

    Attributes:
        facts: Names and values: versions, and digests of the row functions' sources.
        paths: Files and folders on a file system that all machines share.
    """

    facts: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, paths: Sequence[str]) -> "Expected":
        """Describes this process."""
        return cls(tuple(_facts(plan)), tuple(paths))


def check_worker(parcel: bytes, expected: Expected) -> None:
    """Checks that this worker would produce the same results as the step.

    Raises:
        WorkerDiffersError: It would not, for the reasons in the message.
    """
    _plan_of(parcel, expected)


def make_chunk(parcel: bytes, rows: Sequence[Work], expected: Expected) -> list[Result]:
    """Makes the cells of some rows, and puts their files in place.

    A worker processes each chunk on its own thread, so a chunk uses only one.

    Raises:
        WorkerDiffersError: This worker differs from the step's process.
        StoreFaultError: A destination accepts no files.
    """
    return list(run_plan(_plan_of(parcel, expected), rows, workers=1))


@cache
def _plan_of(parcel: bytes, expected: Expected) -> Plan:
    try:
        plan: Plan = pickle.loads(parcel)  # noqa: S301  from the step itself
    except (ImportError, AttributeError) as error:
        raise WorkerDiffersError(
            platform.node(), [f"its code cannot load the step: {error}"]
        ) from error
    found = dict(_facts(plan))
    differences = [
        f"{name} is {found.get(name, 'missing')} here, but {value} in the step"
        for name, value in expected.facts
        if found.get(name) != value
    ]
    differences += [f"{path} is not there" for path in expected.paths if not Path(path).exists()]
    if differences:
        raise WorkerDiffersError(platform.node(), differences)
    return plan


def _facts(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "Python", ".".join(platform.python_version_tuple()[:2])
    for package in _PACKAGES:
        yield package, version(package)
    for package in _OPTIONAL_PACKAGES:
        with suppress(PackageNotFoundError):
            yield package, version(package)
    for output in plan.outputs:
        column = output.column
        if isinstance(column, ComputedColumn):
            yield f"the source of row function {column.name!r}", _source(column.function, column)
    if plan.split is not None and isinstance(splitter := plan.split.splitter, FunctionSplitter):
        source = _source(splitter.function, plan.split.column)
        yield f"the source of splitting function {splitter.name!r}", source


def _source(function: Callable[..., object], column: ComputedColumn) -> str:
    own = function.func if isinstance(function, partial) else function
    try:
        return source_version(own, column=column.name)
    except DeclarationError:
        return "unknown"  # if it is unknown in the step too, they match
