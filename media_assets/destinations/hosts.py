"""Providers and buckets by https hosts."""

import re
from dataclasses import dataclass

from media_assets.destinations.model import Provider

_AWS_REGION = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
_R2 = r"(?:\.(?:eu|fedramp))?\.r2\.cloudflarestorage\.com"
_AZURE_CLOUD = (
    r"core\.windows\.net|core\.usgovcloudapi\.net|core\.chinacloudapi\.cn|storage\.azure\.net"
)
_BUCKET = r"(?:(?P<bucket>.+)\.)?"
_HOSTS: tuple[tuple[Provider, re.Pattern[str]], ...] = (
    (
        "s3",
        re.compile(
            rf"{_BUCKET}(?P<service>s3(?:-fips)?(?:\.dualstack)?(?:[.-]{_AWS_REGION})?"
            r"\.amazonaws\.com(?:\.cn)?)"
        ),
    ),
    ("gcs", re.compile(rf"{_BUCKET}(?P<service>storage\.googleapis\.com)")),
    ("r2", re.compile(rf"(?P<service>[a-z0-9-]+{_R2})")),
    ("r2", re.compile(rf"(?P<bucket>[a-z0-9-]+)\.(?P<service>[0-9a-f]{{32}}{_R2})")),
    ("b2", re.compile(rf"{_BUCKET}(?P<service>s3\.[a-z0-9-]+\.backblazeb2\.com)")),
    (
        "tigris",
        re.compile(rf"{_BUCKET}(?P<service>fly\.storage\.tigris\.dev|t3\.storage\.dev)"),
    ),
    (
        "azure",
        re.compile(
            r"(?P<account>[a-z0-9-]+(?:\.z[0-9]+)?)\.(?:blob|dfs)\."
            rf"(?P<cloud>{_AZURE_CLOUD})"
        ),
    ),
)
_PROVIDER_DOMAINS = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".googleapis.com",
    ".cloudflarestorage.com",
    ".r2.dev",
    ".backblazeb2.com",
    ".storage.tigris.dev",
    ".storage.dev",
    ".core.windows.net",
    ".core.usgovcloudapi.net",
    ".core.chinacloudapi.cn",
    ".storage.azure.net",
)
_REGION = re.compile(
    rf"https://s3(?:-fips)?(?:\.dualstack)?[.-](?:(?P<aws>{_AWS_REGION})\.amazonaws\.com(?:\.cn)?"
    r"|(?P<b2>[a-z0-9-]+)\.backblazeb2\.com)"
)


@dataclass(frozen=True, slots=True)
class HostMatch:
    """A host that belongs to a provider.

    Attributes:
        provider: The provider.
        endpoint: The server without the bucket; None if the provider has only one.
        bucket: The bucket in the host (`bucket.s3.eu-west-1.amazonaws.com`); None if the path
            begins with it.
    """

    provider: Provider
    endpoint: str | None
    bucket: str | None


def match_host(host: str) -> HostMatch | None:
    """Returns the provider of a lower-case host; None if it is not a known bucket address."""
    for provider, pattern in _HOSTS:
        match = pattern.fullmatch(host)
        if match is None:
            continue
        if provider == "azure":
            return HostMatch(provider, f"https://{match['account']}.blob.{match['cloud']}", None)
        endpoint = None if provider == "gcs" else f"https://{match['service']}"
        return HostMatch(provider, endpoint, match.groupdict().get("bucket"))
    return None


def is_provider_host(host: str) -> bool:
    """Returns whether a lower-case host is in a provider's domain, with or without a bucket."""
    return f".{host}".endswith(_PROVIDER_DOMAINS)


def region_of(endpoint: str) -> str | None:
    """Returns the region in an AWS or B2 endpoint; None if there is none.

    >>> region_of("https://s3.eu-west-1.amazonaws.com")
    'eu-west-1'
    """
    match = _REGION.fullmatch(endpoint)
    return (match["aws"] or match["b2"]) if match else None
