"""Timeouts and retries of requests, the same for every provider."""

from datetime import timedelta
from typing import TYPE_CHECKING

from media_assets.stores.settings import StoreSettings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

SINGLE_REQUEST_BYTES = 32 * 1024 * 1024
"""Up to this size a file is written by one request, beyond it in parts of `PART_BYTES`."""

PART_BYTES = 16 * 1024 * 1024

_CONNECT_TIMEOUT = timedelta(seconds=10)
# obstore's bound for requests that are repeated unchanged: their signatures age, to 15 minutes at
# most. Two requests that nobody answers fit in.
_RETRY_TIMEOUT = timedelta(minutes=7)
_FIRST_PAUSE = timedelta(milliseconds=100)
_LONGEST_PAUSE = timedelta(seconds=10)


def client_config(
    settings: StoreSettings,
    endpoint: str | None,
    *,
    verifies_certificates: bool = True,
    certificates: bytes | None = None,
) -> "ClientConfig":
    """Returns obstore's client options for a server.

    Args:
        settings: How long a request may take.
        endpoint: The server; http is let through only where this says http.
        verifies_certificates: Whether the server has to show a certificate that is trusted.
        certificates: Further certificates to trust, in PEM.
    """
    config: ClientConfig = {
        "allow_http": endpoint is not None and endpoint.startswith("http://"),
        "connect_timeout": _CONNECT_TIMEOUT,
        "timeout": settings.timeout,
    }
    if not verifies_certificates:
        config["allow_invalid_certificates"] = True
    if certificates is not None:
        config["root_certificate"] = certificates
    return config


def retry_config(settings: StoreSettings) -> "RetryConfig":
    """Returns obstore's rules for trying again: pauses that grow, each time by chance."""
    return {
        "max_retries": max(settings.max_attempts, 1) - 1,
        "retry_timeout": _RETRY_TIMEOUT,
        "backoff": {"init_backoff": _FIRST_PAUSE, "max_backoff": _LONGEST_PAUSE, "base": 2},
    }
