"""`syncline work`: a worker, until it is told to stop."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Annotated

import typer
from django.conf import settings

from syncline.cli.exit_codes import ExitCode
from syncline.config.logs import tell_more
from syncline.engine.worker import SLOTS, run_worker


def register(app: typer.Typer) -> None:
    app.command()(work)


def work(
    slots: Annotated[
        int,
        typer.Option(
            "--slots", min=1, max=256, help="How many steps of syncs to carry out at the same time."
        ),
    ] = SLOTS,
) -> None:
    """Carry syncs out until stopped (Ctrl-C or SIGTERM).

    Any number of workers may run at the same time; with PostgreSQL, on any number of machines. Told to stop,
    a worker finishes the step it is at and leaves the rest to the others, or to its own next start. Told
    twice, it ends on the spot, and the others take over.
    """
    tell_more(settings.ENVIRONMENT.log_level)
    stop = threading.Event()

    def told_to_stop(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(ExitCode.INTERRUPTED)
        stop.set()

    signal.signal(signal.SIGTERM, told_to_stop)
    signal.signal(signal.SIGINT, told_to_stop)
    run_worker(slots=slots, stop=stop)
