"""AWS credentials and settings from the environment and configuration files, read by boto."""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from media_assets.errors import CredentialsMissingError
from media_assets.optional_packages import require_extra

if TYPE_CHECKING:
    from obstore.store import S3Credential, S3CredentialProvider

_ASK_AGAIN_AFTER = timedelta(minutes=1)
_HOW_TO_GIVE = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or the fields of the "
    "provider's S3Resource."
)


class AwsSession:
    """A lazy session of boto: nothing is imported or read before the first use."""

    def __init__(self, profile: str | None, uri: str) -> None:
        self._profile = profile
        self._uri = uri

    def region(self) -> str | None:
        """Returns the region of the environment or the profile.

        Raises:
            CredentialsMissingError: The profile does not exist.
        """
        # AWS's newer tools use this name, which boto does not read.
        return self._session().get_config_variable("region") or os.environ.get("AWS_REGION")

    def endpoint(self) -> str | None:
        """Returns the endpoint of the environment or the profile, such as AWS_ENDPOINT_URL."""
        session = self._session()
        with require_extra("aws", self._uri):
            from botocore.configprovider import ConfiguredEndpointProvider

        if session.get_config_variable("ignore_configured_endpoint_urls"):
            return None
        return ConfiguredEndpointProvider(
            full_config=session.full_config,
            scoped_config=session.get_scoped_config(),
            client_name="s3",
        ).provide()

    def credentials(self) -> "S3CredentialProvider":
        """Returns the keys of the environment, profile or role, renewed when they expire.

        Raises:
            CredentialsMissingError: None were found.
        """
        found: Any = self._session().get_credentials()
        if found is None:
            self._refuse("no credentials were found")

        def provide() -> "S3Credential":
            frozen = found.get_frozen_credentials()
            is_static = type(found).__name__ == "Credentials"
            return {
                "access_key_id": frozen.access_key,
                "secret_access_key": frozen.secret_key,
                "token": frozen.token,
                "expires_at": None if is_static else datetime.now(UTC) + _ASK_AGAIN_AFTER,
            }

        return provide

    def check_pair(self, access_key_id: str | None, secret_access_key: str | None) -> None:
        """Raises an error for a key without its secret, or a secret without its key.

        Raises:
            CredentialsMissingError: One of them is missing.
        """
        if not (access_key_id and secret_access_key):
            there, missing = ("key", "secret") if access_key_id else ("secret", "key")
            self._refuse(f"a {there} was given without a {missing}")

    def _session(self) -> Any:  # noqa: ANN401  botocore has no types
        with require_extra("aws", self._uri):
            import botocore.session
            from botocore.exceptions import ProfileNotFound
        session = botocore.session.Session(profile=self._profile)
        try:
            session.get_scoped_config()
        except ProfileNotFound as error:
            self._refuse(str(error).rstrip("."), cause=error)
        return session

    def _refuse(self, reason: str, *, cause: Exception | None = None) -> NoReturn:
        raise CredentialsMissingError(
            self._uri, action="open", reason=reason, fix=_HOW_TO_GIVE
        ) from cause
