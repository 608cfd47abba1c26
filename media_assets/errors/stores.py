"""Errors of storage: missing, refused or out of reach."""

from media_assets.errors.base import MediaAssetsError


class StoredFileMissingError(MediaAssetsError, FileNotFoundError):
    """A file that a store does not hold."""

    def __init__(self, fileurl: str) -> None:
        """Takes the fileurl."""
        super().__init__(
            f"There is no file {fileurl}.",
            accepted="Only a file that was stored and not deleted since can be read.",
            fix="Put it back if somebody moved it, or make it again: media-assets verify TABLE "
            "shows what is gone, and the command for it.",
        )


class StoredFileRefusedError(MediaAssetsError, PermissionError):
    """A file that its storage holds and does not give: what is wrong is wrong with this file.

    Attributes:
        reason: What the storage said.
        is_local: Whether it is a file of this machine.
    """

    def __init__(self, fileurl: str, *, action: str, reason: str, is_local: bool = False) -> None:
        """Takes the file, what was tried (`"read"`), and what its storage or machine said."""
        accepted = (
            "A file that these credentials may read, that is not archived and not encrypted with "
            "a key that the storage asks for."
        )
        fix = "Restore it from its archive, grant access to it and to its key, or upload it again"
        if is_local:
            accepted = "A file that the user of this process may read, below folders that it may."
            fix = "Grant this user the right to read it (chmod, chown), or upload it again"
        super().__init__(
            f"Could not {action} {fileurl}: {reason}.",
            accepted=accepted,
            fix=f"{fix}; then materialize its row again.",
        )
        self.reason, self.is_local = reason, is_local


class LinkChangedError(MediaAssetsError, PermissionError):
    """A path that leads through a link to another file than the one that was found there."""

    def __init__(self, fileurl: str) -> None:
        """Takes the fileurl."""
        super().__init__(
            f"{fileurl} leads through a link, and not to the file that was found there.",
            accepted="What a link leads to is read as it was when it was recorded.",
            fix="Scan the uploads or insert the file again, or let the link lead where it led.",
        )


class FileExistsInStoreError(MediaAssetsError, FileExistsError):
    """A file that should be new and is there already; it is untouched."""

    def __init__(self, fileurl: str) -> None:
        """Takes the fileurl."""
        super().__init__(
            f"File {fileurl} exists already.",
            accepted="A file that is created once cannot be created again.",
            fix="Read what is there, and take the next name.",
        )


class StoreFaultError(MediaAssetsError, OSError):
    """The storage as a whole failed, through no fault of one file: a run stops at once."""

    def __init__(self, fileurl: str, *, action: str, reason: str, fix: str | None = None) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            f"Could not {action} {fileurl}: {reason}.",
            accepted="The storage has to exist, be reachable, and grant reading and writing.",
            fix=fix or "Repair the storage or choose another destination, then run again.",
        )


class StoreDeniedError(StoreFaultError, PermissionError):
    """The storage refused access."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=reason,
            fix="Grant this user or these credentials access there, or choose another destination.",
        )


class StoreFullError(StoreFaultError):
    """The storage has no room for the file."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=reason,
            fix="Make room (`media-assets gc` removes files that nothing names), or choose another "
            "destination.",
        )


class HistoryFaultError(StoreFaultError):
    """The disk does not let Dagster write its history."""

    def __init__(self, folder: str, *, reason: str) -> None:
        """Takes DAGSTER_HOME, and what the disk said."""
        super().__init__(
            f"Dagster's history in {folder}",
            action="write",
            reason=reason,
            fix="Make room on that disk, or let this user write there, then run again; a "
            "DAGSTER_HOME elsewhere has a history of its own.",
        )


class BucketMissingError(StoreFaultError):
    """There is no bucket or container of that name."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the bucket does not exist ({reason})",
            fix="Create the bucket, or correct its name; in Azure it is called a container.",
        )


class CredentialsMissingError(StoreFaultError):
    """Nobody gave the credentials that a request takes."""

    def __init__(self, fileurl: str, *, action: str, reason: str, fix: str | None = None) -> None:
        """Takes the file in question, what was tried, what is missing, and how to give it."""
        super().__init__(
            fileurl,
            action=action,
            reason=reason,
            fix=fix or "Give credentials to the provider's resource, or log in with its tools.",
        )


class CredentialsRefusedError(StoreFaultError, PermissionError):
    """The storage does not know the key, or the secret or token is not its own."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the key, secret or token is wrong or has expired ({reason})",
            fix="Correct the credentials of the provider's resource, or make new ones.",
        )


class WrongRegionError(StoreFaultError):
    """The bucket is in another region than the one that was asked."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the bucket is in another region ({reason})",
            fix="Set the bucket's region: `region_name` of the S3Resource, or AWS_REGION, or the "
            "https address of the bucket, which names it.",
        )


class ClockSkewError(StoreFaultError):
    """This machine's clock is too far off for a signature to be valid."""

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what the storage said."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"this machine's clock differs too much from the storage's ({reason})",
            fix="Set the clock right, for example: timedatectl set-ntp true",
        )


class StoreUnreachableError(StoreFaultError, ConnectionError):
    """The server does not answer.

    Attributes:
        was_asked_again: Whether the request was made several times before this was raised.
    """

    was_asked_again = False

    def __init__(self, fileurl: str, *, action: str, reason: str) -> None:
        """Takes the file in question, what was tried (`"write"`), and what went wrong."""
        super().__init__(
            fileurl,
            action=action,
            reason=f"the server cannot be reached ({reason})",
            fix="Check the server's address and port, the network, the proxy and the firewall.",
        )


class NoExclusiveCreateError(StoreFaultError):
    """The storage lets a second writer create what the first one has created."""

    def __init__(self, fileurl: str) -> None:
        """Takes the file that was created twice."""
        super().__init__(
            fileurl,
            action="keep a catalog at",
            reason="the storage ignores If-None-Match, so two runs could claim one manifest",
            fix="Choose another storage for the catalog, by MEDIA_ASSETS_CATALOG for example.",
        )
