"""The code location of a project: finding and loading its definitions."""

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from media_assets.errors import LocationError

if TYPE_CHECKING:
    import dagster as dg

IO_MANAGER_KEY = "media_io_manager"
"""The resource key of the IO manager."""


@dataclass(frozen=True, slots=True)
class LoadedDefinitions:
    """The definitions of a code location.

    Attributes:
        name: The module or file that was loaded.
        defs: All its definitions, merged.
    """

    name: str
    defs: "dg.Definitions"

    @property
    def io_manager(self) -> object:
        """The resource `media_io_manager`, or None."""
        return (self.defs.resources or {}).get(IO_MANAGER_KEY)


def load_definitions(
    module_name: str | None = None,
    python_file: Path | None = None,
    *,
    folders: Sequence[Path] | None = None,
) -> LoadedDefinitions:
    """Returns the definitions of a module, of a file, or of the module that pyproject.toml names.

    Args:
        module_name: The module.
        python_file: The file.
        folders: Where to look for a pyproject.toml, each with its parents; by default the working
            directory.

    Raises:
        LocationError: No code location is named, or it cannot be imported or has no definitions.
    """
    import dagster as dg  # noqa: PLC0415  slow to import

    folders = folders or [Path.cwd()]
    sys.path.insert(0, str(Path.cwd()))
    if python_file is not None:
        module_name = python_file.stem
        module = _load_file(python_file.resolve())
    else:
        module_name = module_name or _read_configured_module(folders)
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            raise LocationError(module_name, problem=f"cannot be imported: {error}") from error
    definitions = [v for v in vars(module).values() if isinstance(v, dg.Definitions)]
    definitions += [
        _call(v) for v in vars(module).values() if type(v).__name__ == "LazyDefinitions"
    ]
    if not definitions:
        raise LocationError(module_name, problem="holds no dg.Definitions")
    defs = definitions[0] if len(definitions) == 1 else dg.Definitions.merge(*definitions)
    return LoadedDefinitions(module_name, defs)


_loading: set[Path] = set()
"""The files that are being loaded; one that loads itself would never end."""


def _call(lazy: Any) -> "dg.Definitions":  # noqa: ANN401  the type is private to Dagster
    return cast("dg.Definitions", lazy())


def _load_file(path: Path) -> object:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LocationError(str(path), problem="is not a Python file")
    if path in _loading:
        raise LocationError(str(path), problem="needs its own credentials while it is loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    _loading.add(path)
    try:
        spec.loader.exec_module(module)
    finally:
        _loading.discard(path)
    return module


def _read_configured_module(folders: Sequence[Path]) -> str:
    """Returns the module named in `[tool.dg]` or `[tool.dagster]` of the nearest pyproject.toml."""
    for parent in (parent for folder in folders for parent in (folder, *folder.parents)):
        if (path := parent / "pyproject.toml").is_file():
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            tools = cast("dict[str, dict[str, Any]]", content.get("tool", {}))
            project = cast("dict[str, str]", tools.get("dg", {}).get("project", {}))
            module = project.get("code_location_target_module")
            if module is None and "root_module" in project:
                module = f"{project['root_module']}.definitions"
            module = module or tools.get("dagster", {}).get("module_name")
            if module is not None:
                sys.path.insert(0, str(parent))
                return module
    raise LocationError(str(folders[0]), problem="has no pyproject.toml that names a module")
