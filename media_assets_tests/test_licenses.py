"""Licenses of what is installed with the package: permissive for all, and told for each extra."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement

from media_assets_tests.conftest import PROJECT

DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [name for name in DECLARED["optional-dependencies"] if name != "all"]
FAMILIES = {
    "Apache-2.0": r"apache",
    "BSD": r"bsd",
    "GPL": r"(?<!lesser )(?<!l)\bgpl|gnu general",
    "LGPL": r"lgpl",
    "MIT": r"\bmit\b(?!-cmu)",
    "MIT-CMU": r"mit-cmu",
    "MPL-2.0": r"mpl|mozilla",
    "PSF": r"psf|python software foundation",
}
"""How the names of licenses are written in metadata, in lower case."""
PERMISSIVE = {"Apache-2.0", "BSD", "MIT", "MIT-CMU", "PSF"}
FOR_UNCHANGED_FILES = {"certifi": {"MPL-2.0"}, "tqdm": {"MPL-2.0"}}
"""What may be passed on as it is; a change to such a file would have to be published."""
COPYLEFT_LIBRARIES = re.compile(r"x264|x265|libde265|libheif|libfdk|xvid|libpostproc")


def licenses_of(found: Distribution) -> set[str]:
    """The families of licenses that a distribution declares."""
    meta = found.metadata
    classifiers = [c for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    told = "; ".join(meta.get_all("License-Expression") or classifiers)
    if not any(re.search(family, told.lower()) for family in FAMILIES.values()):
        told = "; ".join(meta.get_all("License") or [])[:100]  # some hold the whole text
    return {name for name, text in FAMILIES.items() if re.search(text, told.lower())}


def brought_by(requirements: list[str]) -> Iterator[Distribution]:
    """Every distribution that requirements lead to on this machine."""
    waiting = [(Requirement(text), "") for text in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in {"", *requirement.extras}:
            if (requirement.name.lower(), wanted) in seen:
                continue
            seen.add((requirement.name.lower(), wanted))
            found = distribution(requirement.name)
            yield found
            waiting += [(Requirement(text), wanted) for text in found.requires or []]


def test_base_dependencies_are_permissive() -> None:
    found = list(brought_by(DECLARED["dependencies"]))

    odd = {
        each.name: licenses_of(each)
        for each in found
        if not licenses_of(each)
        or licenses_of(each) - PERMISSIVE - FOR_UNCHANGED_FILES.get(each.name, set())
    }

    assert odd == {}
    assert {"dagster", "duckdb", "pillow", "pyarrow"} <= {each.name for each in found}


def test_base_dependencies_contain_no_library_under_the_gpl() -> None:
    contained = {
        f"{each.name}: {file.name}"
        for each in brought_by(DECLARED["dependencies"])
        for file in each.files or []
        if COPYLEFT_LIBRARIES.search(file.name) and ".so" in file.name
    }

    assert contained == set()


@pytest.mark.parametrize("extra", ["", *EXTRAS])
def test_the_page_names_the_licenses_of_each_extra(extra: str) -> None:
    page = (PROJECT / "docs" / "licenses.md").read_text("utf-8")
    label = f"`[{extra}]`" if extra else "`media-assets`"
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {label} |")]
    named = set(row.split("|")[2].strip().split(", "))
    base = {each.name for each in brought_by(DECLARED["dependencies"])}
    wanted = DECLARED["optional-dependencies"][extra] if extra else DECLARED["dependencies"]

    try:
        brought = [each for each in brought_by(wanted) if not extra or each.name not in base]
    except PackageNotFoundError as error:
        pytest.fail(f"{error} is not installed")

    found = set[str]().union(*(licenses_of(each) for each in brought))
    assert named == found, {each.name: licenses_of(each) for each in brought}
    holds_gpl = any(
        re.search("x26[45]", file.name) for each in brought for file in each.files or []
    )
    assert ("(GPL)" in row or "under the GPL" in row) == holds_gpl
