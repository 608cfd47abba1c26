"""Google's side of Cloud Storage in front of the S3 server: who may come in is checked as there.

Nothing packaged verifies Google's signatures, so this does: tokens are given for assertions that a
service account signed, and a request needs such a token or a V4 signature of its own. What passes
is handed to the S3 server, which keeps the objects and speaks the same XML. A listing in JSON is
made of that server's, and a rewrite in JSON is a copy by it.

Run as `python -m media_assets_tests.servers.gcs_gate S3_ADDRESS KEY SECRET FOLDER`. It writes the
key files of two service accounts, `owner.json` and `reader.json`, into the folder, and prints its
address. `GET /_requests?bucket=NAME` lists the requests that a bucket has got.
"""

import json
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

from media_assets_tests.servers.gcs_listing import Answer, bucket_listed, listed
from media_assets_tests.servers.gcs_rewriting import rewrite, rewritten
from media_assets_tests.servers.google_accounts import (
    UNRESERVED,
    Account,
    Refused,
    account_of_signature,
)

ACCOUNTS = ("owner", "reader")
_READING = ("GET", "HEAD")
_PASSED_ON = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-md5",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "range",
)
_ANSWERED = (
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
)
_OWN_METADATA = "x-goog-meta-"
# What Google's library asks a token for, wherever it is told to ask.
_AUDIENCE = "https://oauth2.googleapis.com/token"


class Gate(ThreadingHTTPServer):
    """The server, and what it knows."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: "Upstream") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.accounts = {account.email: account for account in map(Account, ACCOUNTS)}
        self.upstream = upstream
        self.requests: list[str] = []
        self._tokens: dict[str, tuple[Account, float]] = {}

    def give_token(self, assertion: str) -> dict[str, object]:
        """Returns a token for a claim that one of the accounts has signed."""
        from google.auth import exceptions, jwt

        claims: Mapping[str, Any] = jwt.decode(assertion, verify=False)
        account = self.accounts.get(claims["iss"])
        if account is None:
            return _no_grant("Invalid grant: account not found")
        try:
            jwt.decode(assertion, certs=account.certificate, audience=_AUDIENCE)
        except (exceptions.InvalidValue, exceptions.MalformedError) as error:
            timed = "Token expired" in str(error) or "used too early" in str(error)
            return _no_grant(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim."
                if timed
                else "Invalid JWT Signature."
            )
        token = secrets.token_urlsafe()
        self._tokens[token] = (account, time.monotonic() + 3600)
        return {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}

    def account_of_token(self, authorization: str) -> Account:
        """Returns whose token a request bears."""
        account, expires_at = self._tokens.get(authorization.removeprefix("Bearer "), (None, 0))
        if account is None or expires_at < time.monotonic():
            raise Refused(HTTPStatus.UNAUTHORIZED, "AuthenticationRequired")
        return account


class Upstream:
    """The S3 server, to which every request goes signed by its owner."""

    def __init__(self, address: str, key: str, secret: str) -> None:
        self._address = address
        self._keys = (key, secret)
        self._connections = threading.local()

    def ask(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Returns status, headers and body of the answer."""
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        # Google takes a plus in a query for a space, S3's signatures do not.
        query = query.replace("+", "%20")
        target = quote(unquote(path), safe="/" + UNRESERVED) + (f"?{query}" if query else "")
        request = AWSRequest(method, self._address + target, headers=headers, data=body)
        S3SigV4Auth(Credentials(*self._keys), "s3", "us-east-1").add_auth(request)
        connection: HTTPConnection | None = getattr(self._connections, "one", None)
        if connection is None:
            connection = HTTPConnection(urlsplit(self._address).netloc, timeout=60)
            self._connections.one = connection
        connection.request(method, target, body, dict(request.headers.items()))
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answers every method alike: the base class looks for `do_GET` and its kind."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    @property
    def gate(self) -> Gate:
        return cast("Gate", self.server)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path == "/token":
            assertion = parse_qs(body.decode())["assertion"][0]
            answer = self.gate.give_token(assertion)
            status = HTTPStatus.OK if "access_token" in answer else HTTPStatus.BAD_REQUEST
            self._send(status, {"content-type": "application/json"}, json.dumps(answer).encode())
        elif url.path == "/_requests":
            bucket = parse_qs(url.query)["bucket"][0]
            asked = [one for one in self.gate.requests if one.split("/")[1] == bucket]
            self._send(
                HTTPStatus.OK, {"content-type": "application/json"}, json.dumps(asked).encode()
            )
        else:
            self.gate.requests.append(f"{self.command} {unquote(url.path)}")
            try:
                query = self._admit(url.path, url.query)
            except Refused as refused:
                xml = f"<Error><Code>{refused.code}</Code><Message>{refused.code}</Message></Error>"
                self._send(refused.status, {"content-type": "application/xml"}, xml.encode())
            else:
                self._send(*self._passed_on(url.path, query, body))

    def _passed_on(self, path: str, query: str, body: bytes) -> Answer:
        if (bucket := bucket_listed(path)) is not None:
            ask = self.gate.upstream.ask
            return listed(bucket, query, lambda where, what: ask("GET", where, what, {}, b""))
        if (pair := rewritten(path)) is not None:
            return rewrite(self.gate.upstream.ask, *pair, json.loads(body or b"{}"))
        return self.gate.upstream.ask(self.command, path, query, self._headers_of_s3(), body)

    def _admit(self, path: str, query: str) -> str:
        """Lets a request in, and returns the query that is left for the S3 server."""
        fields = dict(parse_qsl(query, keep_blank_values=True))
        if "X-Goog-Signature" in fields:
            account = account_of_signature(
                self.gate.accounts, self.command, path, fields, dict(self.headers.items())
            )
            query = ""
        elif authorization := self.headers.get("Authorization"):
            account = self.gate.account_of_token(authorization)
        else:
            raise Refused(HTTPStatus.FORBIDDEN, "AccessDenied")
        if account.email.startswith("reader@") and self.command not in _READING:
            raise Refused(HTTPStatus.FORBIDDEN, "AccessDenied")
        return query

    def _headers_of_s3(self) -> dict[str, str]:
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        if self.headers.get("x-goog-if-generation-match") == "0":
            headers["if-none-match"] = "*"
        if source := self.headers.get("x-goog-copy-source"):
            headers["x-amz-copy-source"] = source
        for name in self.headers:
            if name.lower().startswith(_OWN_METADATA):
                headers[name.lower().replace("goog", "amz", 1)] = self.headers[name]
        return headers

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name in _ANSWERED:
            if name in headers:
                self.send_header(name, headers[name])
        for name, text in headers.items():
            if name.startswith("x-amz-meta-"):
                self.send_header(name.replace("amz", "goog", 1), text)
        is_head = self.command == "HEAD"
        self.send_header(
            "Content-Length", headers.get("content-length", "0") if is_head else str(len(body))
        )
        self.end_headers()
        if not is_head:
            self.wfile.write(body)


def _no_grant(description: str) -> dict[str, object]:
    return {"error": "invalid_grant", "error_description": description}


def serve(address: str, key: str, secret: str, folder: Path) -> None:
    """Serves for ever."""
    gate = Gate(Upstream(address, key, secret))
    for name, account in zip(ACCOUNTS, gate.accounts.values(), strict=True):
        (folder / f"{name}.json").write_text(json.dumps(account.key_file(f"{gate.url}/token")))
    print(gate.url, flush=True)  # noqa: T201  how the caller learns it
    gate.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
