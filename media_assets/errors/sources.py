"""Errors of http(s) sources."""

from media_assets.errors.base import MediaAssetsError


class SourceError(MediaAssetsError, OSError):
    """An http(s) source that did not give its file; its subclasses say why.

    Every `url` is shown without its secrets.

    Attributes:
        is_transient: Whether the same request may succeed later.
    """

    is_transient = False


class SourceRefusedError(SourceError, ValueError):
    """A source that is not requested because of its address or its certificate."""

    def __init__(self, url: str, *, problem: str) -> None:
        super().__init__(
            f"Source {url!r} is refused: {problem}.",
            accepted="Sources are http:// and https:// URLs of public hosts, with a valid "
            "certificate, without user and password.",
            fix="Correct the URL. To allow hosts of a private network, name the network in "
            "`allow_networks` or MEDIA_ASSETS_ALLOW_NETWORKS=10.1.0.0/16.",
        )


class SourceMissingError(SourceError, FileNotFoundError):
    """A source that does not exist."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(
            f"Source {url!r} does not exist: {reason}.",
            accepted="A source must exist for as long as it is read.",
            fix="Correct the URL. If the file was moved, insert its new URL under the same row "
            "name, which keeps what was made from it; or upload the file itself.",
        )


class SourceDeniedError(SourceError, PermissionError):
    """A source whose host refuses access."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(
            f"Source {url!r} cannot be read: {reason}.",
            accepted="Sources must be readable by everyone who has the URL.",
            fix="Insert a presigned URL that has not expired, or upload the file itself.",
        )


class StorageAddressError(SourceError, PermissionError):
    """An http(s) address of a storage that was read without keys and needs them."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(
            f"{url!r} is an address of a storage and was read without keys: {reason}",
            accepted="Keys are used for s3://, gs://, az:// and the other storage schemes, and for "
            "https addresses below a table's uploads, a column's destination or `storage_sources`.",
            fix="Write it as s3://bucket/key (or gs://, az://), or add its prefix to "
            "`storage_sources` of the table or the settings. To read it without keys in a private "
            "network, name the network in `allow_networks`.",
        )


class SourceTooLargeError(SourceError, ValueError):
    """A source beyond the size limit; reading stopped there."""

    def __init__(self, url: str, *, max_bytes: int, found: int | None = None) -> None:
        """Builds the text; `found` is the size that the host reported, if it did."""
        size = "more" if found is None else f"{found:,} bytes"
        super().__init__(
            f"Source {url!r} has {size}.",
            accepted=f"At most {max_bytes:,} bytes are read.",
            fix="Insert a smaller file, or raise `max_bytes`.",
        )


class SourceUnavailableError(SourceError, ConnectionError):
    """A source that failed after all retries, but may succeed later."""

    is_transient = True

    def __init__(self, url: str, *, reason: str, attempts: int) -> None:
        super().__init__(
            f"Source {url!r} is unavailable after {attempts} "
            f"{'attempt' if attempts == 1 else 'attempts'}: {reason}.",
            accepted="The host must be reachable and answer in time.",
            fix="Try again later, or upload the file itself.",
        )


class SourceAnswerError(SourceError):
    """A source whose host answers, now and later, with something that is not a file."""

    def __init__(self, url: str, *, reason: str) -> None:
        super().__init__(
            f"Source {url!r} gives no file: {reason}.",
            accepted="The host must answer with status 200 and the file.",
            fix="Correct the URL, or upload the file itself.",
        )
