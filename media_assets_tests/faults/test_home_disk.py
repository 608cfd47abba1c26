"""A disk below DAGSTER_HOME that is full or read-only is told in one sentence, by every verb."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets_tests.cli.verbs import write_project
from media_assets_tests.faults.short_home import READING, WRITING
from media_assets_tests.faults.test_limits import NAMESPACE
from media_assets_tests.photos import save_photos

FULL, READ_ONLY = "no space left on device", "read-only file system"


@pytest.mark.parametrize(
    ("how", "reason", "verbs"),
    [
        ("full", FULL, ("insert photos", "gallery photos")),
        pytest.param("full", FULL, (*READING, *WRITING), marks=pytest.mark.faults),
        pytest.param("read-only", READ_ONLY, (*READING, *WRITING), marks=pytest.mark.faults),
    ],
)
def test_verbs_that_cannot_write_say_so_in_one_sentence_and_work_when_they_can(
    how: str, reason: str, verbs: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    if subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("unshare may not do this here")
    project = write_project(tmp_path / "project.py")
    save_photos(tmp_path / "photos", 3)
    program = [sys.executable, "-m", "media_assets_tests.faults.short_home", how]
    program.append(",".join(verbs))

    done = subprocess.run(
        [*NAMESPACE, *program, home, project, tmp_path / "photos"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told: dict[str, tuple[int, str]] = json.loads(done.stdout)
    assert told.pop("mended") == [0, ""]
    assert [verb for verb in told if verb in READING and told[verb] != [0, ""]] == []
    frees_room = {"drop photos --yes"} if how == "full" else set[str]()
    for verb in told.keys() - {*READING} - frees_room:
        status, errors = told[verb]
        assert (verb, status, errors.count("\n")) == (verb, 1, 1)
        assert errors.startswith("Error: Could not "), verb
        assert reason in errors, verb
