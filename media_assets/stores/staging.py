"""Names of staging files, which are being written next to their final place."""

from uuid import uuid4

STAGING_PREFIX = ".media-assets-"


def staging_name(suffix: str = "") -> str:
    """Returns a unique file name that listings do not show.

    Args:
        suffix: The end of the name, such as ".jpg", for encoders that need the extension.
    """
    return f"{STAGING_PREFIX}{uuid4().hex}{suffix}"


def is_staging_name(name: str) -> bool:
    """Returns whether a file name was made by `staging_name`."""
    return name.startswith(STAGING_PREFIX)
