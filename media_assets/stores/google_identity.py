"""The identity for Google: application default credentials, their tokens and signatures."""

from datetime import UTC, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from media_assets.errors import CredentialsMissingError, NotSignableError, StoreDeniedError
from media_assets.stores.optional_packages import require_extra

if TYPE_CHECKING:
    from obstore.store import GCSCredential, GCSCredentialProvider

# Signing without a key file calls Google's IAM, which the storage scopes do not cover.
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class GoogleIdentity:
    """Lazy credentials: nothing is imported or read before the first use."""

    def __init__(self, key_file: str | None, uri: str) -> None:
        self._key_file = key_file
        self._uri = uri

    @cached_property
    def is_found(self) -> bool:
        """Whether there are credentials."""
        try:
            return self.credentials is not None
        except CredentialsMissingError:
            return False

    def provider(self) -> "GCSCredentialProvider":
        """Returns a provider of tokens for obstore, which are renewed when they expire.

        Raises:
            CredentialsMissingError: None were found.
        """
        credentials = self.credentials
        with require_extra("gcp", self._uri):
            from google.auth.transport.requests import Request
        request = Request()

        def provide() -> "GCSCredential":
            credentials.refresh(request)
            expiry = credentials.expiry
            return {
                "token": credentials.token,
                "expires_at": expiry.replace(tzinfo=UTC) if expiry else None,
            }

        return provide

    def sign(self, blob: Any, fileurl: str, lifetime: timedelta, *, endpoint: str) -> str:  # noqa: ANN401  Google's client has no types
        """Returns a URL with which anyone can read an object of Google's client.

        Raises:
            CredentialsMissingError: No credentials were found.
            NotSignableError: The credentials are a person's, which cannot sign.
            StoreDeniedError: The credentials are not allowed to sign.
        """
        with require_extra("gcp", self._uri):
            from google.auth.exceptions import GoogleAuthError

        try:
            return blob.generate_signed_url(
                version="v4",
                method="GET",
                expiration=lifetime,
                api_access_endpoint=endpoint,
                **self._signer(fileurl),
            )
        except GoogleAuthError as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise StoreDeniedError(fileurl, action="sign", reason=reason) from error

    def _signer(self, fileurl: str) -> dict[str, str]:
        """Returns the account for which Google signs; empty if the credentials have a key."""
        from google.auth.credentials import Signing
        from google.auth.transport.requests import Request

        if isinstance(self.credentials, Signing):
            return {}
        if not hasattr(self.credentials, "service_account_email"):
            raise NotSignableError(
                fileurl,
                problem="the credentials are a person's, and only a service account can sign",
                fix="Impersonate one: gcloud auth application-default login "
                "--impersonate-service-account=NAME@PROJECT.iam.gserviceaccount.com",
            )
        self.credentials.refresh(Request())
        return {
            "service_account_email": self.credentials.service_account_email,
            "access_token": self.credentials.token,
        }

    @cached_property
    def credentials(self) -> Any:  # noqa: ANN401  each kind has its own attributes
        """The credentials.

        Raises:
            CredentialsMissingError: None were found.
        """
        with require_extra("gcp", self._uri):
            import google.auth
            from google.auth.exceptions import DefaultCredentialsError
            from google.oauth2.service_account import Credentials

        try:
            if self._key_file is None:
                return cast("tuple[Any, Any]", google.auth.default(scopes=_SCOPES))[0]
            return Credentials.from_service_account_file(self._key_file, scopes=_SCOPES)
        except (DefaultCredentialsError, OSError, ValueError) as error:
            raise CredentialsMissingError(
                self._uri,
                action="open",
                reason="no usable Google credentials were found",
                fix="Run `gcloud auth application-default login`, or set "
                "GOOGLE_APPLICATION_CREDENTIALS to the path of a service account's key file.",
            ) from error
