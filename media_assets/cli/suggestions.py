"""Commands that output suggests: on the branch and the code location of the command that ran."""

import re
from contextvars import ContextVar
from pathlib import Path
from shlex import quote

from media_assets.cli.verbs import VERBS

_BRANCH: ContextVar[str] = ContextVar("_BRANCH", default="")
_LOCATION: ContextVar[str] = ContextVar("_LOCATION", default="")
_SUGGESTED = re.compile(rf"\bmedia-assets ({'|'.join(VERBS)})\b(?! -[mf] )")
"""One that names a code location is an example of that."""
_OF_MAIN = frozenset({"branch", "diff", "init", "ship"})
"""Verbs that never run on a branch."""


def note_branch(name: str | None) -> None:
    """Notes what `--branch` was given."""
    _BRANCH.set("" if name is None else f"--branch {quote(name)} ")


def note_location(module_name: str | None, python_file: Path | None) -> None:
    """Notes what `-m` and `-f` were given."""
    module = "" if module_name is None else f" -m {quote(module_name)}"
    file = "" if python_file is None else f" -f {quote(str(python_file))}"
    _LOCATION.set(module + file)


def with_options(text: str) -> str:
    """Returns a text whose commands work where this one does, so that they run as they stand.

    Example:
        >>> note_location("shop.defs", None)
        >>> with_options("To compute them: media-assets materialize photos")
        'To compute them: media-assets materialize -m shop.defs photos'
        >>> note_location(None, None)
    """

    def called(suggested: re.Match[str]) -> str:
        verb = suggested[1]
        branch = "" if verb in _OF_MAIN else _BRANCH.get()
        location = "" if verb == "init" else _LOCATION.get()
        return f"media-assets {branch}{verb}{location}"

    return _SUGGESTED.sub(called, text)
