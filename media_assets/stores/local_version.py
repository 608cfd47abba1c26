"""The version of a local file: its modification and its change time, in nanoseconds since 1970.

Nobody can set a change time back. Where something else changes it, such as a backup that makes hard
links, it is left out.
"""

import os


def local_version(status: os.stat_result) -> str:
    """Returns the version of a file, of what the operating system says of it."""
    return f"{status.st_mtime_ns} {status.st_ctime_ns}"


def without_change_time(version: str) -> str:
    """Returns a version by the modification time alone."""
    return version.partition(" ")[0]


def is_same_version(recorded: str, found: str) -> bool:
    """Returns whether two versions are one; where either has no change time, it does not count."""
    modified, _, changed = recorded.partition(" ")
    modified_now, _, changed_now = found.partition(" ")
    is_told = bool(changed and changed_now)
    return modified == modified_now and (not is_told or changed == changed_now)


def has_version(status: os.stat_result, version: str) -> bool:
    """Returns whether a file is in a version that was recorded."""
    return is_same_version(version, local_version(status))
