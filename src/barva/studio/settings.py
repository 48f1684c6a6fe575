"""`Settings`: where the studio listens, what it accepts, what it keeps and for how long."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from barva.errors import UsageError
from barva.runtime.machine import usable_cores

HOUR = 3600.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ORIGIN = r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
_TOKEN = r"[A-Za-z0-9._~+/=-]{16,}"  # what a cookie and `Authorization: Bearer` (RFC 6750) hold as it is


def state_folder() -> Path:
    """BARVA_STATE, or the folder where programs of this system keep their state."""
    if named := os.environ.get("BARVA_STATE"):
        return Path(named)
    base = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "state") / "barva" / "studio"


def megabytes(count: int) -> str:
    """Bytes as people read them, never more than there are.

    Examples:
        >>> megabytes(128 << 20), megabytes((2 << 20) - 1), megabytes(1 << 19)
        ('128', '1', '0.5')
    """
    return str(count >> 20) if count >= 1 << 20 else f"{count / (1 << 20):.2g}"


@dataclass(frozen=True)
class ConnectionLimits:
    """| field | unit | what |
    |---|---|---|
    | `total`, `per_client` | | connections; a client is an address |
    | `head` | s | from the connection, or the first byte of a later request, to the end of its head |
    | `head_bytes` | bytes | of a request's head |
    | `body`, `body_rate` | s, bytes/s | a body may take `body`, and a second more for each `body_rate` bytes |
    | `stall` | s | without a byte of a waiting answer being taken |
    | `linger` | s | for the last bytes of a connection that is closed |
    """

    total: int = 480
    per_client: int = 120
    head: float = 10.0
    head_bytes: int = 64 << 10
    body: float = 30.0
    body_rate: float = 1000.0
    stall: float = 60.0
    linger: float = 5.0


@dataclass(frozen=True)
class Settings:
    """| field | unit | what |
    |---|---|---|
    | `host`, `port` | | where it listens |
    | `hosts` | | names, beside `host`, by which browsers may call it |
    | `origins` | | pages of other sites that may use the API, such as `http://localhost:3000` |
    | `token` | | what every request must show; None: nothing |
    | `state` | | the folder of sessions and jobs |
    | `max_bytes`, `max_pixels` | bytes, px | of one photo, all its pages together |
    | `max_photos` | | files of one request |
    | `max_film`, `max_films` | bytes, | of one film; films on disk: for more, the longest unused go |
    | `max_waiting` | | photos that may wait for their turn, all clients together |
    | `max_sessions`, `max_jobs` | | sessions and jobs on disk; for more, the longest unused go |
    | `memory` | bytes | of live sessions; the least used ones go back to disk |
    | `connections` | | see `ConnectionLimits` |
    | `keep_results`, `keep_sessions` | s | after the last use, then they are deleted |
    | `workers` | | photos that are colored at a time |

    Errors: `UsageError` for what makes no sense.
    """

    host: str = "127.0.0.1"
    port: int = 8480
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    state: Path = field(default_factory=state_folder)
    max_bytes: int = 128 << 20
    max_pixels: int = 100_000_000
    max_photos: int = 200
    max_film: int = 4 << 30
    max_films: int = 20
    max_waiting: int = 2000
    max_sessions: int = 2000
    max_jobs: int = 2000
    memory: int = 384 << 20
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    keep_results: float = 24 * HOUR
    keep_sessions: float = 30 * 24 * HOUR
    workers: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        for name in (
            "max_bytes",
            "max_pixels",
            "max_photos",
            "max_film",
            "max_films",
            "max_waiting",
            "max_sessions",
            "max_jobs",
            "memory",
            "workers",
        ):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1, not {getattr(self, name)}")
        if not (self.keep_results > 0 and self.keep_sessions > 0):  # NaN too
            raise UsageError("results and sessions are kept for some time: more than 0")
        if not 0 <= self.port <= 65535:
            raise UsageError(f"a port goes from 0 to 65535, not {self.port}")
        object.__setattr__(self, "origins", tuple(_origin(text) for text in self.origins))
        if self.token is not None and re.fullmatch(_TOKEN, self.token) is None:
            raise UsageError("a token has at least 16 letters, digits or any of . _ ~ + / = -; longer is safer")

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK or self.host.startswith("127.")

    @property
    def max_request(self) -> int:
        """Bytes of one request: one photo at its largest, with references, or several smaller ones."""
        return 2 * self.max_bytes + (1 << 20)


def _origin(text: str) -> str:
    """An origin as browsers send it. UsageError for a pattern, a path, or anything else."""
    origin = text.strip().lower().removesuffix("/")
    scheme, _, place = origin.partition("://")
    usual = {"http": ":80", "https": ":443"}.get(scheme, "")
    origin = f"{scheme}://{place.removesuffix(usual)}" if usual else origin
    if re.fullmatch(_ORIGIN, origin) is None:
        raise UsageError(
            f"an origin is a scheme, a name and perhaps a port, such as http://localhost:3000, not {text[:80]!r}"
        )
    return origin
