"""Dagster instances: opened by one process at a time, and a branch has one of its own.

So main's instance shows nothing that is not true of main.
"""

import fcntl
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING
from uuid import uuid4

import dagster as dg

from media_assets.errors import BranchRunError
from media_assets.file_keys import safe_segment
from media_assets.home import TEMPLATE, Home

if TYPE_CHECKING:
    from media_assets.installation import Installation


def branch_instance_folder(home: Home, branch: str) -> Path:
    """Returns the folder of a branch's Dagster instance on this machine."""
    return home.branches / safe_segment(branch)


def open_instance_of(folder: Path) -> dg.DagsterInstance:
    """Opens the Dagster instance of a folder, when no other command is opening it.

    Dagster makes the databases at the first opening, and fails where two make them at once.
    """
    turn = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(turn, fcntl.LOCK_EX)
        return dg.DagsterInstance.from_config(str(folder))
    finally:
        os.close(turn)


def open_branch_instance(home: Home, branch: str) -> dg.DagsterInstance:
    """Opens the Dagster instance of a branch, which has a database of its own in the home."""
    folder = branch_instance_folder(home, branch)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        staged = folder / f".{uuid4().hex}"  # another process may be opening it
        copyfile(TEMPLATE, staged)
        staged.replace(folder / "dagster.yaml")
    return open_instance_of(folder)


def check_instance(instance: dg.DagsterInstance, installation: "Installation") -> None:
    """Refuses a run that writes to a branch and would be recorded on main's instance.

    Raises:
        BranchRunError: It says how to run on the branch.
    """
    branch = installation.catalog.branch
    if branch is None or instance.is_ephemeral:
        return
    if Path(instance.root_directory) != branch_instance_folder(installation.home, branch):
        raise BranchRunError(branch)


def instance_of_assets(
    instance: dg.DagsterInstance, installation: "Installation"
) -> dg.DagsterInstance:
    """Returns the instance that knows the assets of others, whose values columns take: main's."""
    if installation.catalog.branch is None or instance.is_ephemeral:
        return instance
    return _instance_of(installation.home)


@cache
def _instance_of(home: Home) -> dg.DagsterInstance:
    return open_instance_of(home.folder)
