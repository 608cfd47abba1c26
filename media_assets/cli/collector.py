"""Python's garbage collector, while a command starts and ends.

It would look many times at what a command imports, and once more at exit, and find nothing. For
Dagster, that is a third of a short command's time.
"""

import gc
from importlib import import_module

_USUAL = gc.get_threshold()
_RARE = (100_000, *_USUAL[1:])


def collect_rarely() -> None:
    """Lets a command import what it needs without looks at all objects."""
    gc.set_threshold(*_RARE)


def keep_dagster() -> None:
    """Imports Dagster, and keeps what there is by then out of all later collections.

    Nothing else is imported yet: DuckDB prints warnings at exit about what is kept of it.
    """
    if gc.get_threshold() == _RARE:
        import_module("dagster")
        gc.freeze()


def collect_as_usual() -> None:
    """Ends what `collect_rarely` began."""
    if gc.get_threshold() == _RARE:
        gc.set_threshold(*_USUAL)
