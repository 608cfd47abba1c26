"""The setting of glibc's allocator that image work needs."""

import ctypes
import os
import sys
from functools import cache

ARROW_POOL = "ARROW_DEFAULT_MEMORY_POOL"
"""The environment variable by which Arrow chooses its allocator."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
SYSTEM_POOL = "system"
_MMAP_BYTES = 32 * 1024 * 1024
_TRIM_BYTES = 512 * 1024 * 1024


@cache
def keep_image_buffers() -> bool:
    """Makes glibc keep freed image buffers instead of returning each one to the kernel.

    By default, every full-size buffer is mapped, faulted in page by page and unmapped again, which
    costs about half as much as the whole job. Both thresholds are needed; either alone has no
    effect. Takes effect once per process.

    One heap serves all threads: with a heap per thread, each would keep the memory of its last
    image, and the process would keep the largest image of every thread. Heaps that threads already
    have are kept, so this comes before the first query, which starts threads. Arrow uses the same
    heap, unless its variable says otherwise: one of its own takes 6 MB, also for small files.

    Returns:
        Whether the setting was made; other C libraries have other allocators.
    """
    libc = _glibc()
    if libc is None:
        return False
    os.environ.setdefault(ARROW_POOL, SYSTEM_POOL)
    libc.mallopt(_M_ARENA_MAX, 1)
    kept = libc.mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
    return bool(kept and libc.mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES))


def return_freed_memory() -> None:
    """Returns the allocator's free memory to the kernel, to be reused for any purpose."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        libc = ctypes.CDLL("libc.so.6")
        _ = libc.mallopt, libc.malloc_trim
    except (OSError, AttributeError):
        return None
    return libc
