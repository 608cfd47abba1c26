"""Texts that may hold a secret, made fit to be shown."""

import re

_SHOWN_CHARACTERS = 200
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ON_THE_WEB = re.compile(r"https?://", re.IGNORECASE)
_CONTAINER_AND_ACCOUNT = re.compile(r"(?:az|wasbs?|abfss?)://[A-Za-z0-9$-]+@", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"(?i)((?:key|secret|token|password|credential|signature|\bsig)\s*=)[^;&\s]+"
)


def redacted(text: str) -> str:
    """Returns a URI without user, password, query and fragment, at most 200 characters long.

    All that stands before the last `@` is dropped, since a secret may hold any character, and so
    are the values of `key=`, `token=` and their like. Other text stays as it is.

    >>> redacted("https://me:secret@host/bucket?sig=abc")
    'https://***@host/bucket?***'
    """
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    shown = text
    if "@" in rest and (scheme or ":" in rest.rpartition("@")[0]):
        container = _CONTAINER_AND_ACCOUNT.match(text)
        if container is None or "@" in text[container.end() :]:
            shown = (scheme[0] if scheme else "") + "***@" + rest.rpartition("@")[2]
    if scheme:
        shown = re.sub(r"([?#]).*", r"\1***", shown, count=1, flags=re.DOTALL)
    shown = _NAMED_SECRET.sub(r"\1***", shown)
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[:_SHOWN_CHARACTERS] + "..."


def shown_fileurl(fileurl: str) -> str:
    """Returns a fileurl for people: of an address on the web no query, which may be a key.

    >>> shown_fileurl("https://host/photo.jpg?X-Amz-Signature=abc")
    'https://host/photo.jpg?***'
    >>> shown_fileurl("s3://bucket/what?.jpg")
    's3://bucket/what?.jpg'
    """
    return redacted(fileurl) if _ON_THE_WEB.match(fileurl) and "?" in fileurl else fileurl
