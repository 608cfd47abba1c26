"""The identity that `DefaultAzureCredential` finds for Azure, looked up once."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from media_assets.errors import CredentialsMissingError, CredentialsRefusedError, MediaAssetsError
from media_assets.optional_packages import require_extra

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.identity import DefaultAzureCredential

_ASK_AGAIN_AFTER = 60.0  # seconds: the user may log in in the meantime
_HOW_TO_GIVE = (
    "Run `az login`, or set AZURE_STORAGE_ACCOUNT_KEY and AZURE_STORAGE_ACCOUNT_NAME, or give "
    "the AzureBlobStorageResource a credential."
)


class AzureIdentity:
    """A lazy `TokenCredential` for Azure's clients that fails without retries.

    Its errors are not Azure's own, which the clients would retry four times for over a minute.
    """

    def __init__(self, uri: str, options: tuple[tuple[str, object], ...]) -> None:
        self._uri, self._options = uri, options
        self._lock = Lock()
        self._failed: tuple[float, MediaAssetsError] | None = None

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":  # noqa: ANN401  Azure's own
        """Returns a token; see `azure.core.credentials.TokenCredential`.

        Raises:
            CredentialsMissingError: No credentials were found.
            CredentialsRefusedError: The credentials were refused.
        """
        with self._lock:  # one thread looks it up for all
            if self._failed is not None and monotonic() < self._failed[0]:
                raise self._failed[1].with_traceback(None)
            try:
                return self._token(scopes, options)
            except MediaAssetsError as error:
                self._failed = (monotonic() + _ASK_AGAIN_AFTER, error)
                raise

    def _token(self, scopes: tuple[str, ...], options: dict[str, Any]) -> "AccessToken":
        credential = self._credential
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import CredentialUnavailableError

        try:
            with _quiet():
                return credential.get_token(*scopes, **options)
        except CredentialUnavailableError:
            found = None
        except ClientAuthenticationError as error:
            # If every part of the chain is missing, the text has many lines; if one was refused,
            # the text is that part's own.
            found = None if "Attempted credentials" in str(error) else str(error)
        if found is None:
            reason = "no usable Azure credentials were found"
            raise CredentialsMissingError(self._uri, action="open", reason=reason, fix=_HOW_TO_GIVE)
        reason = found.partition("\n")[0].strip().rstrip(".")
        raise CredentialsRefusedError(self._uri, action="open", reason=reason)

    @cached_property
    def _credential(self) -> "DefaultAzureCredential":
        with require_extra("azure", self._uri):
            from azure.identity import DefaultAzureCredential

        options: dict[str, Any] = dict(self._options)
        return DefaultAzureCredential(**options)


@contextmanager
def _quiet() -> Generator[None]:
    """Silences a dozen log lines of the library, which the error sums up in one."""
    logger = logging.getLogger("azure.identity")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
