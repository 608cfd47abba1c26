"""The package is a building: a file imports only from floors below its own, or its own package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import media_assets

PACKAGE = Path(media_assets.__file__).parent

FLOORS = [
    [
        "amounts",
        "column_types",
        "file_facts",
        "function_source",
        "interactive",
        "loaders",
        "machine",
        "masking",
        "spellings",
        "threads",
        "temporary_folder",
    ],
    [
        *["errors", "pixels", "concurrency", "progress", "run_processes"],
        *["sample_photos", "interruption", "arrays", "standard_error", "file_handle"],
    ],
    [
        *["destinations", "file_keys", "values", "home", "partition_keys"],
        *["settings_file", "code_location", "pool_slots", "row_value", "optional_packages"],
    ],
    ["limits", "row_templates"],
    [
        *["fetch", "code_versions", "cache", "settings", "location_note", "addresses"],
        *["images", "documents", "upload_folders", "object_options", "publishing"],
    ],
    ["containers", "public_urls"],
    ["audio"],
    ["video"],
    ["media_types", "transforms"],
    ["stores", "columns", "row_names", "partitioning"],
    ["probe", "storage_sources", "credentials", "noted_credentials", "split"],
    ["local_reading"],
    ["part_files", "remote_reading"],
    ["reading", "resources", "records"],
    ["installation", "globals_in_force"],
    ["uploads", "urls", "thumbnails", "opened_files", "instances"],
    ["parts"],
    ["media_column", "exports", "pipeline", "upkeep", "metadata", "preview"],
    ["catalog", "fan_out"],
    ["standalone_assets", "gallery", "made_column"],
    ["io_manager"],
    ["tables", "testing"],
    ["automation", "new_project"],
    ["build", "trials"],
    ["branches"],
    ["verbs"],
    ["photos"],
    ["definitions", "cli", "components"],
    ["__main__", "project_template"],
]
"""Lowest first. Files of one floor know nothing of each other."""

CLOUD = {
    "av",
    "azure",
    "boto3",
    "botocore",
    "dagster_aws",
    "dagster_azure",
    "dagster_gcp",
    "google",
}
FILES = sorted(PACKAGE.rglob("*.py"))
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def unit_of(path: Path) -> str:
    """The file or folder directly below the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path, *, at_module_level: bool = False) -> Iterator[str]:
    """Yields the full name of every module, or of what is taken from it, that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = _run_at_import(tree) if at_module_level else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run_at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Yields what runs when a module is imported: neither functions nor `if TYPE_CHECKING`."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        waiting += [] if is_for_types else list(ast.iter_child_nodes(node))


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_file_of_the_package_stands_on_one_floor() -> None:
    units = {unit_of(path) for path in FILES} - {"__init__"}
    on_floors = [name for names in FLOORS for name in names]

    assert units - set(on_floors) == set(), "put these on a floor of FLOORS"
    assert set(on_floors) - units == set(), "these are gone: take them off their floors"
    assert len(on_floors) == len(set(on_floors))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_imports_only_from_floors_below_its_own(path: Path) -> None:
    own = unit_of(path)
    wrong = [
        name
        for name in imports_of(path)
        if name.startswith("media_assets.")
        and (unit := name.split(".")[1]) != own
        and own != "__init__"
        and FLOOR_OF[unit] >= FLOOR_OF[own]
    ]

    assert wrong == []


def test_no_file_turns_annotations_into_strings() -> None:
    assert [named(path) for path in FILES if "__future__.annotations" in imports_of(path)] == []


def test_nothing_private_to_dagster_is_imported() -> None:
    private = {
        f"{named(path)}: {name}"
        for path in FILES
        for name in imports_of(path)
        if name.startswith(("dagster._", "dagster_shared"))
    }

    assert private == set()


def test_no_thread_of_the_package_keeps_a_process_from_ending() -> None:
    waiting = {
        f"{named(path)}: {name}"
        for path in FILES
        for name in imports_of(path)
        if name.endswith((".ThreadPoolExecutor", ".ProcessPoolExecutor", "concurrent.futures"))
    }

    assert waiting == set(), "use media_assets.threads"


def test_cloud_sdks_are_imported_by_the_functions_that_need_them() -> None:
    early = {
        f"{named(path)}: {name}"
        for path in FILES
        for name in imports_of(path, at_module_level=True)
        if name.split(".")[0] in CLOUD
    }

    assert early == set()


def test_transforms_know_neither_dagster_nor_storage() -> None:
    for path in (path for path in FILES if unit_of(path) in {"pixels", "transforms"}):
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert roots & {"dagster", "obstore", "pyarrow", "duckdb"} == set()


def test_the_pipeline_knows_no_dagster_and_no_table() -> None:
    for path in (path for path in FILES if unit_of(path) == "pipeline"):
        names = set(imports_of(path))
        assert not {name for name in names if name.split(".")[0] == "dagster"}
        assert not {name for name in names if name.startswith("media_assets.tables.table")}
