"""A version's place in pyproject.toml and CHANGELOG.md: written by `make release`, then checked.

`python -m media_assets_tests.release.version check VERSION [REPOSITORY]` compares, as the workflow
that publishes a tag does; `cut VERSION` writes. Both name what is wrong, and what to do.
"""

import re
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).parents[2]
_VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
_UNRELEASED = "## [Unreleased]\n"


def cut(folder: Path, version: str) -> None:
    """Gives what is unreleased this version and today's date; leaves a version that is cut."""
    changelog, project = folder / "CHANGELOG.md", folder / "pyproject.toml"
    text = changelog.read_text("utf-8")
    if not _unreleased(text) and not problems(folder, version):
        return
    if problem := _cannot_be_cut(text, version):
        sys.exit(problem)
    today = datetime.now(UTC).date().isoformat()
    before, _, after = text.partition(_UNRELEASED)
    changelog.write_text(f"{before}{_UNRELEASED}\n## [{version}] - {today}\n{after}", "utf-8")
    declared = project.read_text("utf-8")
    project.write_text(
        re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', declared, count=1), "utf-8"
    )


def _cannot_be_cut(changelog: str, version: str) -> str | None:
    if not _VERSION.fullmatch(version):
        return f"{version!r} is not a version. Write it like 0.2.0, or 0.2.0rc1."
    if f"## [{version}]" in changelog:
        return f"CHANGELOG.md has {version} already. Take the next number."
    if not _unreleased(changelog):
        return "Nothing is unreleased: CHANGELOG.md has no line under Unreleased."
    return None


def _unreleased(changelog: str) -> str:
    return changelog.partition(_UNRELEASED)[2].partition("\n## [")[0].strip()


def problems(folder: Path, version: str, repository: str | None = None) -> list[str]:
    """What keeps a version from being published from this folder."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (folder / "CHANGELOG.md").read_text("utf-8")
    found: list[str] = []
    if project["version"] != version:
        found.append(f"pyproject.toml has version {project['version']}, not {version}")
    if not re.search(rf"(?m)^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog):
        found.append(f"CHANGELOG.md has no line like '## [{version}] - 2026-01-31'")
    homepage = project["urls"]["Homepage"]
    if repository is not None and homepage != repository:
        found.append(f"[project.urls] names {homepage}, but this is {repository}")
    return found


def main(arguments: list[str]) -> None:
    match arguments:
        case ["cut", version]:
            cut(PROJECT, version)
        case ["check", version, *repository]:
            if found := problems(PROJECT, version, next(filter(None, repository), None)):
                sys.exit("Not ready: " + "; ".join(found) + ".")
        case _:
            sys.exit("Give the version: make release VERSION=0.2.0.")


if __name__ == "__main__":
    main(sys.argv[1:])
