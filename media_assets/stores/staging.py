"""Names of staging files, which are being written next to their final place."""

from uuid import uuid4

STAGING_PREFIX = ".media-assets-"


def staging_name() -> str:
    """Returns a unique file name that listings do not show."""
    return f"{STAGING_PREFIX}{uuid4().hex}"


def is_staging_name(name: str) -> bool:
    """Returns whether a file name was made by `staging_name`."""
    return name.startswith(STAGING_PREFIX)
