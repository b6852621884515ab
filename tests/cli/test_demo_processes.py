"""The demo waits for a console that is slow to start, whatever that looks like from outside."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.cli.demo_processes import Processes, Started

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
def slow_to_start() -> Iterator[str]:
    """Hangs up on the first who asks, talks nonsense to the second, and answers the third."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for words in (b"", b"nonsense\r\n\r\n", ANSWER):
                connection, _ = server.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(words)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_console_that_hangs_up_while_it_starts_is_asked_again(tmp_path: Path, slow_to_start: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True) as process:
        processes = Processes(tmp_path, print)
        processes.wait_until_answering(Started("console", process, tmp_path / "log"), slow_to_start)
