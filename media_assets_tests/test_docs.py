"""What README.md and docs/ show is run: Python as it stands, shell commands in a copy."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest

import media_assets
from media_assets.home import CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE
from media_assets.io_manager import MediaIOManager
from media_assets.sample_photos import make_sample_photos
from media_assets.tables.assets import table_assets
from media_assets.tables.reads import parts_read
from media_assets.tables.row_values import update_values
from media_assets.tables.table import MediaTable
from media_assets_tests.automation.deployment import free_port, served
from media_assets_tests.faults import torture
from media_assets_tests.media.pdfs import make_pdf
from media_assets_tests.media.sounds import make_audio
from media_assets_tests.media.videos import make_video
from media_assets_tests.runs import catalog, insert, inserted
from media_assets_tests.steps import run_step

PROJECT = Path(__file__).parents[1]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
OUR_MODEL = "async def describe(image):\n    return f'{image.width} pixels wide'\n"
"""What the README's reader has in `captions.py`."""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """The code of a page in one language, in order."""
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [code for name, code in found if name == language]


def executed(code: str, path: Path, names: dict[str, object]) -> None:
    """Runs a block from a file, where the source of its functions can be read."""
    path.write_text(code)
    exec(compile(code, str(path), "exec"), names)  # noqa: S102  our own pages


def tables(names: Mapping[str, object], *, need_dagster: bool) -> list[MediaTable]:
    """The tables whose columns take values of assets or resources, or all others."""
    found = [value for value in names.values() if isinstance(value, MediaTable)]
    return [
        table
        for table in found
        if any(c.ins or c.resources for c in table.computed_columns) is need_dagster
    ]


def give_values(table: MediaTable) -> None:
    """Gives all rows of a table that has row values some."""
    given = {name: None if value.is_nullable else "mug" for name, value in table.values.items()}
    if given:
        rows = catalog().sql(f"select row from {table.name}")["row"]  # noqa: S608  our own pages
        update_values(MediaIOManager().installation, table, dict.fromkeys(rows, given))


def make_uploads(folder: Path) -> Path:
    """A folder with three photos, and with a file of each other kind."""
    make_sample_photos(folder, 3, size=(160, 120))
    make_video(folder / "walk.mp4", seconds=2.0, with_audio=True)
    make_video(folder / "silent.webm", codec="vp9")
    make_audio(folder / "talk.mp3")
    (folder / "paper.pdf").write_bytes(make_pdf(2))
    return folder


def fill(names: Mapping[str, object], uploads: Path) -> None:
    """Inserts the files of its kind into every table that takes any, and runs all its columns."""
    for table in tables(names, need_dagster=False):
        is_of_batches = table.partitions_name == f"media_assets/{table.name}"
        if table.uploads is None and is_of_batches and table.splitting is None:
            for partition in insert(table, uploads):
                give_values(table)
                run_whole(table, partition)


