"""The setting of glibc's allocator that image work needs."""

import ctypes
import sys
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MMAP_BYTES = 32 * 1024 * 1024
_TRIM_BYTES = 512 * 1024 * 1024


@cache
def keep_image_buffers() -> bool:
    """Lets glibc keep freed image buffers instead of handing each one back to the kernel.

    By default every full-size buffer is mapped, faulted in page by page and unmapped again, which
    costs about as much as half of the whole job. Both thresholds are needed; either alone does
    nothing. Once per process.

    Returns:
        Whether the setting was made; other C libraries have other allocators.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES) and mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES))
