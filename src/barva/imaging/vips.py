"""The one place that loads libvips, so that it is configured once and only when a picture is really touched.

libvips is not imported by `import barva.imaging`: loading it takes about 60 ms, which `barva --help` must not pay.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

_lock = threading.Lock()
_module: Any = None


def load() -> Any:
    """pyvips, configured: no operation cache (it would keep files open), nothing written to stderr."""
    global _module
    if _module is None:
        with _lock:
            if _module is None:
                _module = _configure()
    return _module


def _configure() -> Any:
    # libvips prints warnings about odd files (unknown TIFF tags and the like) by itself, unless it is told before it
    # starts.
    os.environ.setdefault("VIPS_WARNING", "1")
    log = logging.getLogger("pyvips")
    log.addHandler(logging.NullHandler())
    log.setLevel(max(log.level, logging.ERROR))
    import pyvips

    pyvips.cache_set_max(0)
    # libvips's errors name files byte for byte; pyvips itself fails at names that are not UTF-8.
    pyvips.error._to_string = lambda text: pyvips.ffi.string(text).decode(errors="replace")
    return pyvips


def set_blob(image: Any, name: str, value: bytes) -> None:
    """Put bytes such as 'exif-data' on an image that is ours alone (a fresh copy)."""
    vips = load()
    image.set_type(vips.GValue.blob_type, name, value)


def blob(image: Any, name: str) -> bytes | None:
    """Bytes such as 'exif-data' from an image, or None."""
    if image.get_typeof(name) == 0:
        return None
    value = image.get(name)
    data = bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else bytes(memoryview(value))
    return data or None
