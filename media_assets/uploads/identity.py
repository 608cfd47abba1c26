"""What makes an upload the same upload: its address, size and version together."""

import re
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit

LOCAL = "file:"
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
"""The parameters that belong to a signature, by the name of the signature itself."""
_DIGITS_OF_CONTENT = 32
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')


def own_address(uri: str) -> str:
    """Returns an address without what changes when its signature is renewed.

    >>> own_address("https://b.s3.amazonaws.com/a.jpg?versionId=7&X-Amz-Signature=0a")
    'https://b.s3.amazonaws.com/a.jpg?versionId=7'
    >>> own_address("https://example.com/image?id=1&expires=2")
    'https://example.com/image?id=1&expires=2'
    """
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


def content_id(uri: str, size_bytes: int, version: str) -> str:
    """Returns what stands for an upload's content, known without reading it: 32 hex digits."""
    text = f"{own_address(uri)}\n{size_bytes}\n{version}"
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS_OF_CONTENT]


def local_version(modified_ns: int, changed_ns: int | None) -> str:
    """Returns a local file's version: modification and change time in nanoseconds since 1970.

    Nobody can set a change time back. None leaves it out, for folders in which something else
    changes it, such as a backup that makes hard links.
    """
    return str(modified_ns) if changed_ns is None else f"{modified_ns} {changed_ns}"


def without_change_time(uri: str, version: str) -> str:
    """Returns the version of a local file by its modification time alone; any other as it is."""
    return version.partition(" ")[0] if uri.startswith(LOCAL) else version


def is_same_version(uri: str, recorded: str, found: str) -> bool:
    """Returns whether a version is the recorded one.

    Of a local file, the modification time alone decides where either has no change time.
    """
    if not uri.startswith(LOCAL):
        return recorded == found
    modified, _, changed = recorded.partition(" ")
    modified_now, _, changed_now = found.partition(" ")
    is_told = bool(changed and changed_now)
    return modified == modified_now and (not is_told or changed == changed_now)


def md5_of(version: str) -> str | None:
    """Returns the MD5 of a stored object's content, in hex, where its version tells it."""
    found = _MD5.fullmatch(version)
    return found[1] if found else None


def _name(parameter: str) -> str:
    return parameter.partition("=")[0].lower()
