"""`syncline serve`: the console, and a worker beside it where wanted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Final

import typer
from django.db import connections

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import AsJson, Output, Stop

HOST: Final = "127.0.0.1"
"""Never reachable from outside by itself: a proxy that speaks TLS belongs in front of it."""
READY_WITHIN_S: Final = 60.0
ENDS_WITHIN_S: Final = 40.0
RESTART_AFTER_S: Final = 2.0

WEB_SERVER: Final = (
    sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--host", HOST,
    "--log-level", "error", "--respawn-failed-workers", "--no-ws", "--blocking-threads", "16",
)  # fmt: skip
WORKER: Final = (sys.executable, "-c", "from syncline.cli import app; app()", "work")


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8000,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Carry syncs out too, in a process of its own.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the console on 127.0.0.1 until stopped (Ctrl-C or SIGTERM)."""
    output = Output(as_json)
    port = free_port(port)
    connections.close_all()
    serving = Serving(port, with_worker)
    # Ctrl-C by name too: a process started in the background begins with it switched off.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        serving.start()
        address = f"http://{HOST}:{port}/"
        output.say(f"The console is at [bold]{address}[/bold]. Ctrl-C stops it.")
        output.result({"address": address, "worker": with_worker})
        serving.watch(output)
    except KeyboardInterrupt:
        output.say("Stopping.")
    finally:
        serving.stop()


def free_port(port: int) -> int:
    """The port, or a free one for 0. Raises Stop where somebody else has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Stop(
                f"Port {port} is taken by another program.",
                f"Stop that program, or choose another port: syncline serve --port {port + 1}",
            ) from None
        return int(probe.getsockname()[1])


@dataclass
class Serving:
    """The web server's process and the worker's. Neither gets Ctrl-C from the terminal: they end when told
    to."""

    port: int
    with_worker: bool
    _ready: bool = field(default=False, init=False)
    _web: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _worker: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Returns when the console answers. Raises Stop where it never does."""
        target = "syncline.config.wsgi:application"
        self._web = _start(*WEB_SERVER, "--port", str(self.port), target)
        if self.with_worker:
            self._worker = _start(*WORKER)
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            if self._web.poll() is not None or time.monotonic() > deadline:
                raise Stop("The web server did not start.", "The lines above say why.")
            time.sleep(0.1)
        self._ready = True

    def watch(self, output: Output) -> None:
        """Until Ctrl-C. A worker that dies is started again; without its web server there is nothing to
        serve."""
        assert self._web is not None
        while self._web.poll() is None:
            if self._worker is not None and self._worker.poll() is not None:
                output.say(f"The worker ended (exit code {self._worker.returncode}); starting another one.")
                time.sleep(RESTART_AFTER_S)
                self._worker = _start(*WORKER)
            time.sleep(0.3)
        raise Stop("The web server ended by itself.", "Its last lines say why.", ExitCode.FAILED)

    def stop(self) -> None:
        """Tell both to end and wait for them; a second Ctrl-C does not wait."""
        running = [process for process in (self._web, self._worker) if process and process.poll() is None]
        for process in running:
            # A web server that is told to end while it starts may never end; it serves nobody yet.
            process.send_signal(
                signal.SIGKILL if process is self._web and not self._ready else signal.SIGTERM
            )
        try:
            for process in running:
                process.wait(timeout=ENDS_WITHIN_S)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            pass
        for process in running:
            # What it may have left of its process group; mostly nothing.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _answers(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        return True


def _start(*command: str) -> subprocess.Popen[bytes]:
    # A process group of its own: Ctrl-C reaches us alone, and we tell each process once.
    # Our own stdout is for results.
    return subprocess.Popen(command, process_group=0, stdin=subprocess.DEVNULL, stdout=sys.stderr)  # noqa: S603 - no outside input
