"""Google's listing of objects in JSON, made of the S3 server's in XML."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode
from xml.etree import ElementTree as ET

_PATH, _OBJECTS = "/storage/v1/b/", "/o"
_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"

Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[[str, str], Answer]
"""Asks the S3 server for a path and a query."""


def bucket_listed(path: str) -> str | None:
    """Returns the bucket whose objects a request lists; None for any other request."""
    if not path.startswith(_PATH) or not path.endswith(_OBJECTS):
        return None
    return path.removeprefix(_PATH).removesuffix(_OBJECTS)


def listed(bucket: str, query: str, ask: Ask) -> Answer:
    """Answers a listing, or says what the S3 server said against it."""
    wanted = dict(parse_qsl(query, keep_blank_values=True))
    given = {"list-type": "2", "prefix": wanted.get("prefix", "")}
    if token := wanted.get("pageToken"):
        given["continuation-token"] = token
    if maximum := wanted.get("maxResults"):
        given["max-keys"] = maximum
    status, headers, body = ask(f"/{bucket}", urlencode(given, quote_via=quote))
    if status != HTTPStatus.OK:
        return status, headers, body
    found = ET.fromstring(body)  # noqa: S314  of our own server
    first = wanted.get("startOffset", "")
    items = [_item(one) for one in found.iter(f"{_S3}Contents")]
    answer: dict[str, object] = {"items": [item for item in items if item["name"] >= first]}
    if following := found.findtext(f"{_S3}NextContinuationToken"):
        answer["nextPageToken"] = following
    return HTTPStatus.OK, {"content-type": "application/json"}, json.dumps(answer).encode()


def _item(contents: ET.Element) -> Mapping[str, str]:
    etag = contents.findtext(f"{_S3}ETag", "").strip('"')
    return {
        "name": contents.findtext(f"{_S3}Key", ""),
        "size": contents.findtext(f"{_S3}Size", "0"),
        "md5Hash": b64encode(bytes.fromhex(etag)).decode(),
        "etag": etag,
    }
