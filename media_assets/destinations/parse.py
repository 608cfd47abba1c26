"""Parsing of destinations and fileurls."""

import re
from dataclasses import replace
from pathlib import Path

from media_assets.destinations.locate import Given, has_scheme, split_uri
from media_assets.destinations.model import Destination
from media_assets.masking import redact_uri

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WITHOUT_QUERY = (
    "Remove it and everything after it, or write %3F and %23 in a file:// or https:// URI."
)
_TILDE = re.compile(r"~[^/]*")


def parse_destination(text: str, *, source: str = "destination") -> Destination:
    """Parses a destination.

    It accepts local folders (`/data/media`, `~/media`, `file:///data/media`), and buckets:

    - `s3://` or `s3a://`, `gs://` or `gcs://`, `az://`, `r2://`, `b2://`, `tigris://` with
      `bucket/prefix`, on the server of the provider's resource;
    - `wasb[s]://` and `abfs[s]://container@account.blob.core.windows.net/prefix`;
    - `https://` addresses of AWS, Google, Azure, R2, B2 and Tigris, the bucket in path or host;
    - `https://host[:port]/bucket/prefix`, also http, for any other S3-compatible server;
    - `memory://name/prefix`, for tests.

    A prefix is a folder: a missing trailing slash is added. Percent-encoding is decoded in `file`
    and `https` URIs; in all other forms `%` is an ordinary character.

    Args:
        text: The text.
        source: Its origin, for the error: "column photos/rotated", "run config
            `output_media_dest`".

    Raises:
        DestinationError: The text is not a destination: it is relative, has an unknown scheme, or
            contains credentials, `..`, `?`, `#` or control characters.

    >>> parse_destination("s3://my-bucket/thumbnails")
    Destination(provider='s3', endpoint=None, bucket='my-bucket', prefix='thumbnails/')
    """
    given = Given(text, source)
    _check_text(given)
    if not has_scheme(text):
        return Destination("file", None, "", _local_prefix(given, text))
    if "?" in text or "#" in text:
        given.refuse("has a '?' or '#'", fix=_WITHOUT_QUERY)
    root, rest = split_uri(given)
    if root.provider == "file":
        return replace(root, prefix=_local_prefix(given, "/" + rest))
    return replace(root, prefix=_bucket_prefix(given, rest))


def parse_fileurl(fileurl: str) -> tuple[Destination, str]:
    """Returns the bucket root and the key of a stored file: the exact inverse of `fileurl(key)`.

    A URL of an unknown host is parsed as `https://host/bucket/key`, whether or not such a server is
    configured.

    Raises:
        FileurlError: The text is not a fileurl. Whether a store accepts the key is not checked.

    >>> parse_fileurl("file:///media/a%20photo.jpg")[1]
    'media/a photo.jpg'
    """
    given = Given(fileurl, None)
    if not has_scheme(fileurl):
        given.refuse("has no scheme")
    if fileurl[:5].lower() == "file:" and ("?" in fileurl or "#" in fileurl):
        given.refuse("has a '?' or '#' that is not percent-encoded")
    root, key = split_uri(given)
    if not key:
        given.refuse("does not name a file")
    return root, key


def _check_text(given: Given) -> None:
    text = given.text
    if not text.strip():
        given.refuse("is empty")
    if text != text.strip():
        given.refuse("begins or ends with whitespace", fix="Remove the whitespace.")
    if _CONTROL_CHARACTERS.search(text):
        given.refuse("contains a control character", fix="Remove the control character.")


def _local_prefix(given: Given, text: str) -> str:
    """Returns the prefix of an absolute path, without `.` and repeated slashes."""
    path = _expand(given, text) if text.startswith("~") else text
    if not path.startswith("/"):
        probable = redact_uri(str(Path.cwd() / path))
        given.refuse(
            "is a relative path",
            fix=f"Write the absolute path, probably {probable!r}, or a URI like "
            "'s3://bucket/prefix/'.",
        )
    segments = [segment for segment in path.split("/") if segment not in ("", ".")]
    _check_segments(given, segments)
    return "".join(f"{segment}/" for segment in segments)


def _expand(given: Given, text: str) -> str:
    try:
        return str(Path(text).expanduser())
    except RuntimeError as error:
        user = _TILDE.match(text)
        given.refuse(
            f"names the home folder of {user[0] if user else '~'}, which is unknown here",
            fix="Write the absolute path.",
            cause=error,
        )


def _bucket_prefix(given: Given, rest: str) -> str:
    """Returns the prefix of a key in a bucket, after checking that stores keep it unchanged."""
    path = rest.removesuffix("/")
    if not path and not rest:
        return ""
    segments = path.split("/")
    if "" in segments or "." in segments:
        given.refuse("has an empty name or '.' in its path", fix="Remove it.")
    if any("\ud800" <= character <= "\udfff" for character in path):
        given.refuse("is not valid UTF-8", fix="Percent-encode the UTF-8 text.")
    _check_segments(given, segments)
    return f"{path}/"


def _check_segments(given: Given, segments: list[str]) -> None:
    if ".." in segments:
        given.refuse("has '..' in its path", fix="Write the path without '..'.")
    if any(_CONTROL_CHARACTERS.search(segment) for segment in segments):
        given.refuse("contains a control character", fix="Remove the control character.")
