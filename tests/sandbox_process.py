"""Starts the sandboxes as real processes on free ports, and speaks to their control addresses.

``with start_dotdigital(tmp_path) as sandbox: …`` gives the address and the log-in; ``sandbox.control``
moves the clock, adds faults, seeds, resets and reads the journal. The session fixtures in ``conftest.py``
build on this.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
SOURCE = Path(__file__).resolve().parent.parent / "src"


class ControlRefused(Exception):
    """The control address answered 400; the text is its sentence."""


class Control:
    """The control address of one sandbox; see the sandbox's README for what each call takes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Any control call, with the decoded answer. Raises ControlRefused."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(error.read().decode()) from None

    def reset(self, seed: str = "empty") -> None:
        self.call("POST", "reset", {"seed": seed})

    def seed(self, **body: Any) -> Any:
        return self.call("POST", "seed", body)

    def snapshot(self, name: str) -> None:
        self.call("POST", "snapshot", {"name": name})

    def restore(self, name: str) -> None:
        self.call("POST", "restore", {"name": name})

    def settings(self, **changes: Any) -> dict[str, Any]:
        """All settings, after these changes."""
        if changes:
            return dict(self.call("POST", "settings", changes))
        return dict(self.call("GET", "settings"))

    def now(self) -> str:
        """The sandbox's present moment, ISO 8601."""
        return str(self.call("GET", "clock")["now"])

    def set_clock(self, now: str) -> None:
        self.call("POST", "clock", {"now": now})

    def advance(self, seconds: float) -> None:
        self.call("POST", "clock", {"advance_s": seconds})

    def real_time(self) -> None:
        self.call("POST", "clock", {"real": True})

    def fault(self, kind: str, **details: Any) -> int:
        """Add a fault; the answer is its number."""
        return int(self.call("POST", "faults", {"kind": kind, **details})["id"])

    def faults(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "faults"))

    def clear_faults(self, number: int | None = None) -> None:
        self.call("DELETE", "faults" if number is None else f"faults/{number}")

    def journal(self, log: int = 0) -> dict[str, Any]:
        """Sums by route, and the last ``log`` requests one by one (1 means all that are kept)."""
        return dict(self.call("GET", f"journal?log={log}" if log else "journal"))

    def clear_journal(self) -> None:
        self.call("DELETE", "journal")

    def calls(self, route: str) -> int:
        """How often the route was called since the journal was cleared."""
        tally = self.journal()["routes"].get(route)
        return int(tally["calls"]) if tally else 0


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    process: subprocess.Popen[str]
    ready: dict[str, str]
    control: Control
    data_dir: Path

    @property
    def base_url(self) -> str:
        return self.ready["base_url"]

    @property
    def control_url(self) -> str:
        return self.ready["control_url"]

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; the answer is the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_TIMEOUT_S)


@dataclass(frozen=True)
class DotdigitalSandbox(Sandbox):
    @property
    def api_user(self) -> str:
        return self.ready["api_user"]

    @property
    def api_password(self) -> str:
        return self.ready["api_password"]


@dataclass(frozen=True)
class DataverseSandbox(Sandbox):
    @property
    def tls_base_url(self) -> str:
        return self.ready["tls_base_url"]

    @property
    def token_url(self) -> str:
        return self.ready["token_url"]

    @property
    def authority(self) -> str:
        return self.ready["authority"]

    @property
    def tenant_id(self) -> str:
        return self.ready["tenant_id"]

    @property
    def client_id(self) -> str:
        return self.ready["client_id"]

    @property
    def client_secret(self) -> str:
        return self.ready["client_secret"]

    @property
    def ca_file(self) -> Path:
        return Path(self.ready["ca_file"])


@contextmanager
def start_dotdigital(data_dir: Path, seed: str = "empty", port: int = 0) -> Iterator[DotdigitalSandbox]:
    """A Dotdigital sandbox, stopped at the end. The same directory again goes on with the same data."""
    with _started(data_dir, "dotdigital", "--seed", seed, "--port", str(port)) as (process, ready):
        yield DotdigitalSandbox(process, ready, Control(ready["control_url"]), data_dir)


@contextmanager
def start_dataverse(
    data_dir: Path, seed: str = "empty", port: int = 0, tls_port: int = 0
) -> Iterator[DataverseSandbox]:
    """A Dataverse sandbox, stopped at the end. The same directory again goes on with the same data."""
    arguments = ("--seed", seed, "--port", str(port), "--tls-port", str(tls_port))
    with _started(data_dir, "dataverse", *arguments) as (process, ready):
        yield DataverseSandbox(process, ready, Control(ready["control_url"]), data_dir)


@contextmanager
def _started(
    data_dir: Path, vendor: str, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    data_dir.mkdir(parents=True, exist_ok=True)
    errors = data_dir / "stderr.txt"
    command = [sys.executable, "-m", "syncline_sandbox", vendor, "--data", str(data_dir), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}
    with errors.open("a") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment, start_new_session=True
        )
    try:
        yield process, _ready_line(process, errors)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _ready_line(process: subprocess.Popen[str], errors: Path) -> dict[str, str]:
    """The one line of JSON that says where the sandbox is."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    try:
        line = lines.get(timeout=READY_TIMEOUT_S)
    except queue.Empty:
        line = ""
    if not line:
        raise AssertionError(f"the sandbox did not start:\n{errors.read_text()}")
    ready: dict[str, str] = json.loads(line)
    return ready
