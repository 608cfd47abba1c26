"""Errors of row functions in processes of their own."""

from media_assets.errors.base import MediaAssetsError


class ProcessDiedError(MediaAssetsError, RuntimeError):
    """A row function whose process died twice, or that found none to run in."""

    def __init__(self, function: str, *, has_started: bool = True) -> None:
        if has_started:
            super().__init__(
                f"The process that ran row function {function!r} died, twice.",
                accepted="A function with processes=True must return or raise.",
                fix="Check whether a library that it calls crashes, or memory runs out.",
            )
            return
        super().__init__(
            f"No process could start for row function {function!r}: what it printed says why.",
            accepted="A process imports the function's module; if that is the script that runs, "
            "the script must do its work below `if __name__ == '__main__':`.",
            fix="Put the script's calls there, or the table into a module of its own.",
        )


class CodeDiffersError(MediaAssetsError, RuntimeError):
    """A function that another process imported, and that is not what it is in this one."""

    def __init__(self, column: str, module: str, *, name: str | None = None) -> None:
        what = (
            f"its source was edited after {module!r} was imported"
            if name is None
            else f"it reads {name!r}, which was set after {module!r} was imported"
        )
        super().__init__(
            f"Column {column!r} has processes=True, and {what}: a new process, which imports the "
            "module anew, would make something else.",
            accepted="A function that is the same in every process that imports it.",
            fix="Start again, or reload the module."
            if name is None
            else f"Set {name!r} in the module itself, read an environment variable, or drop "
            "processes=True.",
        )


class ScriptImportedError(MediaAssetsError, RuntimeError):
    """A verb that a script calls again where it is only imported, for a function's process."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"This script works on table {table!r} while a process imports it, to call a function "
            "with processes=True.",
            accepted="A script whose import only defines things.",
            fix="Put its calls below `if __name__ == '__main__':`, or the table into a module of "
            "its own.",
        )
