"""Interactive sessions: notebooks and Python's prompt, where code is run again and edited."""

import sys
from collections.abc import Callable


def in_session() -> bool:
    """Whether this process is a notebook's kernel or Python's prompt; both set `sys.ps1`."""
    return hasattr(sys, "ps1")


def is_interactive(function: Callable[..., object]) -> bool:
    """Whether a function was defined in a notebook's cell or at Python's prompt."""
    return in_session() and getattr(function, "__module__", None) == "__main__"


def is_notebook() -> bool:
    """Whether this process is the kernel of a notebook, which shows HTML."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")
