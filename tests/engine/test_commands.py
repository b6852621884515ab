"""`syncline work` and `syncline serve`, as they are started from a terminal."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from engine.processes import PATIENCE_S, ROOT, wait_until
from syncline.cli.output import Stop
from syncline.cli.serve import free_port

Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = pytest.mark.one_database


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `syncline …` with a home of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        code = "from syncline.cli import app; app()"
        env = {
            **os.environ,
            "SYNCLINE_HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "syncline.config.settings",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], env=env, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def living_workers(home: Path) -> list[int]:
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(home / "syncline.sqlite3")) as database:
        return [pid for (pid,) in database.execute("SELECT pid FROM engine_worker")]
    return []  # The tables are not there yet.


def test_serve_answers_until_ctrl_c_and_takes_its_worker_along(start: Start, tmp_path: Path) -> None:
    process = start("serve", "--port", "0", "--with-worker", "--json")
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["address"]
    assert status_of(address) < 500
    wait_until(lambda: living_workers(tmp_path))
    (worker,) = living_workers(tmp_path)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0
    assert living_workers(tmp_path) == [], "the worker signed off"
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=5)


def test_serve_starts_a_dead_worker_again(start: Start, tmp_path: Path) -> None:
    start("serve", "--port", "0", "--with-worker", "--json")
    wait_until(lambda: living_workers(tmp_path))
    (first,) = living_workers(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: living_workers(tmp_path) not in ([], [first]))


def test_a_port_that_is_taken_is_named_with_a_remedy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(Stop, match=str(taken)) as caught:
            free_port(taken)
    assert f"--port {taken + 1}" in caught.value.remedy


def test_work_ends_cleanly_when_told_to(start: Start, tmp_path: Path) -> None:
    process = start("work", "--slots", "2")
    wait_until(lambda: living_workers(tmp_path))
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert living_workers(tmp_path) == []
