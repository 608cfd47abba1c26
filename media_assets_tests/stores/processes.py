"""Processes of their own, for races, kills and lost rights.

They are forked from a server that has imported the package once and runs no thread.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from threading import Barrier
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

_context = get_context("forkserver")
_context.set_forkserver_preload(["media_assets_tests.stores.contract"])
_barriers: list[Barrier] = []


def run(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Returns what a function returns in a process of its own, which ends with it."""
    with ProcessPoolExecutor(1, mp_context=_context) as pool:
        return pool.submit(work, *args, **kwargs).result()


def race(work: Callable[[str, str], list[int]], argument: str) -> dict[str, list[int]]:
    """Returns what `work(argument, name)` returns for the names "a" and "b", run at once."""
    barrier = _context.Barrier(2)
    with ProcessPoolExecutor(
        2, mp_context=_context, initializer=_remember, initargs=(barrier,)
    ) as pool:
        futures = {name: pool.submit(_race_one, work, argument, name) for name in "ab"}
        return {name: future.result() for name, future in futures.items()}


def start(work: Callable[[str], None], argument: str) -> BaseProcess:
    """Starts a function in a process that the caller kills."""
    process = _context.Process(target=work, args=(argument,), daemon=True)
    process.start()
    return process


def _remember(barrier: Barrier) -> None:
    _barriers.append(barrier)


def _race_one(work: Callable[[str, str], list[int]], argument: str, name: str) -> list[int]:
    _barriers[-1].wait(timeout=240)
    return work(argument, name)