def run_whole(table: MediaTable, partition: str) -> None:
    """Runs all columns of a table in a partition, and of those derived from it, without errors."""
    of_parts = [column for column in table.columns if parts_read(table, column)]
    if table.derived:
        first = tuple(column.name for column in table.columns if column not in of_parts)
        run_step(table, partition, first)
    for derived in table.derived.values():
        run_whole(derived, partition)
    outputs = run_step(table, partition)
    assert [error for o in outputs for error in o.committed.manifest.errors] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_python_block_runs(
    page: Path, instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = make_uploads(tmp_path / "photos")
    names: dict[str, object] = {"__name__": page.stem}
    if page.name == "README.md":
        (tmp_path / "captions.py").write_text(OUR_MODEL)
        monkeypatch.syspath_prepend(tmp_path)

    for number, code in enumerate(blocks(page, "python")):
        own = re.sub(r'"/(tmp|data)/', rf'"{tmp_path}/\1/', code)
        if page.name == "README.md":
            own = own.replace('"s3://my-bucket/', f'"{tmp_path}/my-bucket/')
        executed(own, tmp_path / f"block_{number}.py", names)
        fill(names, uploads)

    alone = [a for a in names.values() if isinstance(a, dg.AssetsDefinition)]
    alone = [asset for asset in alone if asset.partitions_def is None]
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    defs = names.get("defs")
    given = (defs.resources or {}) if isinstance(defs, dg.Definitions) else {}
    resources = {**given, "media_io_manager": MediaIOManager()}
    result = dg.materialize(alone, instance=instance, resources=resources, run_config=quiet)
    assert result.success
    for table in tables(names, need_dagster=True):
        partition = inserted(instance, table, tmp_path / "photos")
        result = dg.materialize(
            [table_assets(table), *alone],
            selection=dg.AssetSelection.groups(table.group_name),
            instance=instance,
            partition_key=partition,
            resources=resources,
            run_config=quiet,
        )
        assert result.success


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's files as git would take them, with the environment that is there."""
    folder = tmp_path / "copy"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    (folder / ".venv").symlink_to(PROJECT / ".venv")
    return folder


@pytest.mark.timeout(600)
def test_the_readmes_commands_run_as_they_stand(copy: Path) -> None:
    install, demo, dev, verbs = blocks(PROJECT / "README.md", "bash")
    assert (demo, dev) == ("make demo\n", "make dev\n")
    # A test below runs it, and `make test-pythons` with the wheel.
    assert install == blocks(PROJECT / "docs" / "quickstart.md", "bash")[0]
    # The environment is the caller's: whatever the stamp says, nothing is installed into it.
    demo = demo.replace("make", "make --silent --old-file=.venv/.installed")
    script = f"{demo}\necho '== next =='\n{demo}\necho '== next =='\n{verbs}"

    of_the_caller = {"DAGSTER_HOME", CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE}
    clean = {name: value for name, value in os.environ.items() if name not in of_the_caller}
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=copy,
        env={**clean, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    first, second, shown = finished.stdout.split("== next ==\n")
    assert "Inserted 24 rows with 0 errors" in first
    assert re.search(r"\b[1-9]\d+ cells made, 0 reused", first)
    assert re.search(r"\b0 cells made, [1-9]\d+ reused", second)
    assert "24 unchanged" in shown
    assert "local storage" in shown
    assert "brightness" in shown
    assert (copy / "media/catalog/photos").is_dir()


@pytest.mark.timeout(600)
def test_the_quickstarts_commands_run_as_they_stand(tmp_path: Path) -> None:
    page = PROJECT / "docs" / "quickstart.md"
    begin, with_uv, dev, materialize, insert_own, place, ask, _ = blocks(page, "bash")
    install, *first = begin.splitlines()
    assert install == "pip install media-assets dagster-dg-cli"
    assert dev == "dg dev\n"
    assert [line.removeprefix("uv run ") for line in with_uv.splitlines()[1:]] == first[1:]
    table = tmp_path / "column.py"
    table.write_text(blocks(page, "python")[0])
    for path in make_sample_photos(tmp_path / "Pictures", 4, size=(160, 120)):
        path.rename(path.with_stem(f"own-{path.stem}"))
    edit = f"cp {table} my_photos/defs/photos.py"
    place = place.replace("/tmp/", f"{tmp_path}/")  # noqa: S108  the page's
    script = "\n".join([*first, edit, materialize, insert_own, place, ask])

    of_the_caller = {"DAGSTER_HOME", CATALOG_VARIABLE, INPUT_VARIABLE, OUTPUT_VARIABLE}
    clean = {name: value for name, value in os.environ.items() if name not in of_the_caller}
    # A PATH without a browser, so that none is opened.
    (tmp_path / "bin").mkdir()
    for name in ("bash", "cp"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**clean, "HOME": str(tmp_path), "PATH": f"{PROJECT}/.venv/bin:{tmp_path}/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Inserted 2 rows with 0 errors" in finished.stdout
    assert "Inserted 4 rows with 0 errors" in finished.stdout
    assert f"{tmp_path}/processed/" in finished.stdout


def test_make_dev_serves_the_ui_and_prints_no_warning(copy: Path) -> None:
    port = free_port()
    command = ["make", "--silent", "--old-file=.venv/.installed", "dev", f"DEV_ARGS=--port {port}"]
    clean = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}

    with served(command, port, copy, clean) as deployment:
        printed = deployment.printed()

    # What the daemon says of an instance on its first day has a level and a time before it.
    plain = [line for line in printed.splitlines() if " - dagster" not in line]
    assert [line for line in plain if "warning" in line.lower()] == []


def test_the_readmes_figures_are_those_that_were_measured() -> None:
    claims = (PROJECT / "README.md").read_text("utf-8").partition("## What you can rely on")[2]
    claims = claims.partition("\n## ")[0]
    pages = [PROJECT / "docs" / name for name in ("performance.md", "reliability.md")]
    measured = "".join(page.read_text("utf-8") for page in pages)

    figures = re.findall(r"\b\d+[.,]\d+\b|\b\d+ [GM]B", claims)

    assert len(figures) >= 5
    assert [figure for figure in figures if figure not in measured] == []
    assert f"{torture.KILLS} kills at random moments, {torture.SHARE * 100:.0f} %" in claims


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text("utf-8").splitlines()) < 200


def test_every_page_that_is_named_is_there() -> None:
    examples = (PROJECT / "examples").glob("*/README.md")
    missing = [
        f"{page.name}: {target}"
        for page in [*PAGES, PROJECT / "CONTRIBUTING.md", *examples]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert missing == []


def test_every_test_that_the_guarantees_name_is_there() -> None:
    tests = PROJECT / "media_assets_tests"
    page = (PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]*(?:test_\w+\.py|\w/))`", page)
    places = (PROJECT, tests, tests / "faults")
    code = "\n".join(path.read_text(encoding="utf-8") for path in tests.rglob("test_*.py"))

    assert [
        k for k in re.findall(r"`-k (\w+)`", page) if not re.search(rf"def test_\w*{k}", code)
    ] == []
    assert [name for name in named if not any((at / name).exists() for at in places)] == []
    assert len(named) > 40


def test_the_glossary_holds_each_public_name_and_each_folder() -> None:
    glossary = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    package = Path(media_assets.__file__).parent
    folders = {
        f"`{path.parent.relative_to(package)}/`"
        for path in package.rglob("__init__.py")
        if path.parent != package and package / "project_template" not in path.parents
    }

    assert [name for name in media_assets.__all__ if f"`{name}`" not in glossary] == ["testing"]
    assert sorted(folder for folder in folders if folder not in glossary) == []


def test_every_file_and_name_that_contributors_are_led_to_is_in_the_code() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    glossary = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    places, _, rest = page.partition("## Where things are")[2].partition("## Three walks")
    walks = rest.partition("## Habits")[0]
    package = Path(media_assets.__file__).parent
    paths = [*package.rglob("*.py"), *(PROJECT / "media_assets_tests").rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    endings = "\n".join(f"{path}\n" for path in paths)

    rows = "".join(line for line in places.splitlines() if line.startswith("|"))
    modules = [name.rstrip("/") for name in re.findall(r"`([a-z_/]+)`", rows)]
    files = re.findall(r"`([\w/]+\.py)`", walks + glossary)
    names = re.findall(r"`(?:\w+\.)?(\w+)`", walks)

    assert [m for m in modules if not list(package.glob(m)) + list(package.glob(f"{m}.py"))] == []
    assert [f for f in files if "NAME" not in f and f"/{f}\n" not in endings] == []
    assert [n for n in names if n != "NAME" and not re.search(rf"\b{n}\b", code)] == []
    assert len(files) > 40
