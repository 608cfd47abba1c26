"""The running of a verb that Python calls: its caller, its progress, and its interruption."""

import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from media_assets.standard_error import tell

if TYPE_CHECKING:
    from media_assets.verbs.runs import Caller


@contextmanager
def running(verb: str) -> Generator["Caller"]:
    """Yields the caller of a verb, and shows the progress of its runs."""
    from media_assets.interruption import in_foreground
    from media_assets.verbs.progress import show_progress
    from media_assets.verbs.runs import Caller

    try:
        with in_foreground(), show_progress(), warnings.catch_warnings():
            # A notebook runs cells in an event loop, next to which Dagster cannot run its own.
            warnings.filterwarnings("ignore", "coroutine .*shutdown_asyncgens", RuntimeWarning)
            yield Caller(f"MediaTable.{verb}", tell)
    except KeyboardInterrupt:
        tell("Interrupted. Finished work is kept: call it again to continue.")
        raise


def listed(texts: str | Sequence[str]) -> Sequence[str]:
    """Returns one text or several as several."""
    return (texts,) if isinstance(texts, str) else texts
