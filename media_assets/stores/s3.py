"""Amazon S3 and storages with its protocol: R2, B2, Tigris, MinIO and any other endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Self

import obstore
import obstore.store

from media_assets.destinations import Destination, Provider
from media_assets.errors import NotSignableError
from media_assets.stores.expiry import ExpiryLimit
from media_assets.stores.object_keys import check_readable_key, is_object_key
from media_assets.stores.objects import ObjectStore
from media_assets.stores.obstore_errors import object_faults
from media_assets.stores.protocol import Attributes
from media_assets.stores.s3_client import S3Client
from media_assets.stores.s3_connection import S3Connection
from media_assets.stores.settings import StoreSettings

_SEVEN_DAYS = timedelta(days=7)
_SIGNATURE = "X-Amz-Expires of Signature Version 4"
_LIMITS: Mapping[Provider, ExpiryLimit] = MappingProxyType(
    {
        "s3": ExpiryLimit(_SEVEN_DAYS, f"Amazon S3: {_SIGNATURE}"),
        "r2": ExpiryLimit(_SEVEN_DAYS, "Cloudflare R2: presigned URLs last at most 7 days"),
        "b2": ExpiryLimit(_SEVEN_DAYS, f"Backblaze B2: {_SIGNATURE}"),
        "tigris": ExpiryLimit(timedelta(days=90), "Tigris: presigned URLs last at most 90 days"),
        "endpoint": ExpiryLimit(_SEVEN_DAYS, f"S3-compatible endpoints: {_SIGNATURE}"),
    }
)


@dataclass(frozen=True, slots=True)
class S3Settings(StoreSettings):
    """Access to S3, or to a storage with its protocol.

    Without keys, boto's usual chain is used: environment, profile, web identity, instance role.

    Attributes:
        endpoint: `https://host[:port]`; a destination that names a server wins.
        region: The bucket's region; a destination that names a region wins.
        access_key_id: The key's id.
        secret_access_key: The key's secret.
        session_token: The token of temporary keys.
        profile: A profile of the AWS configuration files.
        is_anonymous: Whether to send unsigned requests, as for public buckets.
        verifies_certificates: Whether the server must have a trusted certificate.
        uses_tls: Whether Amazon itself is reached by https.
        requester_pays: Whether this side pays for requests to buckets of others.
        encryption: How new objects are encrypted by the storage: `AES256` or `aws:kms`.
        kms_key: The key for `aws:kms`.
    """

    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    profile: str | None = None
    is_anonymous: bool = False
    verifies_certificates: bool = True
    uses_tls: bool = True
    requester_pays: bool = False
    encryption: str | None = None
    kms_key: str | None = None

    @property
    def has_credentials(self) -> bool:
        """Whether they name a key or a profile, instead of using the usual chain."""
        return any((self.access_key_id, self.secret_access_key, self.profile))

    def paid(self, project: str) -> Self:
        del project
        return replace(self, requester_pays=True)

    def encrypted(self, encryption: str, kms_key: str | None) -> Self:
        return replace(self, encryption=encryption, kms_key=kms_key)

    def open(self, root: Destination) -> "S3Store":
        return S3Store(root, self)


class S3Store(ObjectStore[obstore.store.S3Store]):
    """A bucket of S3 or of a storage with its protocol."""

    def __init__(self, root: Destination, settings: S3Settings) -> None:
        self._settings = settings
        connection = S3Connection(root, settings)
        self._boto = S3Client(root, connection)
        super().__init__(root, connection.obstore, self._boto)

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Signs; a URL signed with temporary keys expires no later than they do."""
        check_readable_key(key, has_dots=False)  # clients may drop './' from a URL
        fileurl = self.fileurl(key)
        lifetime = _LIMITS[self._root.provider].check(fileurl, expires_in)
        if self._settings.is_anonymous:
            raise NotSignableError(
                fileurl,
                problem="its resource sends no credentials",
                fix="Give the resource a key, or use the public address of the bucket.",
            )
        if not is_object_key(key) or self._settings.requester_pays:
            return self._boto.sign(key, round(lifetime.total_seconds()))
        with object_faults(fileurl, action="sign"):
            return obstore.sign(self.client, "GET", key, lifetime)

    def copy_with(
        self, source_key: str, target_key: str, content_type: str | None, attributes: Attributes
    ) -> None:
        self._boto.copy(source_key, target_key, content_type, attributes)
