"""Ending a long command from outside."""

from __future__ import annotations


def stop_gently() -> None:
    """SIGTERM, and SIGINT even where a shell has a background job ignore it, end the command as Ctrl-C does."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.default_int_handler)
