"""A provider's own client, for keys that obstore cannot express."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Protocol, cast

from media_assets.errors import MediaAssetsError, StoreUnreachableError
from media_assets.stores.obstore_errors import Answer, file_error, reason_of
from media_assets.stores.protocol import Attributes, StoredFile

_MISSING = 404
_REQUEST = re.compile(r"^[A-Z]+ https?://\S+: ")
"""The request, with which the errors of Google's client begin."""


class OwnClient(Protocol):
    """One bucket, through the client that its provider publishes.

    It is slower than obstore and is used only for keys such as `a//b.jpg` or `./a.jpg`.

    Attributes:
        takes_dots: Whether it sends the names '.' and '..' unchanged. If not, it drops them, as web
            browsers do, and would read another object.
    """

    takes_dots: bool

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        """Yields an object's content in chunks; see `Store.stream`."""
        ...

    def head(self, key: str) -> StoredFile:
        """Returns what is known of an object; see `Store.head`."""
        ...

    def files(self, prefix: str, *, after: str) -> Iterator[StoredFile]:
        """Yields the objects whose keys begin with a prefix and are greater than a key, sorted."""
        ...


_HEADERS = ("Cache-Control", "Content-Disposition", "Storage-Class")


def own_metadata(attributes: Attributes) -> dict[str, str]:
    """Returns those attributes that are an object's own metadata."""
    return {name: text for name, text in attributes.items() if name not in _HEADERS}


@contextmanager
def client_faults(fileurl: str, *, action: str) -> Generator[None]:
    """Turns errors of a provider's client into those that `Store` promises."""
    try:
        yield
    except MediaAssetsError:
        raise
    except Exception as error:  # noqa: BLE001  each client has a family of its own
        answer = _answer(error)
        if answer.status is None and answer.fault is None:
            unreachable = StoreUnreachableError(fileurl, action=action, reason=answer.reason)
            raise unreachable from None
        is_missing = answer.status == _MISSING
        raise file_error(answer, fileurl, action, is_missing=is_missing) from None


def _answer(error: Exception) -> Answer:
    """Returns the server's answer, which each client keeps in other attributes."""
    text = f"{type(error).__name__}: {error}"
    response = getattr(error, "response", None)
    status: object
    if isinstance(response, dict):  # boto's
        facts = cast("dict[str, dict[str, object]]", response)
        said = facts.get("Error", {})
        status = facts.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code, message = said.get("Code"), said.get("Message")
    else:  # Azure's, and Google's
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        code, message = getattr(error, "error_code", None), getattr(error, "message", None)
    if not isinstance(status, int):
        return Answer(None, None, reason_of(text), text)
    name = str(getattr(code, "value", code)) if code and not str(code).isdecimal() else None
    if "<Code>" in text:  # the provider's own text, which Google's client passes on
        answer = Answer.of(error)
        return Answer(status, answer.code, answer.reason, text)
    first_line = _REQUEST.sub("", str(message or "").partition("\n")[0]).strip().rstrip(".")
    reason = ": ".join(filter(None, (name, first_line))) or f"HTTP status {status}"
    return Answer(status, name, reason, text)
