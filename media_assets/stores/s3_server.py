"""The server of an S3 bucket, and its style of addressing."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from media_assets.destinations import Destination, region_of
from media_assets.errors import ServerUnknownError
from media_assets.stores.aws_session import AwsSession

if TYPE_CHECKING:
    from media_assets.stores.s3 import S3Settings

_DEFAULT_REGION = "us-east-1"
_WITHOUT_REGION = "auto"
_ANY_REGION_OF_AWS = "https://s3.amazonaws.com"
_TIGRIS = "https://t3.storage.dev"
# New buckets of Tigris are found by host only; Amazon recommends it. All others accept paths.
_HOSTS_OF_BUCKETS = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".t3.storage.dev",
    ".fly.storage.tigris.dev",
)
_FITS_INTO_HOST = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class S3Server:
    """The server of one bucket.

    Attributes:
        endpoint: `https://host[:port]`, without the bucket.
        region: The region that signatures name.
        bucket: The bucket.
    """

    endpoint: str
    region: str
    bucket: str

    @classmethod
    def of(cls, root: Destination, settings: "S3Settings", session: AwsSession) -> "S3Server":
        """Returns the server of the destination, else of the settings, else of the environment.

        Raises:
            ServerUnknownError: None of them names the server of R2 or B2.
        """
        endpoint = root.endpoint or settings.endpoint
        if root.provider == "s3":
            return _of_amazon(root.bucket, endpoint, settings, session)
        if root.provider == "b2" and endpoint is None and settings.region is not None:
            endpoint = f"https://s3.{settings.region}.backblazeb2.com"
        if root.provider == "tigris":
            endpoint = endpoint or _TIGRIS
        if endpoint is None:
            raise _unknown_server(root)
        default = _WITHOUT_REGION if root.provider in ("r2", "tigris") else _DEFAULT_REGION
        region = region_of(endpoint) or settings.region or default
        return cls(endpoint.rstrip("/"), region, root.bucket)

    @property
    def has_bucket_in_host(self) -> bool:
        """Whether the bucket is part of the host; certificates do not cover one with a dot."""
        host = f".{urlsplit(self.endpoint).hostname}"
        return host.endswith(_HOSTS_OF_BUCKETS) and bool(_FITS_INTO_HOST.fullmatch(self.bucket))

    @property
    def bucket_url(self) -> str:
        """The endpoint for obstore, with the bucket if that is part of the host."""
        if not self.has_bucket_in_host:
            return self.endpoint
        scheme, _, host = self.endpoint.partition("://")
        return f"{scheme}://{self.bucket}.{host}"


def _of_amazon(
    bucket: str, endpoint: str | None, settings: "S3Settings", session: AwsSession
) -> S3Server:
    endpoint = None if endpoint == _ANY_REGION_OF_AWS else endpoint or session.endpoint()
    region = region_of(endpoint) if endpoint else None
    region = region or settings.region or session.region() or _DEFAULT_REGION
    if endpoint is None:
        scheme = "https" if settings.uses_tls else "http"
        china = ".cn" if region.startswith("cn-") else ""
        endpoint = f"{scheme}://s3.{region}.amazonaws.com{china}"
    return S3Server(endpoint.rstrip("/"), region, bucket)


def _unknown_server(root: Destination) -> ServerUnknownError:
    if root.provider == "r2":
        return ServerUnknownError(
            root.uri,
            accepted="An R2 bucket belongs to an account.",
            fix="Write https://ACCOUNT.r2.cloudflarestorage.com/bucket/prefix/, or set the "
            "`endpoint_url` of the resource `r2`.",
        )
    return ServerUnknownError(
        root.uri,
        accepted="A B2 bucket belongs to a region.",
        fix="Write https://s3.REGION.backblazeb2.com/bucket/prefix/, or set the `region_name` of "
        "the resource `b2`.",
    )
