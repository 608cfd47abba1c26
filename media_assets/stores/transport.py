"""Timeouts and retries of requests, the same for every provider."""

from datetime import timedelta
from typing import TYPE_CHECKING

from media_assets.stores.settings import StoreSettings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

SINGLE_REQUEST_BYTES = 32 * 1024 * 1024
"""Up to this size a file is written in one request, beyond it in parts of `PART_BYTES`."""

PART_BYTES = 16 * 1024 * 1024

CONNECT_TIMEOUT = timedelta(seconds=10)
# How long a request is repeated unchanged: its signature is valid for 15 minutes. Two requests of
# obstore without an answer fit in.
_RETRY_TIMEOUT = timedelta(minutes=7)
_FIRST_PAUSE = timedelta(milliseconds=100)
_LONGEST_PAUSE = timedelta(seconds=10)


def client_config(
    settings: StoreSettings,
    endpoint: str | None,
    *,
    verifies_certificates: bool = True,
    certificates: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> "ClientConfig":
    """Returns obstore's client options for a server.

    Args:
        settings: How long a request may take.
        endpoint: The server; http is allowed only if this is http.
        verifies_certificates: Whether the server must have a trusted certificate.
        certificates: More certificates to trust, in PEM.
        headers: Sent with each request.
    """
    config: ClientConfig = {
        "allow_http": endpoint is not None and endpoint.startswith("http://"),
        "connect_timeout": CONNECT_TIMEOUT,
        "timeout": settings.timeout,
    }
    if not verifies_certificates:
        config["allow_invalid_certificates"] = True
    if certificates is not None:
        config["root_certificate"] = certificates
    if headers:
        config["default_headers"] = headers
    return config


def retry_config(settings: StoreSettings) -> "RetryConfig":
    """Returns obstore's rules for retries: random pauses that grow."""
    return {
        "max_retries": settings.max_attempts - 1,
        "retry_timeout": _RETRY_TIMEOUT,
        "backoff": {"init_backoff": _FIRST_PAUSE, "max_backoff": _LONGEST_PAUSE, "base": 2},
    }


def longest_silence(settings: StoreSettings) -> timedelta:
    """Returns how long a provider's own client waits for a server that sends nothing.

    Such clients repeat a request up to the attempts, however long that takes; with this, not longer
    than obstore does.
    """
    return min(settings.timeout, _RETRY_TIMEOUT / settings.max_attempts)


def longest_request(settings: StoreSettings) -> timedelta:
    """Returns how long a provider's own client repeats a request that gets no answer."""
    return longest_silence(settings) * settings.max_attempts
