"""Azure Blob Storage."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import obstore
import obstore.store

from media_assets.destinations import Destination
from media_assets.errors import NotSignableError, StoreDeniedError
from media_assets.optional_packages import require_extra
from media_assets.stores.azure_client import AzureClient
from media_assets.stores.azure_connection import AzureConnection
from media_assets.stores.expiry import ExpiryLimit
from media_assets.stores.object_keys import check_readable_key
from media_assets.stores.objects import ObjectStore, content_md5
from media_assets.stores.obstore_errors import object_faults
from media_assets.stores.protocol import Attributes
from media_assets.stores.settings import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from obstore import ObjectMeta

_BY_KEY = ExpiryLimit(None, "Azure: shared access signatures by account key have no limit")
_BY_IDENTITY = ExpiryLimit(timedelta(days=7), "Azure: a user delegation key lasts at most 7 days")
# Azure may sort by UTF-16. Both orders agree on all characters below these, and sort these last.
_WHERE_ORDERS_DIFFER = re.compile("[\ue000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class AzureSettings(StoreSettings):
    """Access to one account of Azure Blob Storage.

    By a key, by a shared access signature, without credentials, or else by the identity that
    `DefaultAzureCredential` finds: environment, workload, managed identity or Azure CLI.

    Attributes:
        account_url: `https://account.blob.core.windows.net`; a destination that names an account
            wins. Without either, the AZURE_STORAGE_... variables are used.
        account_key: The account's key.
        sas_token: A shared access signature.
        is_anonymous: Whether to send unsigned requests, as for public containers.
        identity_options: The keyword arguments of `DefaultAzureCredential`.
    """

    account_url: str | None = None
    account_key: str | None = field(default=None, repr=False)
    sas_token: str | None = field(default=None, repr=False)
    is_anonymous: bool = False
    identity_options: tuple[tuple[str, object], ...] = ()

    def open(self, root: Destination) -> "AzureStore":
        return AzureStore(root, self)


class AzureStore(ObjectStore[obstore.store.AzureStore]):
    """A container of Azure Blob Storage."""

    def __init__(self, root: Destination, settings: AzureSettings) -> None:
        self._settings = settings
        self._connection = AzureConnection(root, settings)
        self._azure = AzureClient(root, self._connection)
        super().__init__(root, self._connection.obstore, self._azure)

    def sign(self, key: str, expires_in: timedelta) -> str:
        """Signs with the account key, or with a key requested for an identity for each URL."""
        check_readable_key(key, has_dots=False)
        fileurl, account = self.fileurl(key), self._connection.account
        if self._settings.is_anonymous or account.sas_token:
            raise NotSignableError(
                fileurl,
                problem="its resource has no key to sign with",
                fix="Give the resource the account key, or let it use an identity.",
            )
        limit = _BY_KEY if account.key else _BY_IDENTITY
        expires_at = datetime.now(UTC) + limit.check(fileurl, expires_in)
        with require_extra("azure", self._root.uri):
            from azure.storage.blob import BlobSasPermissions, generate_blob_sas

        signature = generate_blob_sas(
            account.name,
            self._root.bucket,
            key,
            permission=BlobSasPermissions(read=True),
            expiry=expires_at,
            account_key=account.key,
            user_delegation_key=None if account.key else self._delegation_key(fileurl, expires_at),
            protocol="https" if account.url.startswith("https://") else None,
        )
        return f"{account.url}/{self._root.bucket}/{quote(key)}?{signature}"

    def copy_with(
        self, source_key: str, target_key: str, content_type: str | None, attributes: Attributes
    ) -> None:
        """Copies the blob unless it stays, and then sets what a copy cannot."""
        if source_key != target_key:
            with object_faults(self.fileurl(source_key), action="copy"):
                obstore.copy(self.client, source_key, target_key)
        self._azure.keep_with(target_key, content_type, attributes)

    def list_folder(self, folder: str, *, after: str) -> "Iterator[ObjectMeta]":
        before = before_differing(after)
        start = after if before is None else before.rstrip("/")
        return in_code_point_order(super().list_folder(folder, after=start))

    def has_received(self, key: str, data: bytes | Path, etag: str | None) -> bool:
        """Trusts TLS to deliver every byte; without TLS, the object is read."""
        del etag
        return self._connection.account.url.startswith("https://") or self.holds(
            key, content_md5(data)
        )

    def _delegation_key(self, fileurl: str, expires_at: datetime) -> Any:  # noqa: ANN401
        """Returns a key that signs in the identity's name until the URL expires."""
        from azure.core.exceptions import AzureError

        try:
            with self._connection.service() as service:
                return service.get_user_delegation_key(datetime.now(UTC), expires_at)
        except AzureError as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise StoreDeniedError(fileurl, action="sign", reason=reason) from error


def in_code_point_order(files: "Iterable[ObjectMeta]") -> "Iterator[ObjectMeta]":
    """Sorts files by code point that are sorted by UTF-16 or by code point.

    Holds at most the files of one folder whose names agree up to a character beyond U+DFFF.
    """
    for before, group in groupby(files, lambda file: before_differing(file["path"])):
        if before is None:
            yield from group
        else:
            yield from sorted(group, key=lambda file: file["path"])


def before_differing(key: str) -> str | None:
    """Returns the text before the first character that the orders sort differently, if any.

    >>> before_differing("a/b😀.jpg")
    'a/b'
    """
    found = _WHERE_ORDERS_DIFFER.search(key)
    return key[: found.start()] if found else None
