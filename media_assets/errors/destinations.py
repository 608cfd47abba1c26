"""Errors in destinations and fileurls."""

from media_assets.errors.base import MediaAssetsError

_SHOWN_CHARACTERS = 200


class DestinationError(MediaAssetsError, ValueError):
    """A destination that cannot be understood, or that no file may be written to."""

    def __init__(self, shown: str, *, source: str, problem: str, fix: str) -> None:
        """Takes the text without its secrets, where it came from, and what is wrong with it."""
        super().__init__(
            f"Destination {shown!r} from {source} {problem}.",
            accepted="Accepted are an absolute local path, s3://, gs://, az://, r2://, b2:// and "
            "tigris:// with bucket/prefix/, wasbs://container@account.blob.core.windows.net/, and "
            "the https:// address of a bucket.",
            fix=fix,
        )


class FileurlError(MediaAssetsError, ValueError):
    """A text that is no fileurl."""

    def __init__(self, shown: str, *, problem: str) -> None:
        """Takes the text with its secrets removed, and what is wrong with it."""
        super().__init__(
            f"Fileurl {shown!r} {problem}.",
            accepted="A fileurl names one stored file: file:///folder/file.jpg, "
            "s3://bucket/file.jpg, https://host/bucket/file.jpg.",
            fix="Pass a fileurl as the catalog shows it.",
        )


class UnsafeKeyError(MediaAssetsError, ValueError):
    """A name that no file can be stored under."""

    def __init__(self, key: str, *, problem: str) -> None:
        """Takes the key, and what is wrong with it."""
        shown = key if len(key) <= _SHOWN_CHARACTERS else key[:_SHOWN_CHARACTERS] + "..."
        super().__init__(
            f"No file can be stored as {shown!r}: {problem}.",
            accepted="A key is names joined by '/', none of them empty, '.' or '..', without "
            "control characters.",
            fix="Rename the file, or choose another destination.",
        )


class NotSignableError(MediaAssetsError, ValueError):
    """A file for which no presigned URL can be made."""

    def __init__(self, fileurl: str, *, problem: str | None = None, fix: str | None = None) -> None:
        """Takes the fileurl, and why not when it is in cloud storage."""
        super().__init__(
            f"{fileurl} cannot have a presigned URL: {problem or 'it is not in cloud storage'}.",
            accepted="Only files in cloud storage can be signed: S3, Google Cloud Storage, Azure, "
            "R2, B2, Tigris or another S3-compatible endpoint.",
            fix=fix or "Choose a cloud destination for the column, or use the fileurl itself.",
        )


class ExpiryError(MediaAssetsError, ValueError):
    """A lifetime that no presigned URL of the provider has."""

    def __init__(self, fileurl: str, lifetime: object, *, limit: str, source: str) -> None:
        """Takes the file, the lifetime asked for, the longest one, and who says so."""
        super().__init__(
            f"No presigned URL of {fileurl} can be valid for {lifetime}.",
            accepted=f"From 1 second up to {limit} ({source}).",
            fix="Ask for another lifetime, and sign anew when it has passed.",
        )


class MissingExtraError(MediaAssetsError, ImportError):
    """A destination whose packages are not installed."""

    def __init__(self, uri: str, *, extra: str, module: str | None) -> None:
        """Takes the destination, the extra that brings its packages, and the module missed."""
        super().__init__(
            f"{uri} needs the extra {extra!r}, which is not installed"
            + (f" ({module} is missing)." if module else "."),
            accepted="Cloud storage is reached through packages that are installed on request.",
            fix=f'Install it: pip install "media-assets[{extra}]"',
        )


class ServerUnknownError(MediaAssetsError, ValueError):
    """A bucket whose server neither the destination nor a resource names."""

    def __init__(self, uri: str, *, accepted: str, fix: str) -> None:
        """Takes the destination, and how its server is named."""
        super().__init__(f"Nothing says on which server {uri} is.", accepted=accepted, fix=fix)


class EndpointResourceError(MediaAssetsError, ValueError):
    """A further S3 endpoint that does not say where it is."""

    def __init__(self, name: str) -> None:
        """Takes the name it was given under."""
        super().__init__(
            f"The resource of endpoint {name!r} has no `endpoint_url`.",
            accepted="A further endpoint is an S3Resource with endpoint_url='https://host[:port]'.",
            fix="Set its `endpoint_url`; if that is an EnvVar, set the environment variable.",
        )
