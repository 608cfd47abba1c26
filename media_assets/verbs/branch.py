"""Branches: made, listed and dropped; what a verb of main does not do on one."""

from collections.abc import Sequence
from dataclasses import dataclass
from getpass import getuser
from shlex import quote
from shutil import rmtree

from media_assets.amounts import amount
from media_assets.errors import OnBranchError
from media_assets.installation import Installation
from media_assets.instances import branch_instance_folder
from media_assets.records.branches import Branch, drop_branch, make_branch
from media_assets.verbs.report import Report


@dataclass(frozen=True, kw_only=True, repr=False)
class BranchMade(Report):
    """The report of a new branch.

    Attributes:
        branch: The branch.
    """

    branch: Branch

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        name = self.branch.name
        return (
            f"Made branch {name} of main as it is now. No file was copied.",
            f"To work on it: media-assets --branch {quote(name)} materialize TABLE",
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class BranchDropped(Report):
    """The report of a branch that was dropped.

    Attributes:
        name: Its name.
        files: How many files of the catalog were its own.
    """

    name: str
    files: int

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the report, the most important first."""
        files = amount(self.files, "file")
        return (
            f"Dropped branch {self.name}: {files} of the catalog deleted.",
            "Media that only it had are deleted by: media-assets gc",
        )


def new_branch(installation: Installation, name: str) -> BranchMade:
    """Makes a branch of main as it is now.

    Raises:
        OnBranchError: This is a branch already: there are none of branches.
        BranchNameError: The name cannot be used.
        BranchExistsError: There is such a branch.
        NoExclusiveCreateError: The storage cannot tell who was first.
    """
    why = "there is no branch of a branch"
    refuse_on_branch(installation, "`media-assets branch NAME`", why=why)
    return BranchMade(branch=make_branch(installation.catalog, name, made_by=user_name()))


def drop(installation: Installation, name: str) -> BranchDropped:
    """Deletes a branch with its runs on this machine; what it shares with main stays.

    Raises:
        OnBranchError: This is a branch.
        UnknownBranchError: There is none of this name.
    """
    refuse_on_branch(installation, "A drop of a branch", why="it may be the one in use")
    files = drop_branch(installation.catalog, name)
    rmtree(branch_instance_folder(installation.home, name), ignore_errors=True)
    return BranchDropped(name=name, files=files)


def refuse_on_branch(installation: Installation, what: str, *, why: str) -> None:
    """Refuses what is done on main alone.

    Raises:
        OnBranchError: This is a branch.
    """
    if (branch := installation.catalog.branch) is not None:
        raise OnBranchError(what, branch=branch, why=why)


def user_name() -> str:
    """Returns the name of the user, as far as this machine knows it."""
    try:
        return getuser()
    except (OSError, KeyError):  # a container without names
        return "unknown user"
