"""Cutting a release: the changelog and the version agree, or it is said why not."""

from pathlib import Path

import pytest

from media_assets_tests.release.version import cut, problems

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Something.

## [0.1.0] - 2026-11-28

### Added

- The first.
"""
PROJECT = """[project]
version = "0.1.0"
requires-python = ">=3.11"

[project.urls]
Homepage = "https://example.com/a/b"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def test_a_cut_release_is_ready_and_leaves_nothing_unreleased(folder: Path) -> None:
    cut(folder, "0.2.0")

    text = (folder / "CHANGELOG.md").read_text()
    assert problems(folder, "0.2.0", "https://example.com/a/b") == []
    assert text.index("[Unreleased]") < text.index("[0.2.0]") < text.index("- Something.")
    with pytest.raises(SystemExit, match="Nothing is unreleased"):
        cut(folder, "0.3.0")


def test_a_version_that_is_cut_stays_as_it_is(folder: Path) -> None:
    cut(folder, "0.2.0")
    before = (folder / "CHANGELOG.md").read_text()

    cut(folder, "0.2.0")

    assert (folder / "CHANGELOG.md").read_text() == before


@pytest.mark.parametrize(
    ("version", "told"), [("next", "is not a version"), ("0.1.0", "has 0.1.0 already")]
)
def test_what_cannot_be_cut_changes_nothing(folder: Path, version: str, told: str) -> None:
    with pytest.raises(SystemExit, match=told):
        cut(folder, version)

    assert (folder / "CHANGELOG.md").read_text() == CHANGELOG
    assert (folder / "pyproject.toml").read_text() == PROJECT


def test_a_tag_of_another_version_or_repository_is_not_published(folder: Path) -> None:
    assert len(problems(folder, "0.2.0", "https://example.com/fork/b")) == 3
