"""The code location of a project: which module or file holds its definitions, and loading it."""

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
        name: What was loaded, for errors.
        defs: All definitions that it holds, as one.
    """

    name: str
    defs: "dg.Definitions"

    @property
    def io_manager(self) -> object:
        """Its resource `media_io_manager`, None where there is none."""
        return (self.defs.resources or {}).get(IO_MANAGER_KEY)


def load_definitions(
    module_name: str | None = None,
    python_file: Path | None = None,
    *,
    folders: Sequence[Path] | None = None,
) -> LoadedDefinitions:
    """Loads a code location: by module, by file, or as a pyproject.toml names it.

    Args:
        module_name: The module.
        python_file: The file.
        folders: Where a pyproject.toml is looked for, upward from each; the working directory by
            default.

    Raises:
        LocationError: Nothing names one, it cannot be imported, or it holds no definitions.
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
"""The files whose code runs now; one that asks for itself would never end."""


def _call(lazy: Any) -> "dg.Definitions":  # noqa: ANN401  Dagster has no public name for it
    return cast("dg.Definitions", lazy())


def _load_file(path: Path) -> object:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LocationError(str(path), problem="is no Python file")
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
    """Reads `[tool.dg]`, else `[tool.dagster]`, of the nearest pyproject.toml upward."""
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
    raise LocationError(str(folders[0]), problem="has no pyproject.toml that names one")
