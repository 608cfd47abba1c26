"""Errors of http(s) sources."""

from media_assets.errors.base import MediaAssetsError


class SourceError(MediaAssetsError, OSError):
    """An http(s) source that did not give its file; its subclasses say why.

    Attributes:
        is_transient: Whether the same request may succeed later.
    """

    is_transient = False


class SourceRefusedError(SourceError, ValueError):
    """A source that is not asked, because of where its URL leads or of who answers there."""

    def __init__(self, url: str, *, problem: str) -> None:
        """Takes the URL without its secrets, and what is wrong with it."""
        super().__init__(
            f"Source {url!r} is refused: {problem}.",
            accepted="Sources are http:// and https:// URLs of public hosts, with a valid "
            "certificate, without user and password.",
            fix="Correct the URL; for a host in a private network name that, by `allow_networks` "
            "or MEDIA_ASSETS_ALLOW_NETWORKS=10.1.0.0/16.",
        )


class SourceMissingError(SourceError, FileNotFoundError):
    """A source that does not exist."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what shows that there is nothing."""
        super().__init__(
            f"Source {url!r} does not exist: {reason}.",
            accepted="A source has to exist for as long as it is read.",
            fix="Correct the URL; if the file was moved, insert its new URL with the row's name, "
            "which keeps what was made from it; or upload the file itself.",
        )


class SourceDeniedError(SourceError, PermissionError):
    """A source whose host refuses access."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what the host said."""
        super().__init__(
            f"Source {url!r} cannot be read: {reason}.",
            accepted="Sources can be read by everyone, or by everyone who has the URL.",
            fix="Insert a presigned URL that has not expired, or upload the file itself.",
        )


class StorageAddressError(SourceError, PermissionError):
    """An http(s) address at a storage, which is read without keys and cannot be."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what came of asking without keys."""
        super().__init__(
            f"{url!r} is an address at a storage, read as anybody on the web: {reason}",
            accepted="Keys are used for s3://, gs://, az:// and the other storage schemes, and for "
            "https addresses below a table's uploads, a column's destination or `storage_sources`.",
            fix="Write it as s3://bucket/key (or gs://, az://), or name its prefix in "
            "`storage_sources` of the table or the settings. To read it without keys in a network "
            "of your own, name that in `allow_networks`.",
        )


class SourceTooLargeError(SourceError, ValueError):
    """A source beyond the limit; it is not read past it."""

    def __init__(self, url: str, *, max_bytes: int, found: int | None = None) -> None:
        """Takes the URL without its secrets, the limit, and the size if the host told it."""
        size = "more" if found is None else f"{found:,} bytes"
        super().__init__(
            f"Source {url!r} has {size}.",
            accepted=f"At most {max_bytes:,} bytes are read.",
            fix="Insert a smaller file, or raise `max_bytes`.",
        )


class SourceUnavailableError(SourceError, ConnectionError):
    """A source that did not answer well now, but may later: retries are used up."""

    is_transient = True

    def __init__(self, url: str, *, reason: str, attempts: int) -> None:
        """Takes the URL without its secrets, what went wrong last, and how often it was tried."""
        super().__init__(
            f"Source {url!r} is unavailable after {attempts} "
            f"{'attempt' if attempts == 1 else 'attempts'}: {reason}.",
            accepted="The host has to be reachable and to answer in time.",
            fix="Try again later, or upload the file itself.",
        )


class SourceAnswerError(SourceError):
    """A source whose host answers, and will answer again, with something that is no file."""

    def __init__(self, url: str, *, reason: str) -> None:
        """Takes the URL without its secrets, and what the host answered."""
        super().__init__(
            f"Source {url!r} gives no file: {reason}.",
            accepted="The host has to answer with status 200 and the file.",
            fix="Correct the URL, or upload the file itself.",
        )
