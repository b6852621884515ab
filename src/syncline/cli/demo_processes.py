"""The processes that a demo starts, and stops again."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from syncline.cli.output import Stop

STOP_WITHIN_S: Final = 20
READY_WITHIN_S: Final = 90


class Processes:
    """Every process started through this is stopped when the block is left, however it is left."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: list[subprocess.Popen[str]] = []
        self._ports = home / "demo-ports.json"

    def __enter__(self) -> Processes:
        self._home.mkdir(parents=True, exist_ok=True)
        # SIGTERM ends the block as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def sandbox(self, vendor: str, *more_ports: str) -> dict[str, Any]:
        """Start a vendor's sandbox where it was last time, for the account knows it by its address; its ready
        line.
        """
        ports = [self._port(f"{vendor} {option}") for option in ("--port", *more_ports)]
        words = [
            word
            for option, port in zip(("--port", *more_ports), ports, strict=True)
            for word in (option, str(port))
        ]
        log = (self._home / f"{vendor}.log").open("a")
        process = self._start(
            [
                sys.executable,
                "-m",
                "syncline_sandbox",
                vendor,
                *words,
                "--data",
                str(self._home / vendor),
                "--seed",
                "demo",
            ],
            stdout=subprocess.PIPE,
            stderr=log,
        )
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise Stop(
                f"The {vendor} sandbox did not start.",
                f"Its log is {log.name}. If a port is taken: stop the other program, or `make demo-reset`.",
            )
        ready: dict[str, Any] = json.loads(line)
        return ready

    def console(self, port: int) -> str:
        """Start the console with a worker beside it; its address."""
        port = port if _is_free(port) else _free_port()
        log = (self._home / "console.log").open("a")
        process = self._start(
            [sys.executable, "-m", "syncline", "serve", "--port", str(port), "--with-worker"],
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and process.poll() is None:
            try:
                with urlopen(f"{address}/sign-in", timeout=5):  # noqa: S310 - our own address
                    return address
            except URLError:
                time.sleep(0.2)
        raise Stop("The console did not start.", f"Its log is {log.name}.")

    def stay_up(self) -> None:
        """Until Ctrl-C, or until one of the processes ends by itself."""
        try:
            while all(process.poll() is None for process in self._running):
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
        raise Stop("One of the demo's processes has ended by itself.", f"The logs are in {self._home}.")

    def _start(self, command: list[str], **streams: Any) -> subprocess.Popen[str]:
        # A session of its own, so that Ctrl-C reaches them through us and in order.
        process = subprocess.Popen(command, text=True, start_new_session=True, **streams)
        self._running.append(process)
        return process

    def _port(self, name: str) -> int:
        known: dict[str, int] = json.loads(self._ports.read_text()) if self._ports.exists() else {}
        if name not in known:
            known[name] = _free_port()
            self._ports.write_text(json.dumps(known))
        return known[name]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
