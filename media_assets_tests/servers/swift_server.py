"""OpenStack Swift with its S3 API, all four of its servers in one process.

Run by Swift's own environment: `python swift_server.py FOLDER KEYS`, with so many keys to a page of
a listing. It prints its address, and serves until it is ended. `GET /_requests?bucket=NAME` lists
the requests that a bucket has got.
"""
# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# ruff: noqa: PLC0415, T201  eventlet has to patch before anything else is imported

import configparser
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

REGION = "us-east-1"
USERS = {"user_test_tester": "testing .admin", "user_test_reader": "reading"}
# A secret that is no word, to look for wherever it must not be.
USERS["user_test_canary"] = "canary4secret7canary .admin"
STORAGE_SERVERS = ("account", "container", "object")
_MIDDLEWARE: dict[str, dict[str, str]] = {
    "catch_errors": {},
    "gatekeeper": {},
    "cache": {"paste.filter_factory": "swift_server:dictionary_cache"},
    "listing_formats": {},
    "bulk": {},
    "s3api": {"location": REGION},
    "tempauth": USERS,
    "copy": {},
    "slo": {},
    "dlo": {},
    "versioned_writes": {"allow_object_versioning": "true"},
    "symlink": {},
}
_DEVICE = "disk"


class Memcache:
    """What Swift asks of memcached: it keeps users' tokens, and which containers exist."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Any, float]] = {}

    def get(self, key: str, **_options: object) -> Any:  # noqa: ANN401
        value, expires_at = self._entries.get(key, (None, 0.0))
        return value if expires_at > time.monotonic() else None

    def set(self, key: str, value: Any, time: float = 0, **_options: object) -> None:  # noqa: ANN401
        self._entries[key] = (value, _deadline(time))

    def delete(self, key: str, **_options: object) -> None:
        self._entries.pop(key, None)

    def incr(self, key: str, delta: int = 1, time: float = 0, **_options: object) -> int:
        value = int(self.get(key) or 0) + int(delta)
        self.set(key, value, time=time)
        return value

    def decr(self, key: str, delta: int = 1, time: float = 0, **_options: object) -> int:
        return self.incr(key, -int(delta), time=time)


class RequestLog:
    """Keeps method and path of every request, in front of everything else."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._requests: list[str] = []

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        if path != "/_requests":
            self._requests.append(f"{environ['REQUEST_METHOD']} {path}")
            return self._app(environ, start_response)
        bucket = parse_qs(environ["QUERY_STRING"])["bucket"][0]
        asked = [line for line in self._requests if line.split(" ")[1].split("/")[1] == bucket]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(asked).encode()]


class OneWriterAtATime:
    """Makes `If-None-Match: *` what it is on S3: Swift itself lets several concurrent ones win."""

    def __init__(self, app: Wsgi) -> None:
        import threading  # patched by now

        self._app = app
        self._locks = [threading.Lock() for _ in range(64)]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "PUT":
            return self._app(environ, start_response)
        with self._locks[hash(environ["PATH_INFO"]) % len(self._locks)]:
            return list(self._app(environ, start_response))


def dictionary_cache(_settings: dict[str, str], **_more: str) -> Callable[[Wsgi], Wsgi]:
    """The proxy's `cache` middleware."""
    cache = Memcache()

    def middleware(app: Wsgi) -> Wsgi:
        def with_cache(
            environ: dict[str, Any], start_response: Callable[..., Any]
        ) -> Iterable[bytes]:
            environ["swift.cache"] = cache
            return app(environ, start_response)

        return with_cache

    return middleware


def serve(folder: Path, keys_of_page: str) -> None:
    """Starts Swift below a folder, prints its address, and serves for ever."""
    import eventlet

    eventlet.patcher.monkey_patch()
    sockets = {
        name: eventlet.listen(("127.0.0.1", 0), backlog=512) for name in (*STORAGE_SERVERS, "proxy")
    }
    ports = {name: socket.getsockname()[1] for name, socket in sockets.items()}
    _MIDDLEWARE["s3api"]["max_bucket_listing"] = keys_of_page
    _configure(folder, ports)
    threads = [
        eventlet.spawn(_serve_one, socket, _load(folder / f"{name}.conf"))
        for name, socket in sockets.items()
    ]
    print(f"http://127.0.0.1:{ports['proxy']}", flush=True)
    for thread in threads:
        thread.wait()


def _load(configuration: Path) -> Wsgi:
    from swift.common.wsgi import loadapp

    app = loadapp(str(configuration), global_conf={"log_name": configuration.stem})
    in_front = {"proxy": RequestLog, "object": OneWriterAtATime}.get(configuration.stem)
    return in_front(app) if in_front else app


def _serve_one(socket: object, app: Wsgi) -> None:
    from eventlet import wsgi
    from swift.common.http_protocol import SwiftHttpProtocol
    from swift.common.utils import NullLogger

    wsgi.server(
        socket,
        app,
        NullLogger(),
        protocol=SwiftHttpProtocol,
        capitalize_response_headers=False,
        max_size=4096,
    )


def _configure(folder: Path, ports: dict[str, int]) -> None:
    """Writes Swift's configuration and rings: one disk, one copy of everything."""
    (folder / "disks" / _DEVICE).mkdir(parents=True)
    _write(
        folder / "swift.conf",
        {
            "swift-hash": {"swift_hash_path_prefix": "tests", "swift_hash_path_suffix": "tests"},
            "storage-policy:0": {"name": "only", "default": "yes"},
        },
    )
    from swift.common.utils import set_swift_dir

    set_swift_dir(str(folder))
    for name in STORAGE_SERVERS:
        _write_ring(folder / f"{name}.ring.gz", ports[name])
        common = {
            "devices": str(folder / "disks"),
            "mount_check": "false",
            "fallocate_reserve": "0",
        }
        _write_server(folder, name, common, {}, {})
    _write_server(folder, "proxy", {}, _MIDDLEWARE, {"account_autocreate": "true"})


def _write_ring(path: Path, port: int) -> None:
    from swift.common.ring import RingBuilder

    builder = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
    address = {"ip": "127.0.0.1", "port": port}
    builder.add_dev(
        {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "device": _DEVICE, "meta": ""}
        | address
        | {f"replication_{name}": value for name, value in address.items()}
    )
    builder.rebalance()
    builder.get_ring().save(str(path))


def _write_server(
    folder: Path,
    name: str,
    common: dict[str, str],
    middleware: dict[str, dict[str, str]],
    settings: dict[str, str],
) -> None:
    app = f"{name}-server"
    sections = {
        "DEFAULT": {"swift_dir": str(folder), "log_level": "ERROR", **common},
        "pipeline:main": {"pipeline": " ".join([*middleware, app])},
        f"app:{app}": {"use": f"egg:swift#{name}", **settings},
    }
    for filter_name, options in middleware.items():
        use = {} if "paste.filter_factory" in options else {"use": f"egg:swift#{filter_name}"}
        sections[f"filter:{filter_name}"] = use | options
    _write(folder / f"{name}.conf", sections)


def _write(path: Path, sections: dict[str, dict[str, str]]) -> None:
    parser = configparser.ConfigParser(interpolation=None, default_section="no defaults")
    parser.read_dict(sections)
    with path.open("w") as file:
        parser.write(file)


def _deadline(lifetime: float) -> float:
    return time.monotonic() + lifetime if lifetime else float("inf")


if __name__ == "__main__":
    serve(Path(sys.argv[1]).resolve(), sys.argv[2])
