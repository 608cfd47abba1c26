"""The version of a local file: its modification and its change time, in nanoseconds since 1970.

A change time cannot be set back. It is left out where other programs change it, such as a backup
that makes hard links.
"""

import os


def local_version(status: os.stat_result) -> str:
    """Returns the version of a file from its status."""
    return f"{status.st_mtime_ns} {status.st_ctime_ns}"


def without_change_time(version: str) -> str:
    """Returns a version reduced to the modification time."""
    return version.partition(" ")[0]


def is_same_version(recorded: str, found: str) -> bool:
    """Returns whether two versions are equal, without change times unless both have one."""
    modified, _, changed = recorded.partition(" ")
    modified_now, _, changed_now = found.partition(" ")
    has_both = bool(changed and changed_now)
    return modified == modified_now and (not has_both or changed == changed_now)


def has_version(status: os.stat_result, version: str) -> bool:
    """Returns whether a file still has the recorded version."""
    return is_same_version(version, local_version(status))
