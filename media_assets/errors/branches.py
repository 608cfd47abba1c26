"""Errors of branches of the catalog."""

from collections.abc import Iterable

from media_assets.errors.base import MediaAssetsError


class UnknownBranchError(MediaAssetsError, LookupError):
    """A branch that the catalog does not have."""

    def __init__(self, name: str, *, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known))
        super().__init__(
            f"The catalog has no branch {name!r}.",
            accepted=f"Its branches: {names}." if names else "A branch that was made before.",
            fix=f"Make it: media-assets branch {name}. Or list the branches: media-assets branch",
        )


class BranchNameError(MediaAssetsError, ValueError):
    """A text that cannot be the name of a branch."""

    def __init__(self, name: str, *, problem: str) -> None:
        super().__init__(
            f"{name!r} cannot be the name of a branch: it {problem}. Nothing was made.",
            accepted="Up to 100 letters, digits, '-', '_', '.', '/' and so on, beginning with a "
            "letter or digit, without spaces at the ends, such as blur or feature/blur.",
            fix="Give it another name.",
        )


class BranchExistsError(MediaAssetsError, FileExistsError):
    """A branch that is to be made and exists."""

    def __init__(self, name: str, *, problem: str) -> None:
        super().__init__(
            f"Branch {name!r} {problem}. Nothing was changed.",
            accepted="A name that no branch has.",
            fix=f"Use it as it is: media-assets --branch {name} ... Or drop it first: "
            f"media-assets branch {name} --drop",
        )


class BranchBaseCollectedError(MediaAssetsError, LookupError):
    """A branch whose files of main are gone."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(
            f"Branch {name!r} cannot be read: a file of main that it began with is gone: {path}.",
            accepted="A branch whose base is kept. gc keeps it; a drop of the table does not.",
            fix=f"Drop it, and make it again: media-assets branch {name} --drop",
        )


class BranchRemadeError(MediaAssetsError, LookupError):
    """A branch that was dropped and made again while it was open."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Branch {name!r} was dropped and made again since it was opened here.",
            accepted="A branch that is opened after it was made.",
            fix="Open the catalog again, or start this process again.",
        )


class OnBranchError(MediaAssetsError, ValueError):
    """A command that works on main alone, given on a branch."""

    def __init__(self, what: str, *, branch: str, why: str) -> None:
        super().__init__(
            f"{what} works on main, and this is branch {branch!r}: {why}. Nothing was changed.",
            accepted="No branch: neither --branch nor MEDIA_ASSETS_BRANCH.",
            fix="Give the command without it.",
        )


class BranchRunError(MediaAssetsError, RuntimeError):
    """A run of a branch that would be recorded on main's Dagster instance."""

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"This run would write to branch {branch!r}, and main's Dagster instance would show "
            "its results as main's. Nothing was made.",
            accepted="Runs that media-assets starts on the branch, on the branch's own instance.",
            fix=f"Unset MEDIA_ASSETS_BRANCH here, and run: media-assets --branch {branch} "
            "materialize TABLE",
        )


class BranchInUseError(MediaAssetsError, ValueError):
    """A table that is to be dropped, and that branches still read."""

    def __init__(self, table: str, *, branches: Iterable[str]) -> None:
        names = list(branches)
        super().__init__(
            f"Table {table!r} is read by branches: {', '.join(names)}. Nothing was deleted.",
            accepted="A table that no branch has.",
            fix=f"Ship or drop them first: media-assets branch {names[0]} --drop",
        )
