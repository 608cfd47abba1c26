"""Connections to the host of a URL, which use the very address that was checked."""

import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Thread

from media_assets.errors import SourceMissingError, SourceRefusedError
from media_assets.fetch.addresses import is_allowed, parse_address
from media_assets.fetch.environment import Environment, Resolve, system_tls
from media_assets.fetch.limits import Deadline, FetchLimits
from media_assets.fetch.source_url import SourceUrl

_UNKNOWN_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def dial(
    url: SourceUrl, *, limits: FetchLimits, deadline: Deadline, outside: Environment
) -> socket.socket:
    """Returns a connected socket, with TLS for https.

    Raises:
        SourceRefusedError: An address of the host is not allowed, or its certificate is invalid.
        SourceMissingError: The host does not exist.
        OSError: The connection failed.
    """
    addresses = _check_addresses(url, limits, _addresses(url, deadline, outside.resolve))
    connected = _connect(addresses, url.port, limits, deadline)
    if url.scheme == "http":
        return connected
    try:
        connected.settimeout(deadline.timeout(limits.connect_timeout))
        return (outside.tls or system_tls()).wrap_socket(
            connected, server_hostname=url.host, suppress_ragged_eofs=False
        )
    except ssl.SSLCertVerificationError as error:
        connected.close()
        reason = f"its certificate is not valid ({error.verify_message.rstrip('.')})"
        raise SourceRefusedError(url.shown, problem=reason) from error
    except OSError:
        connected.close()
        raise


def _addresses(url: SourceUrl, deadline: Deadline, resolve: Resolve) -> Sequence[str]:
    """Looks up a name on a separate thread, since the operating system has no deadline for it."""
    if parse_address(url.host) is not None:
        return [url.host]
    answer: Future[Sequence[str]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(resolve(url.host, url.port))
        except Exception as error:  # noqa: BLE001  it is raised again by who waits for the answer
            answer.set_exception(error)

    Thread(target=look_up, name=f"look up {url.host}", daemon=True).start()
    try:
        return answer.result(deadline.timeout(deadline.lasts))
    except socket.gaierror as error:
        if error.errno in _UNKNOWN_NAME:
            reason = f"the host {url.host!r} does not exist"
            raise SourceMissingError(url.shown, reason=reason) from error
        raise


def _check_addresses(url: SourceUrl, limits: FetchLimits, found: Sequence[str]) -> Sequence[str]:
    for text in found:
        address = parse_address(text)
        if address is None or not is_allowed(address, limits.allow_networks):
            problem = f"its host has the address {text}, which is not public"
            raise SourceRefusedError(url.shown, problem=problem)
    return found


def _connect(
    addresses: Sequence[str], port: int, limits: FetchLimits, deadline: Deadline
) -> socket.socket:
    first_error: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection(
                (address, port), timeout=deadline.timeout(limits.connect_timeout)
            )
        except OSError as error:
            first_error = first_error or error
    raise first_error or OSError("its host has no address")
