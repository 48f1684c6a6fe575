"""The memory that a long-running server has let go of goes back to the system.

The C library keeps freed memory for the next time, in one heap for each thread; with photos of many megapixels on many
threads these heaps grow for hours. Where it is glibc it is told to ask the system for each large array by itself, which
is then given back at once, and to share few heaps. Elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from functools import lru_cache
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
LARGE = 1 << 20
"""Bytes from which on an array lies outside of the heaps."""


@lru_cache(maxsize=1)
def _glibc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") and hasattr(library, "malloc_trim") else None


def configure() -> bool:
    """Before the server's threads begin; whether there was anything to do."""
    library = _glibc()
    if library is None:
        return False
    library.mallopt(_MMAP_THRESHOLD, LARGE)
    library.mallopt(_TRIM_THRESHOLD, 16 * LARGE)
    library.mallopt(_ARENA_MAX, 4)
    return True


def trim() -> None:
    """Give back what is free now."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)
