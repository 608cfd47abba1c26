"""The server, keys and limits of an S3 bucket, and its two clients, which share them."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore.store

from media_assets.destinations import Destination
from media_assets.errors import StoreUnreachableError
from media_assets.optional_packages import require_extra
from media_assets.stores.aws_session import AwsSession
from media_assets.stores.s3_server import S3Server
from media_assets.stores.transport import (
    CONNECT_TIMEOUT,
    client_config,
    longest_silence,
    retry_config,
)

if TYPE_CHECKING:
    from obstore.store import S3Config, S3CredentialProvider

    from media_assets.stores.s3 import S3Settings


class S3Connection:
    """One bucket, through obstore or boto3; nothing is imported, read or requested yet.

    Proxies are those of the environment: both clients read HTTP_PROXY, HTTPS_PROXY and NO_PROXY.

    Attributes:
        settings: The settings of its provider.
    """

    def __init__(self, location: Destination, settings: "S3Settings") -> None:
        self._root, self.settings = location.bucket_root, settings
        self._session = AwsSession(settings.profile, location.uri)

    def obstore(self) -> obstore.store.S3Store:
        """Returns a new client of obstore; no request is made."""
        settings, server = self.settings, self._server
        encryption: S3Config = {}
        if settings.encryption:
            encryption["server_side_encryption"] = settings.encryption
        if settings.kms_key:
            encryption["sse_kms_key_id"] = settings.kms_key
        return obstore.store.S3Store(
            self._root.bucket,
            config=encryption,
            request_payer=settings.requester_pays,
            # The environment has variables for both, and the second one would win.
            endpoint=server.bucket_url,
            aws_endpoint_url_s3=server.bucket_url,
            region=server.region,
            virtual_hosted_style_request=server.has_bucket_in_host,
            skip_signature=settings.is_anonymous,
            credential_provider=None if settings.is_anonymous else self._credentials(),
            client_options=client_config(
                settings,
                server.endpoint,
                verifies_certificates=settings.verifies_certificates,
                certificates=_certificates(self._root.uri),
            ),
            retry_config=retry_config(settings),
        )

    def boto(self) -> Any:  # noqa: ANN401  boto3 has no types
        """Returns a new client of boto3, which accepts any key; no request is made."""
        settings, server = self.settings, self._server
        with require_extra("aws", self._root.uri):
            import boto3
            from botocore import UNSIGNED
            from botocore.config import Config
        if self._has_own_keys:
            self._session.check_pair(settings.access_key_id, settings.secret_access_key)
        anonymous = {"signature_version": UNSIGNED} if settings.is_anonymous else {}
        session: Any = boto3.Session(profile_name=settings.profile)
        return session.client(
            "s3",
            endpoint_url=server.endpoint,
            region_name=server.region,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            aws_session_token=settings.session_token,
            verify=None if settings.verifies_certificates else False,
            config=Config(
                s3={"addressing_style": "virtual" if server.has_bucket_in_host else "path"},
                retries={"total_max_attempts": settings.max_attempts, "mode": "standard"},
                connect_timeout=CONNECT_TIMEOUT.total_seconds(),
                read_timeout=longest_silence(settings).total_seconds(),
                **anonymous,
            ),
        )

    @cached_property
    def _server(self) -> S3Server:
        return S3Server.of(self._root, self.settings, self._session)

    @property
    def _has_own_keys(self) -> bool:
        settings = self.settings
        return settings.access_key_id is not None or settings.secret_access_key is not None

    def _credentials(self) -> "S3CredentialProvider":
        """Returns the keys of the settings, unaffected by environment variables, or the chain's."""
        settings = self.settings
        if not self._has_own_keys:
            return self._session.credentials()
        self._session.check_pair(settings.access_key_id, settings.secret_access_key)
        return lambda: {
            "access_key_id": settings.access_key_id or "",
            "secret_access_key": settings.secret_access_key or "",
            "token": settings.session_token,
            "expires_at": None,
        }


def _certificates(uri: str) -> bytes | None:
    """Returns the certificates of AWS_CA_BUNDLE, which AWS's own tools trust."""
    path = os.environ.get("AWS_CA_BUNDLE")
    if not path:
        return None
    if not Path(path).is_file():
        reason = f"AWS_CA_BUNDLE names {path!r}, which is not a file"
        raise StoreUnreachableError(uri, action="open", reason=reason)
    return Path(path).read_bytes()
