"""The version of a local file: a text that changes when the file does."""

import os


def local_version(status: os.stat_result) -> str:
    """Returns the version of a file, of what the operating system says of it."""
    return str(status.st_mtime_ns)


def has_version(status: os.stat_result, version: str) -> bool:
    """Whether a file is in a version that was recorded."""
    return local_version(status) == version
