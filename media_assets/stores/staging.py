"""The names of files that are being written beside their final place."""

from uuid import uuid4

STAGING_PREFIX = ".media-assets-"


def staging_name(suffix: str = "") -> str:
    """Returns a new file name that no other caller gets and that no listing shows.

    Args:
        suffix: What the name ends in, for encoders that go by the extension: ".jpg".
    """
    return f"{STAGING_PREFIX}{uuid4().hex}{suffix}"


def is_staging_name(name: str) -> bool:
    """Whether a file name is one of `staging_name`."""
    return name.startswith(STAGING_PREFIX)
