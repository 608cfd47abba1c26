"""Addresses: of uploads without the parameters of a signature, and of parts within files."""

import re
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from media_assets.destinations import parse_fileurl
from media_assets.errors import FileurlError

LOCAL = "file:"
_TIME = r"\d+\.\d{3,6}"
_FRAGMENT = re.compile(
    rf"#(t={_TIME}(?:,{_TIME})?(?:&size=\d+,\d+)?|page=\d+(?:&dpi=\d+(?:\.\d+)?)?|xywh=(?:\d+,){{3}}\d+)$"
)
"""What addresses a part of a file, as splitters write it."""
_SIGNING_PREFIXES = ("x-amz-", "x-goog-")
_AZURE = (
    "saoid scid sdd se ses si sip ske skoid sks skt sktid skv sp spr sr srt ss st suoid sv"
    " rscc rscd rsce rscl rsct"
)
_SIGNED_WITH = {
    # S3 and Google before version 4, and CloudFront.
    "signature": {"awsaccesskeyid", "googleaccessid", "key-pair-id", "expires", "policy"},
    "sig": set(_AZURE.split()),
}
"""The parameters of each kind of signature, by the parameter with the signature itself."""


def is_web_address(text: str) -> bool:
    """Whether a text begins like an http(s) address."""
    return text[:8].lower().startswith(("http://", "https://"))


def strip_signature(uri: str) -> str:
    """Returns an address without the parameters that change when its signature is renewed.

    A file of an Azure account has one address, whatever its scheme.

    >>> strip_signature("https://b.s3.amazonaws.com/a.jpg?versionId=7&X-Amz-Signature=0a")
    'https://b.s3.amazonaws.com/a.jpg?versionId=7'
    >>> strip_signature("https://example.com/image?id=1&expires=2")
    'https://example.com/image?id=1&expires=2'
    >>> strip_signature("az://photos@one.blob.core.windows.net/a b.jpg")
    'https://one.blob.core.windows.net/photos/a%20b.jpg'
    """
    if uri.startswith("az://"):
        root, key = parse_fileurl(uri)
        return root.fileurl(key)
    if not uri.lower().startswith(("http://", "https://")):
        return uri
    parts = urlsplit(uri)
    names = {_name(parameter) for parameter in parts.query.split("&")}
    signing = {signature for signature in _SIGNED_WITH if signature in names}
    signing |= {name for signature in signing for name in _SIGNED_WITH[signature]}
    query = "&".join(
        parameter
        for parameter in parts.query.split("&")
        if _name(parameter) not in signing and not _name(parameter).startswith(_SIGNING_PREFIXES)
    )
    return urlunsplit(parts._replace(query=query, fragment=""))


def spellings_of(uri: str) -> set[str]:
    """Returns the addresses under which one file may be recorded, without their queries.

    >>> sorted(spellings_of("https://one.blob.core.windows.net/photos/a.jpg?sig=0a"))
    ['az://photos@one.blob.core.windows.net/a.jpg', 'https://one.blob.core.windows.net/photos/a.jpg']
    """
    bare = {uri.partition("?")[0], strip_signature(uri).partition("?")[0]}
    if uri.lower().startswith("https://"):
        with suppress(FileurlError):
            root, key = parse_fileurl(uri.partition("?")[0])
            bare.add(root.storage_url(key))
    return bare


def split_address(fileurl: str) -> tuple[str, str | None]:
    """Returns the address of a file, and what follows `#` if a part of it is meant.

    >>> split_address("file:///media/clip.mp4#t=12.000&size=640,360")
    ('file:///media/clip.mp4', 't=12.000&size=640,360')
    >>> split_address("https://example.com/page.png#top")
    ('https://example.com/page.png#top', None)
    """
    found = _FRAGMENT.search(fileurl)
    return (fileurl, None) if found is None else (fileurl[: found.start()], found[1])


def is_part(fileurl: str | None) -> bool:
    """Whether an address is that of a part which is kept in the file of its parent."""
    return fileurl is not None and "#" in fileurl and split_address(fileurl)[1] is not None


def _name(parameter: str) -> str:
    return parameter.partition("=")[0].lower()
