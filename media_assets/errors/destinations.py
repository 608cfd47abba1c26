"""Errors in destinations and fileurls."""

from collections.abc import Sequence

from media_assets.amounts import list_some
from media_assets.errors.base import MediaAssetsError
from media_assets.masking import shorten


class DestinationError(MediaAssetsError, ValueError):
    """A destination that cannot be understood or written to."""

    def __init__(self, shown: str, *, source: str, problem: str, fix: str) -> None:
        """Builds the text from the destination without its secrets, and where it came from."""
        super().__init__(
            f"Destination {shown!r} from {source} {problem}.",
            accepted="Accepted are an absolute local path, s3://, gs://, az://, r2://, b2:// and "
            "tigris:// with bucket/prefix/, wasbs://container@account.blob.core.windows.net/, and "
            "the https:// address of a bucket.",
            fix=fix,
        )


class FileurlError(MediaAssetsError, ValueError):
    """A text that is not a fileurl."""

    def __init__(self, shown: str, *, problem: str) -> None:
        super().__init__(
            f"Fileurl {shown!r} {problem}.",
            accepted="A fileurl names one stored file: file:///folder/file.jpg, "
            "s3://bucket/file.jpg, https://host/bucket/file.jpg.",
            fix="Pass a fileurl as the catalog shows it.",
        )


class UnsafeKeyError(MediaAssetsError, ValueError):
    """A name under which no file can be stored."""

    def __init__(self, key: str, *, problem: str) -> None:
        super().__init__(
            f"No file can be stored as {shorten(key)!r}: {problem}.",
            accepted="A key is names joined by '/', none of them empty, '.' or '..', without "
            "control characters.",
            fix="Rename the file, or choose another destination.",
        )


class NotSignableError(MediaAssetsError, ValueError):
    """A file for which no presigned URL can be made."""

    def __init__(self, fileurl: str, *, problem: str | None = None, fix: str | None = None) -> None:
        """Builds the text; without a `problem`, the file is not in cloud storage."""
        super().__init__(
            f"{fileurl} cannot have a presigned URL: {problem or 'it is not in cloud storage'}.",
            accepted="Only files in cloud storage can be signed: S3, Google Cloud Storage, Azure, "
            "R2, B2, Tigris or another S3-compatible endpoint.",
            fix=fix or "Choose a cloud destination for the column, or use the fileurl itself.",
        )


class ExpiryError(MediaAssetsError, ValueError):
    """A lifetime that the provider does not allow for presigned URLs."""

    def __init__(self, fileurl: str, lifetime: object, *, limit: str, source: str) -> None:
        super().__init__(
            f"No presigned URL of {fileurl} can be valid for {lifetime}.",
            accepted=f"From 1 second up to {limit} ({source}).",
            fix="Ask for another lifetime, and sign the URL again when it has expired.",
        )


class MissingExtraError(MediaAssetsError, ImportError):
    """A destination or a kind of file whose packages are not installed."""

    def __init__(self, needed_by: str, *, extra: str, module: str | None) -> None:
        super().__init__(
            f"{needed_by} needs the extra {extra!r}, which is not installed"
            + (f" ({module} is missing)." if module else "."),
            accepted="Packages for cloud storage, HEIC images and other media are optional.",
            fix=f'Install it: pip install "media-assets[{extra}]"',
        )


class ServerUnknownError(MediaAssetsError, ValueError):
    """A bucket whose server is named neither by the destination nor by a resource."""

    def __init__(self, uri: str, *, accepted: str, fix: str) -> None:
        super().__init__(f"The server of {uri} is not known.", accepted=accepted, fix=fix)


class EndpointResourceError(MediaAssetsError, ValueError):
    """An additional S3 endpoint without an address."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The resource of endpoint {name!r} has no `endpoint_url`.",
            accepted="An additional endpoint is an S3Resource with "
            "endpoint_url='https://host[:port]'.",
            fix="Set its `endpoint_url`; if that is an EnvVar, set the environment variable.",
        )


class ObjectOptionError(MediaAssetsError, ValueError):
    """An option of objects that is unknown, cannot be used, or is not known to the provider."""

    def __init__(
        self,
        where: str,
        name: str,
        value: object,
        *,
        accepted: str,
        problem: str = "which cannot be used",
        fix: str = "Correct it, or drop it.",
    ) -> None:
        super().__init__(
            f"object_options of {where} has {name}={value!r}, {problem}.",
            accepted=accepted,
            fix=fix,
        )


class PublicUrlError(MediaAssetsError, ValueError):
    """A public URL of a destination that is not one."""

    def __init__(self, where: str, url: str) -> None:
        super().__init__(
            f"{where} is {url!r}, which is not a public URL.",
            accepted="An http(s) URL without user and password, to which keys are added; or with "
            "{key} or {fileurl} where they belong.",
            fix="Write it like 'https://cdn.example.com/thumbs/'.",
        )


class PublishError(MediaAssetsError, ValueError):
    """Files that cannot be published, because rows have one name, or that of another file."""

    def __init__(self, column: str, problems: Sequence[str], *, published: int = 0) -> None:
        """Builds the text; `published` says how many other files were."""
        shown = list_some(problems, 5, separator="; ")
        super().__init__(
            f"{'Not everything' if published else 'Nothing'} new of {column} was published: "
            f"{shown}.",
            accepted="Each row's published name is its own, and no other file has it.",
            fix="All cells are committed, and what was published stays. Correct publish=, or "
            "rename or delete rows, and materialize again.",
        )
