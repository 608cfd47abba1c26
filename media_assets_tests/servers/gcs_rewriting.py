"""Google's rewrite of an object in JSON, as a copy by the S3 server."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from media_assets_tests.servers.gcs_listing import Answer

_REWRITE = re.compile(r"/storage/v1/b/([^/]+)/o/([^/]+)/rewriteTo/b/([^/]+)/o/([^/]+)")
_HEADERS = {
    "cacheControl": "cache-control",
    "contentDisposition": "content-disposition",
    "contentType": "content-type",
}
_OK = 200


def rewritten(path: str) -> tuple[str, str] | None:
    """Returns the paths of the object and of its copy; None for any other request."""
    found = _REWRITE.fullmatch(path)
    if found is None:
        return None
    bucket, key, to_bucket, to_key = map(unquote, found.groups())
    return f"/{bucket}/{quote(key)}", f"/{to_bucket}/{quote(to_key)}"


def rewrite(
    ask: Callable[[str, str, str, dict[str, str], bytes], Answer],
    source: str,
    target: str,
    resource: Mapping[str, Any],
) -> Answer:
    """Copies an object, with the attributes of the resource instead of its own."""
    headers = {"x-amz-copy-source": source, "x-amz-metadata-directive": "REPLACE"}
    headers |= {_HEADERS[name]: resource[name] for name in _HEADERS if resource.get(name)}
    own: Mapping[str, str] = resource.get("metadata") or {}
    headers |= {f"x-amz-meta-{name}": text for name, text in own.items()}
    status, answered, body = ask("PUT", target, "", headers, b"")
    if status != _OK:
        return status, answered, body
    done = {"kind": "storage#rewriteResponse", "done": True, "resource": {}}
    done |= {"totalBytesRewritten": "1", "objectSize": "1"}
    return _OK, {"content-type": "application/json"}, json.dumps(done).encode()
