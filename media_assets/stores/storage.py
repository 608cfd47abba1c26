"""The settings of all providers, as one picklable value that opens stores."""

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol

from media_assets.destinations import Destination, parse_fileurl
from media_assets.object_options import NONE, ObjectOptions
from media_assets.stores.forks import check_fork
from media_assets.stores.local import LocalStore
from media_assets.stores.protocol import Store
from media_assets.stores.settings import StoreSettings

if TYPE_CHECKING:
    from media_assets.stores.azure import AzureSettings
    from media_assets.stores.gcs import GcsSettings
    from media_assets.stores.s3 import S3Settings

_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


_FAMILY_OF_S3 = ("s3", "r2", "b2", "tigris", "endpoint")
"""Providers that fall back to the keys of `s3`."""


class Elsewhere(Protocol):
    """Credentials that are loaded only if they are needed; hashable and picklable."""

    @property
    def providers(self) -> Collection[str]:
        """Returns their providers, as fields of `Storage`."""
        ...

    def load(self) -> "Storage":
        """Loads them."""
        ...


@dataclass(frozen=True, slots=True)
class Storage:
    """The settings of each provider; None leaves a provider to its usual environment and profile.

    Attributes:
        s3: Amazon S3, or the server that its `endpoint` names.
        gcs: Google Cloud Storage.
        azure: Azure Blob Storage, one account.
        r2: Cloudflare R2; without settings the credentials of `s3` are used, as for the next three.
        b2: Backblaze B2.
        tigris: Tigris.
        endpoints: Other servers of the S3 protocol, each with its own `endpoint`.
        elsewhere: Credentials that win over all of these for their providers, and take time to
            load.
        payers: The buckets of others for whose requests this side pays; with the project that
            pays, on Google.
    """

    s3: "S3Settings | None" = None
    gcs: "GcsSettings | None" = None
    azure: "AzureSettings | None" = None
    r2: "S3Settings | None" = None
    b2: "S3Settings | None" = None
    tigris: "S3Settings | None" = None
    endpoints: "tuple[S3Settings, ...]" = ()
    elsewhere: Elsewhere | None = None
    payers: tuple[tuple[Destination, str], ...] = ()

    def open(self, destination: Destination, options: ObjectOptions = NONE) -> Store:
        """Returns the store of a destination's bucket, the same one for the same settings.

        Its keys are full keys within the bucket, so one store serves all destinations there. No
        request is made, and credentials are looked up at the first use.

        Args:
            destination: The destination.
            options: How its new objects are encrypted; the attributes are given with each object.

        Raises:
            ForkedProcessError: It is remote, and this process was forked from one that opened a
                remote store.
        """
        root = destination.bucket_root
        settings = self.settings(root, options)
        if settings is not None:
            check_fork(root.uri)
        return _open(root, settings)

    def store_of(self, fileurl: str) -> tuple[Store, str]:
        """Returns the store that holds a file, and the file's key there.

        Raises:
            FileurlError: The text is not a fileurl of a known kind of storage.
        """
        root, key = parse_fileurl(fileurl)
        return self.open(root), key

    def settings(
        self, destination: Destination, options: ObjectOptions = NONE
    ) -> StoreSettings | None:
        """Returns the settings that apply to a destination; None where none are needed."""
        if self.elsewhere is not None and self._is_elsewhere(destination):
            found = self.elsewhere.load().settings(destination)
        else:
            found = self._own_settings(destination)
        if found is None:
            return None
        for bucket, project in self.payers:
            if bucket == destination.bucket_root:
                found = found.paid(project)
        if options.encryption is not None:
            found = found.encrypted(options.encryption, options.kms_key)
        return found

    def or_else(self, other: "Storage") -> "Storage":
        """Returns this storage, with another one's settings where this one has none."""
        return Storage(
            s3=self.s3 or other.s3,
            gcs=self.gcs or other.gcs,
            azure=self.azure or other.azure,
            r2=self.r2 or other.r2,
            b2=self.b2 or other.b2,
            tigris=self.tigris or other.tigris,
            endpoints=(*self.endpoints, *other.endpoints),
            elsewhere=self.elsewhere or other.elsewhere,
            payers=(*self.payers, *other.payers),
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """Returns the providers that have their own settings, by their fields."""
        named = {
            "s3": self.s3,
            "gcs": self.gcs,
            "azure": self.azure,
            "r2": self.r2,
            "b2": self.b2,
            "tigris": self.tigris,
        }
        set_ = {name: one for name, one in named.items() if one is not None}
        found = [name for name, settings in set_.items() if settings != type(settings)()]
        return (*found, *(["endpoints"] if self.endpoints else []))

    def is_configured(self, destination: Destination) -> bool:
        """Returns whether a destination is a known storage, not just any http address."""
        if destination.provider != "endpoint":
            return True
        of_environment = [os.environ.get(name, "").rstrip("/") for name in _ENDPOINT_VARIABLES]
        return (
            destination.endpoint in of_environment
            or self._endpoint(destination.endpoint) is not None
        )

    def _own_settings(self, destination: Destination) -> StoreSettings | None:
        match destination.provider:
            case "file" | "memory":
                return None
            case "s3":
                return self.s3 or _no_s3_settings()
            case "gcs":
                from media_assets.stores.gcs import GcsSettings  # noqa: PLC0415  slow: obstore

                return self.gcs or GcsSettings()
            case "azure":
                from media_assets.stores.azure import AzureSettings  # noqa: PLC0415  likewise

                return self.azure or AzureSettings()
            case "endpoint":
                own = self._endpoint(destination.endpoint)
                return self._with_credentials(own) if own else self._credentials_of_s3()
            case "r2" | "b2" | "tigris" as provider:
                own = {"r2": self.r2, "b2": self.b2, "tigris": self.tigris}[provider]
                return self._with_credentials(own) if own else self._credentials_of_s3()

    def _is_elsewhere(self, destination: Destination) -> bool:
        providers = self.elsewhere.providers if self.elsewhere else ()
        if destination.provider in _FAMILY_OF_S3:
            return bool({*_FAMILY_OF_S3, "endpoints"} & set(providers))
        return destination.provider in providers

    def _endpoint(self, endpoint: str | None) -> "S3Settings | None":
        configured = (*self.endpoints, *([self.s3] if self.s3 else []))
        return next(
            (one for one in configured if one.endpoint and one.endpoint.rstrip("/") == endpoint),
            None,
        )

    def _with_credentials(self, own: "S3Settings") -> "S3Settings":
        """Returns the settings of a provider, with the keys of `s3` if it has none."""
        if self.s3 is None or own.is_anonymous or own.has_credentials:
            return own
        return replace(
            own,
            access_key_id=self.s3.access_key_id,
            secret_access_key=self.s3.secret_access_key,
            session_token=self.s3.session_token,
            profile=self.s3.profile,
        )

    def _credentials_of_s3(self) -> "S3Settings":
        """Returns the settings of `s3` without its server."""
        return replace(self.s3 or _no_s3_settings(), endpoint=None, region=None)


@cache
def _open(root: Destination, settings: StoreSettings | None) -> Store:
    if settings is not None:
        return settings.open(root)
    if root.provider == "memory":
        from media_assets.stores.memory import MemoryStore  # noqa: PLC0415  slow: obstore

        return MemoryStore(root.bucket)
    return LocalStore()


def _no_s3_settings() -> "S3Settings":
    from media_assets.stores.s3 import S3Settings  # noqa: PLC0415  slow: obstore

    return S3Settings()
