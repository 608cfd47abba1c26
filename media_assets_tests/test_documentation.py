"""The pages of docs/: complete, true to the command line, and built into a site of its own."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from media_assets.cli.main import cli
from media_assets.cli.verbs import VERBS
from media_assets.values import ColumnType
from media_assets_tests.catalogs import (
    catalog_of,
    commit,
    header,
    image,
    memory_root,
    record_rows,
    value,
)

PROJECT = Path(__file__).parents[1]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
COMMAND_LINE = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")
_LOADED = re.compile(
    r'<(?:script|img|iframe|source)[^>]*\ssrc="(https?:)?//|@import|url\("?https?:'
)
_LINKED = re.compile(r'<link[^>]*rel="(?!canonical)[^>]*href="(?:https?:)?//')


def verb(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


def blocks(page: Path, language: str) -> list[str]:
    pattern = rf"^```{language}\n(.*?)^```$"
    return re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands_shown() -> Iterator[tuple[str, str]]:
    """Each `media-assets ...` in a block of shell commands, with its page."""
    for page in PAGES:
        for block in blocks(page, "bash"):
            for line in block.replace("\\\n", " ").splitlines():
                found = re.search(
                    r"(?:^|\$\()\s*media-assets (?:--branch \w+ )?(.*?)(?:\s+\||$)", line
                )
                if found:
                    yield page.name, found.group(1)


def test_the_range_of_pythons_to_write_is_that_of_the_package() -> None:
    package = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    page = (PROJECT / "docs/your-own-project.md").read_text("utf-8")

    assert f"make it `{package['project']['requires-python']}`, the one line to change" in page


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_is_documented_with_all_its_options(name: str) -> None:
    everywhere = COMMAND_LINE.partition("## Everywhere")[2].partition("\n## ")[0]
    section = COMMAND_LINE.partition(f"\n### `{name}`\n")[2].partition("\n##")[0]
    options = [p for p in verb(name).params if isinstance(p, click.Option)]

    missing = [
        text
        for option in options
        for text in option.opts
        if not re.search(rf"^\|[^|]*`{text}`", everywhere + section, re.MULTILINE)
    ]
    unknown = set(re.findall(r"`(--[\w-]+)`", section)) - {o for p in options for o in p.opts}

    assert section, "document it in docs/command-line.md"
    assert (missing, unknown) == ([], set())


@pytest.mark.parametrize(("page", "shown"), list(commands_shown()))
def test_every_command_that_is_shown_can_be_understood(page: str, shown: str) -> None:
    name, *arguments = shlex.split(shown, comments=True)

    command = verb(name)

    assert command.make_context(name, arguments).params is not None, page


def test_every_query_that_is_shown_can_run() -> None:
    root = memory_root()
    record_rows(root, "p1", ["a"])
    commit(root, header("thumbnail"), [image("a", "/a.jpg")])
    commit(root, header("brightness", type=ColumnType.FLOAT, position=1), [value("a", "0.5")])
    record_rows(root, "p1", ["c.jpg/00320.webp"], table="shop/sizes")
    values = {"parent": ColumnType.STR, "format": ColumnType.STR, "width": ColumnType.INT}
    for name, kind in values.items():
        commit(root, header(name, table="shop/sizes", type=kind), [])
    catalog = catalog_of(root)

    shown = [query for page in PAGES for block in blocks(page, "sql") for query in block.split(";")]
    queries = [query for query in shown if query.strip()]

    assert len(queries) >= 3
    for query in queries:
        assert not catalog.sql(f"explain {query}").empty


def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(
    tmp_path: Path,
) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=PROJECT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "site").rglob("*.html")}
    assert {f"{page.stem}.html" for page in PAGES[1:]} <= pages.keys()
    assert [n for n, text in pages.items() if _LOADED.search(text) or _LINKED.search(text)] == []
    assert 'id="media_assets.MediaTable.computed_column"' in pages["reference.html"]
    assert 'id="media_assets.transforms.thumbnail"' in pages["reference.html"]
