"""Names of staging files, which are being written next to their final place."""

from secrets import token_hex

STAGING_PREFIX = ".media-assets-"


def staging_name() -> str:
    """Returns a unique file name that listings do not show."""
    return f"{STAGING_PREFIX}{token_hex(16)}"


def is_staging_name(name: str) -> bool:
    """Returns whether a file name was made by `staging_name`."""
    return name.startswith(STAGING_PREFIX)
