"""Translation of providers' errors, by their codes, into errors of this package."""

import html
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import obstore.exceptions

from media_assets.errors import (
    BucketMissingError,
    ClockSkewError,
    CredentialsMissingError,
    CredentialsRefusedError,
    FileExistsInStoreError,
    MediaAssetsError,
    StoreDeniedError,
    StoredFileMissingError,
    StoredFileRefusedError,
    StoreFaultError,
    StoreFullError,
    StoreUnreachableError,
    UnsafeKeyError,
    WrongRegionError,
)

_Fault = Callable[..., MediaAssetsError]

_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted", "InvalidBucketName")
_WRONG_CREDENTIALS = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "TokenRefreshRequired",
    "AuthenticationFailed",
    "InvalidAuthenticationInfo",
    "NoAuthenticationInformation",
    "AuthenticationRequired",
    "InvalidSecurity",
    "Unauthorized",
    "invalid_grant",
    "invalid_client",
)
_CLOSED_ACCOUNT = ("AllAccessDisabled", "AccountProblem", "AccountIsDisabled", "NotSignedUp")
_WRONG_REGION = ("PermanentRedirect", "IllegalLocationConstraintException")
_NO_ROOM = ("QuotaExceeded", "ServiceQuotaExceeded", "InsufficientStorage")
# The storage received other bytes than were sent.
_DAMAGED = ("XAmzContentSHA256Mismatch", "BadDigest", "Md5Mismatch")
_FAULT_OF_CODE: Mapping[str, _Fault] = MappingProxyType(
    dict.fromkeys(_NO_BUCKET, BucketMissingError)
    | dict.fromkeys(_WRONG_CREDENTIALS, CredentialsRefusedError)
    | dict.fromkeys(_WRONG_REGION, WrongRegionError)
    | dict.fromkeys(_NO_ROOM, StoreFullError)
    | dict.fromkeys(_DAMAGED, StoreUnreachableError)
    | dict.fromkeys(_CLOSED_ACCOUNT, StoreDeniedError)
    | {"RequestTimeTooSkewed": ClockSkewError, "AccessDenied": StoreDeniedError}
)
_FAULT_OF_STATUS: Mapping[int, _Fault] = MappingProxyType(
    {
        301: WrongRegionError,
        401: CredentialsRefusedError,
        403: StoreDeniedError,
        507: StoreFullError,
    }
)
_READING = ("read", "copy")
# About the file to be copied, as when reading it; other refusals of a copy may be about the target.
_ONE_FILE = re.compile(
    r"InvalidObjectState|ObjectNotInActiveTierError|BlobArchived|BlobBeingRehydrated|KMS\."
    r"|BlobUsesCustomerSpecifiedEncryption|ResourceIsEncryptedWithCustomerEncryptionKey"
)
_REFUSALS = range(400, 500)
_PASSING_REFUSALS = (408, 429)  # too slow, too often
# Faults without a code, in the order in which they are looked for. Azure and Google's token server
# describe a wrong clock differently.
_FAULT_OF_TEXT: tuple[tuple[re.Pattern[str], _Fault], ...] = (
    (
        re.compile(r"Request date header too old|reasonable timeframe|Token used too early"),
        ClockSkewError,
    ),
    (
        re.compile(
            r"CredentialsMissingError|CredentialUnavailableError|DefaultAzureCredential failed"
            r"|NoCredentialsError|PartialCredentialsError|DefaultCredentialsError"
        ),
        CredentialsMissingError,
    ),
    (
        re.compile(
            r"CredentialsRefusedError|failed to authenticate the request|Invalid storage account"
        ),
        CredentialsRefusedError,
    ),
    (
        re.compile(
            r"incorrectly configured region"
            r"|Authorization(?:Header|QueryParameters)(?:Malformed|Error)</Code>.*\bregion\b"
        ),
        WrongRegionError,
    ),
)
_ODD_KEY = re.compile(r"Encountered object with invalid path")
_REPEATED = re.compile(r"after [1-9][0-9]* retries")
_STATUS = re.compile(r"non-2xx status code: ([0-9]{3})|\(code: ([0-9]{3})\)")
_CODE = re.compile(r"<Code>([^<]+)</Code>|RefreshError: \('(\w+): |\(code: ([A-Za-z]\w+)\)")
_MESSAGE = re.compile(r"<Message>([^<]+)</Message>|RefreshError: \('\w+: ([^']+)'")
_CONNECTION = re.compile(
    r"kind: (?:Connect|Timeout|Interrupted)\b|error sending request"
    r"|response body error|invalid list response"  # a listing that broke off
    r"|TransportError|ServiceRequestError"  # of Google's and Azure's identities
)
_CAUSES = (
    (re.compile(r"dns error|lookup address|Name or service not known"), "its name is unknown"),
    (re.compile(r"ConnectionRefused|Connection refused"), "connection refused"),
    (re.compile(r"InvalidCertificate|CaUsedAsEndEntity"), "its certificate is not trusted"),
    (re.compile(r"InvalidContentType|corrupt message"), "it does not speak TLS"),
    (re.compile(r"kind: Timeout|TimedOut|timed out"), "no answer in time"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """The information in an error of obstore.

    Attributes:
        status: The HTTP status; None if there was no answer.
        code: The provider's code, such as `NoSuchBucket`; None without one, as in answers to HEAD.
        reason: One line to show, without addresses and secrets.
        text: The whole text of obstore, which may contain secrets: never show it.
    """

    status: int | None
    code: str | None
    reason: str
    text: str

    @classmethod
    def of(cls, error: BaseException) -> "Answer":
        """Parses an error of obstore, which has all of this only in its text."""
        text = str(error)
        found = _first(_STATUS, text)
        status = int(found) if found else _status_of_class(error)
        return cls(status, _first(_CODE, text), reason_of(text), text)

    @property
    def was_asked_again(self) -> bool:
        """Whether obstore has already repeated the request itself."""
        return _REPEATED.search(self.text) is not None

    @property
    def is_of_odd_key(self) -> bool:
        """Whether obstore stopped a listing at a key that it cannot express."""
        return _ODD_KEY.search(self.text) is not None

    def is_about_one_file(self, action: str) -> bool:
        """Returns whether only this file is refused, and others of the storage may be readable.

        For a read, problems with the bucket, the credentials, the region and the clock have their
        own codes; any other refusal is about the file.
        """
        if action in _READING and self.code is not None and _ONE_FILE.match(self.code):
            return True
        is_refusal = self.status in _REFUSALS and self.status not in _PASSING_REFUSALS
        return action == "read" and is_refusal and not self._is_about_storage

    @property
    def _is_about_storage(self) -> bool:
        return self.fault not in (None, StoreDeniedError) or self.code in _CLOSED_ACCOUNT

    @property
    def fault(self) -> _Fault | None:
        """The error of this answer; None if it is not a fault, or is an unknown one."""
        for pattern, fault in _FAULT_OF_TEXT:
            if pattern.search(self.text):
                return fault
        if self.code is not None and self.code in _FAULT_OF_CODE:
            return _FAULT_OF_CODE[self.code]
        if self.status is not None:
            return _FAULT_OF_STATUS.get(self.status)
        return StoreUnreachableError if _CONNECTION.search(self.text) else None


@contextmanager
def object_faults(fileurl: str, *, action: str) -> Generator[None]:
    """Turns errors of obstore into those that `Store` promises.

    The text of obstore is dropped: a storage may repeat a request in its answer, including its
    token, and Dagster records the causes of a failed run.
    """
    try:
        yield
    except MediaAssetsError:
        raise
    except (obstore.exceptions.BaseError, OSError, ValueError) as error:
        answer = Answer.of(error)
        raised = file_error(
            answer,
            fileurl,
            action,
            is_missing=isinstance(error, FileNotFoundError),
            is_there=isinstance(error, obstore.exceptions.AlreadyExistsError),
        )
        if isinstance(raised, StoreUnreachableError):
            raised.was_asked_again = answer.was_asked_again
        raise raised from None


def file_error(
    answer: Answer, fileurl: str, action: str, *, is_missing: bool, is_there: bool = False
) -> MediaAssetsError:
    """Returns the error for an answer about one file.

    Args:
        answer: The storage's answer.
        fileurl: The file.
        action: What was being done with it, such as "read".
        is_missing: Whether it says that the file or bucket does not exist.
        is_there: Whether it says that a file to be created already exists.
    """
    if answer.is_of_odd_key:
        return UnsafeKeyError(fileurl, problem="obstore cannot express the key of a file there")
    fault = answer.fault
    if is_missing and fault is None:
        return StoredFileMissingError(fileurl)
    if answer.is_about_one_file(action):
        return StoredFileRefusedError(fileurl, action=action, reason=answer.reason)
    if is_there:
        return FileExistsInStoreError(fileurl)
    return (fault or StoreFaultError)(fileurl, action=action, reason=answer.reason)


def _status_of_class(error: BaseException) -> int | None:
    if isinstance(error, obstore.exceptions.PermissionDeniedError):
        return 403
    return 401 if isinstance(error, obstore.exceptions.UnauthenticatedError) else None


def reason_of(text: str) -> str:
    """Returns the provider's own sentence, if any; never obstore's debug output."""
    if code := _first(_CODE, text):
        said = (_first(_MESSAGE, text) or "").partition("\n")[0].strip().rstrip(".")
        return f"{code}: {said}" if said else code
    for pattern, reason in _CAUSES:
        if pattern.search(text):
            return reason
    if status := _first(_STATUS, text):
        return f"HTTP status {status}"
    return text.partition("\n")[0].strip().rstrip(".") or "no reason was given"


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """Returns the text of the group that matched."""
    found = pattern.search(text)
    return html.unescape(next(filter(None, found.groups()))) if found else None
