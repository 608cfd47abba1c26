"""Errors of storage: files that are missing or refused, and storages that fail as a whole."""

from typing import ClassVar

from media_assets.errors.base import MediaAssetsError


class StoredFileMissingError(MediaAssetsError, FileNotFoundError):
    """A file that a store does not hold."""

    def __init__(self, fileurl: str) -> None:
        super().__init__(
            f"There is no file {fileurl}.",
            accepted="A file can be read once it was stored, until it is deleted.",
            fix="Put it back if it was moved, or make it again: media-assets verify TABLE lists "
            "missing files and prints the command that makes them.",
        )


class StoredFileRefusedError(MediaAssetsError, PermissionError):
    """A file that exists and cannot be read, for a reason that concerns this file alone.

    Attributes:
        reason: What the storage said.
        is_local: Whether the file is on this machine.
    """

    def __init__(self, fileurl: str, *, action: str, reason: str, is_local: bool = False) -> None:
        accepted = (
            "These credentials must be allowed to read the file, and its key if it is encrypted; "
            "it must not be archived."
        )
        fix = "Restore it from its archive, grant access to it and to its key, or upload it again"
        if is_local:
            accepted = "The user of this process must be allowed to read the file and its folders."
            fix = "Grant this user read access (chmod, chown), or upload it again"
        super().__init__(
            f"Could not {action} {fileurl}: {reason}.",
            accepted=accepted,
            fix=f"{fix}; then materialize its row again.",
        )
        self.reason, self.is_local = reason, is_local


class RemoteFileTooLargeError(MediaAssetsError, ValueError):
    """A large file elsewhere that is not fetched only to be shown small."""

    def __init__(self, fileurl: str, size_bytes: int, limit: int) -> None:
        super().__init__(
            f"{fileurl} is not on this machine, and has {size_bytes:,} bytes.",
            accepted=f"Files of at most {limit:,} bytes are fetched only for a thumbnail.",
            fix="Open the file itself, or write a gallery, which fetches each file once.",
        )


class LinkChangedError(MediaAssetsError, PermissionError):
    """A path whose link leads to another file than the one that was recorded."""

    def __init__(self, fileurl: str) -> None:
        super().__init__(
            f"{fileurl} leads through a link to another file than the one that was recorded.",
            accepted="A link must lead to the same file as when it was recorded.",
            fix="Scan the uploads or insert the file again, or restore the link.",
        )


class FileExistsInStoreError(MediaAssetsError, FileExistsError):
    """A file that should be new but already exists; it was not changed."""

    def __init__(self, fileurl: str) -> None:
        super().__init__(
            f"File {fileurl} already exists.",
            accepted="This file can be created only once.",
            fix="Read the existing file, and use the next name.",
        )


class StoreFaultError(MediaAssetsError, OSError):
    """A storage that failed as a whole, not because of one file; it stops the run.

    Attributes:
        problem: What went wrong; `{reason}` is what the storage said.
        remedy: What to do about it.
    """

    problem: ClassVar[str] = "{reason}"
    remedy: ClassVar[str] = "Repair the storage or choose another destination, then run again."

    def __init__(self, fileurl: str, *, action: str, reason: str, fix: str | None = None) -> None:
        """Builds the text.

        Args:
            fileurl: The file that was to be written or read.
            action: What was tried (`"write"`).
            reason: What the storage said.
            fix: What to do, if that is more specific than the class's `remedy`.
        """
        super().__init__(
            f"Could not {action} {fileurl}: {self.problem.format(reason=reason)}.",
            accepted="The storage must exist, be reachable, and allow reading and writing.",
            fix=fix or self.remedy,
        )


class StoreDeniedError(StoreFaultError, PermissionError):
    """A storage that refused access."""

    remedy = "Grant this user or these credentials access, or choose another destination."


class StoreFullError(StoreFaultError):
    """A storage that has no room for the file."""

    remedy = (
        "Make room (`media-assets gc` deletes files that are no longer needed), or choose another "
        "destination."
    )


class HistoryFaultError(StoreFaultError):
    """A disk on which Dagster cannot write its history."""

    remedy = (
        "Make room on that disk, or allow this user to write there, then run again. Another "
        "DAGSTER_HOME has its own history."
    )

    def __init__(self, folder: str, *, reason: str) -> None:
        super().__init__(f"Dagster's history in {folder}", action="write", reason=reason)


class BucketMissingError(StoreFaultError):
    """A bucket or container that does not exist."""

    problem = "the bucket does not exist ({reason})"
    remedy = "Create the bucket, or correct its name. Azure calls it a container."


class CredentialsMissingError(StoreFaultError):
    """A request for which no credentials were given."""

    remedy = "Give credentials to the provider's resource, or log in with the provider's tools."


class CredentialsRefusedError(StoreFaultError, PermissionError):
    """A key, secret or token that the storage does not accept."""

    problem = "the key, secret or token is wrong or has expired ({reason})"
    remedy = "Correct the credentials of the provider's resource, or create new ones."


class WrongRegionError(StoreFaultError):
    """A bucket that is in another region than the one that was asked."""

    problem = "the bucket is in another region ({reason})"
    remedy = (
        "Set the bucket's region: `region_name` of the S3Resource, or AWS_REGION, or use the "
        "https address of the bucket, which names the region."
    )


class ClockSkewError(StoreFaultError):
    """A clock on this machine that is too far off for a signature to be valid."""

    problem = "this machine's clock differs too much from the storage's ({reason})"
    remedy = "Set the clock, for example: timedatectl set-ntp true"


class StoreUnreachableError(StoreFaultError, ConnectionError):
    """A server that does not answer.

    Attributes:
        was_asked_again: Whether the request was retried before this was raised.
    """

    problem = "the server cannot be reached ({reason})"
    remedy = "Check the server's address and port, the network, the proxy and the firewall."
    was_asked_again = False


class NoExclusiveCreateError(StoreFaultError):
    """A storage that lets a second writer overwrite a file that must be created only once."""

    problem = "the storage ignores If-None-Match, so two runs could claim the same manifest"
    remedy = "Choose another storage for the catalog, for example with MEDIA_ASSETS_CATALOG."

    def __init__(self, fileurl: str) -> None:
        super().__init__(fileurl, action="keep a catalog at", reason="")


class ForkedProcessError(MediaAssetsError, RuntimeError):
    """A forked process that inherited a storage client, which works only in its parent."""

    def __init__(self, uri: str) -> None:
        super().__init__(
            f"This process cannot use {uri}: it was forked from one that had used a storage.",
            accepted="A process that starts by itself, as with spawn and forkserver.",
            fix='Give multiprocessing_context="spawn" to a DataLoader, or take '
            'multiprocessing.get_context("spawn").',
        )
