"""Plain HTTP, as anybody speaks it who was given a URL and nothing else."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What a server answered, whatever the status; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)


def fetch(url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """Makes one request."""
    split = urlsplit(url)
    connection = HTTPConnection(split.netloc, timeout=30)
    try:
        target = f"{split.path}?{split.query}" if split.query else split.path
        connection.request(method, target, headers=headers or {})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()
