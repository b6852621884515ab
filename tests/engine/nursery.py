"""Starts workers in processes of their own, quickly: everything is imported once, and each worker is a fork.

Reads one JSON object a line. `{"start": {"home", "database", "dead_after_s"}}` is answered with the worker's
process id, `{"wait": pid}` with its exit code (negative: the signal that killed it).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings


def be_a_worker(home: str, database: str, dead_after_s: float) -> int:
    from engine.counting import advance
    from syncline.engine.pace import Pace
    from syncline.engine.worker import run_worker

    settings.HOME = Path(home)
    settings.DATABASES["default"]["NAME"] = database
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    pace = Pace(
        beat_s=0.3,
        dead_after=timedelta(seconds=dead_after_s),
        look_every_s=0.3,
        look_into_queue_every_s=0.1,
        hand_over_every_s=0.5,
        hand_over_after=timedelta(seconds=0.5),
    )
    run_worker(slots=4, stop=stop, advance=advance, pace=pace)
    return 0


def fork_worker(what: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.close(sys.stdin.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Its log must not get among the answers.
        code = be_a_worker(**what)
    except BaseException:  # noqa: BLE001 - a fork must not run on as its parent would
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> None:
    django.setup()
    import syncline.engine.worker  # noqa: F401 - what every worker needs

    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            answer = fork_worker(order["start"])
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        print(answer, flush=True)


if __name__ == "__main__":
    main()
