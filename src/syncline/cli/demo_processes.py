"""The processes that a demo starts, and stops again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.request import urlopen

from syncline.cli.output import Stop

STOP_WITHIN_S: Final = 60.0
"""Longer than `syncline serve` gives its own two processes."""
READY_WITHIN_S: Final = 90.0
LOOK_EVERY_S: Final = 0.2


@dataclass(frozen=True)
class Started:
    """A process of the demo, by the name that it goes by in messages."""

    name: str
    process: subprocess.Popen[str]
    log: Path


class Processes:
    """Every process started through this is stopped when the block is left, however it is left."""

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        self._home = home
        self._say = say
        self._running: list[Started] = []

    def __enter__(self) -> Processes:
        self._home.mkdir(parents=True, exist_ok=True)
        # Being told to end, or losing the terminal, ends the block as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.default_int_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whoever presses Ctrl-C again must not keep us from stopping the rest.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._say("\nStopping …")
        for started in reversed(self._running):
            if started.process.poll() is None:
                started.process.terminate()
        for started in reversed(self._running):
            try:
                started.process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(started.process.pid, signal.SIGKILL)
                started.process.wait()
        _pids_file(self._home).unlink(missing_ok=True)

    def sandbox(self, vendor: str, *more_ports: str) -> Started:
        """Start a vendor's sandbox where it was last time, for the account knows it by its address."""
        ports = {option: self._port(vendor, option) for option in ("--port", *more_ports)}
        words = [word for option, port in ports.items() for word in (option, str(port))]
        return self._start(
            f"{vendor.capitalize()} sandbox",
            [sys.executable, "-m", "syncline_sandbox", vendor, *words,
             "--data", str(self._home / vendor), "--seed", "demo"],
            self._home / f"{vendor}.log",
            ready_line=True,
        )  # fmt: skip

    def ready_line(self, sandbox: Started) -> dict[str, Any]:
        """Wait until the sandbox says where it is."""
        assert sandbox.process.stdout is not None
        line = sandbox.process.stdout.readline()
        if not line:
            raise Stop(f"The {sandbox.name} did not start.", f"Its log is {sandbox.log}.")
        told: dict[str, Any] = json.loads(line)
        return told

    def console(self, port: int) -> tuple[Started, str]:
        """Start the console with a worker beside it; the process, and the address it will have."""
        port = port if port and _is_free(port) else _free_port()
        words = [sys.executable, "-m", "syncline", "serve", "--port", str(port), "--with-worker"]
        return self._start("console", words, self._home / "console.log"), f"http://127.0.0.1:{port}/"

    def wait_until_answering(self, started: Started, address: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            self.check()
            try:
                with urlopen(address, timeout=5):  # noqa: S310 - our own address
                    return
            except (OSError, HTTPException):
                # Refused, cut off or late: a console that is starting on a busy machine may be any of these.
                time.sleep(LOOK_EVERY_S)
        raise Stop(f"The {started.name} did not start.", f"Its log is {started.log}.")

    def run(self, command: Sequence[str], typed_in: str, *, show: bool) -> int:
        """Carry a command out while the others go on; its exit code. Raises Stop when one of them ends."""
        step = subprocess.Popen(
            command, stdin=subprocess.PIPE, text=True, stdout=None if show else subprocess.DEVNULL
        )
        try:
            assert step.stdin is not None
            with suppress(BrokenPipeError), step.stdin:
                step.stdin.write(typed_in)
            while step.poll() is None:
                self.check()
                with suppress(subprocess.TimeoutExpired):
                    step.wait(LOOK_EVERY_S)
            return step.returncode
        finally:
            step.terminate()
            step.wait()

    def check(self) -> None:
        """Raises Stop when a process has ended by itself."""
        for started in self._running:
            code = started.process.poll()
            if code is not None:
                raise Stop(
                    f"The {started.name} has ended by itself (exit code {code}).",
                    f"Its log is {started.log}. `make demo` starts it again with the same data.",
                )

    def stay_up(self) -> None:
        """Until Ctrl-C, or until one of the processes ends by itself."""
        with suppress(KeyboardInterrupt):
            while True:
                self.check()
                time.sleep(LOOK_EVERY_S)

    def _start(self, name: str, command: list[str], log: Path, *, ready_line: bool = False) -> Started:
        with log.open("a") as errors:
            # A session of its own, so that Ctrl-C reaches it through us and in order.
            process = subprocess.Popen(
                command,
                text=True,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if ready_line else errors,
                stderr=errors,
            )
        started = Started(name, process, log)
        self._running.append(started)
        _pids_file(self._home).write_text(json.dumps([one.process.pid for one in self._running]))
        return started

    def _port(self, vendor: str, option: str) -> int:
        """The port of last time, or a free one that is kept for next time."""
        path = self._home / "demo-ports.json"
        known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        port = known.setdefault(f"{vendor} {option}", _free_port())
        path.write_text(json.dumps(known))
        if not _is_free(port):
            raise Stop(
                f"Port {port}, at which the account knows the {vendor.capitalize()} sandbox, "
                "is taken by another program.",
                "Stop that program; or begin again, with other ports: make demo-reset",
            )
        return port


def stop_leftovers(home: Path) -> None:
    """Stop what a demo left running that was killed before it could."""
    path = _pids_file(home)
    for pid in json.loads(path.read_text()) if path.exists() else []:
        # The number may be somebody else's by now.
        if _is_ours(pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        while _is_ours(pid) and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
    path.unlink(missing_ok=True)


def _is_ours(pid: int) -> bool:
    """Also False where the system has no `ps` to ask."""
    command = ["ps", "-p", str(pid), "-o", "command="]
    try:
        told = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return False
    return "-m syncline" in told


def _pids_file(home: Path) -> Path:
    return home / "demo-processes.json"


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
