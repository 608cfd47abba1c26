"""Dagster instances that several commands open."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from media_assets.instances import open_instance_of


def is_locked(folder: Path) -> bool:
    other = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(other)
    return False


def test_one_command_at_a_time_opens_an_instance_and_so_makes_its_databases(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "dagster.yaml")  # who opens the instance waits for what it says

    with ThreadPoolExecutor(1) as commands:
        opening = commands.submit(open_instance_of, tmp_path)
        with (tmp_path / "dagster.yaml").open("w") as settings:
            locked_meanwhile = is_locked(tmp_path)
            settings.write("telemetry: {enabled: false}")
        with opening.result() as instance:
            assert instance.get_runs_count() == 0

    assert locked_meanwhile
    assert not is_locked(tmp_path)
