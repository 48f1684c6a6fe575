"""The studio's server in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path


class Server:
    """`barva studio` in a process of its own, on any free port or a given one. `prelude` is Python that runs first."""

    def __init__(self, state: Path, port: int = 0, prelude: str = "") -> None:
        self.state, self.port, self.prelude = state, port, prelude
        self.start()

    def start(self) -> None:
        port = ["--port", str(self.port)]
        code = f"{self.prelude}\nimport runpy\nrunpy.run_module('barva', run_name='__main__')"
        command = [sys.executable, "-c", code, "studio", "--no-browser", *port, "--state", str(self.state)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert line.startswith("http"), line + self.process.stderr.read()
        self.address = line.split()[0]

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
