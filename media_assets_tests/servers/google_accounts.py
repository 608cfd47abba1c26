"""What Google checks before it lets a request in: service accounts and their V4 signatures."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

UNRESERVED = "-_.~"
_LONGEST_SIGNATURE = timedelta(days=7)


class Refused(Exception):  # noqa: N818  an answer, not an error
    """An answer that does not come from the S3 server."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Account:
    """A service account: a name, and the key pair that it signs with."""

    def __init__(self, name: str) -> None:
        self.email = f"{name}@tests.iam.gserviceaccount.com"
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public_key = self._key.public_key()
        self.certificate = self.public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def key_file(self, token_uri: str) -> dict[str, str]:
        """What Google lets one download when a key is made."""
        private_key = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "tests",
            "private_key_id": "1",
            "private_key": private_key.decode(),
            "client_email": self.email,
            "client_id": "1",
            "token_uri": token_uri,
        }


def account_of_signature(
    accounts: Mapping[str, Account],
    method: str,
    path: str,
    query: dict[str, str],
    headers: Mapping[str, str],
) -> Account:
    """Returns who has signed a URL, after the rules of GOOG4-RSA-SHA256."""
    signature = query.pop("X-Goog-Signature")
    headers = {name.lower(): value for name, value in headers.items()}
    signer, _, scope = query["X-Goog-Credential"].partition("/")
    account = accounts.get(signer)
    if account is None:
        raise Refused(HTTPStatus.FORBIDDEN, "AccessDenied")
    signed_headers = query["X-Goog-SignedHeaders"].split(";")
    request = "\n".join(
        [
            method,
            path,
            "&".join(f"{_quoted(name)}={_quoted(query[name])}" for name in sorted(query)),
            *(f"{name}:{headers.get(name, '').strip()}" for name in signed_headers),
            "",
            ";".join(signed_headers),
            "UNSIGNED-PAYLOAD",
        ]
    )
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["GOOG4-RSA-SHA256", query["X-Goog-Date"], scope, digest])
    try:
        account.public_key.verify(
            bytes.fromhex(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, ValueError) as error:
        raise Refused(HTTPStatus.FORBIDDEN, "SignatureDoesNotMatch") from error
    _check_time(query)
    return account


def _check_time(query: Mapping[str, str]) -> None:
    lifetime = timedelta(seconds=int(query["X-Goog-Expires"]))
    made_at = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not timedelta() < lifetime <= _LONGEST_SIGNATURE:
        raise Refused(HTTPStatus.BAD_REQUEST, "InvalidArgument")
    if datetime.now(UTC) > made_at + lifetime:
        raise Refused(HTTPStatus.BAD_REQUEST, "ExpiredToken")


def _quoted(text: str) -> str:
    return quote(text, safe=UNRESERVED)
