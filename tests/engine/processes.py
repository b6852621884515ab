"""Worker processes, and runs that count, for the engine's tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Outcome, Run, Trigger

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


def make_account(name: str) -> EmailAccount:
    return EmailAccount.objects.create(
        name=name,
        time_zone="Europe/London",
        dataverse_url="https://northwind.crm4.dynamics.com",
        dotdigital_url="https://r1-api.dotdigital.com",
    )


class Nursery:
    """The process that workers are forked from (nursery.py)."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.nursery"],
            cwd=ROOT / "tests",
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
                "DJANGO_SETTINGS_MODULE": "syncline.config.settings",
                "SYNCLINE_HOME": str(home),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


class WorkerProcess:
    def __init__(self, nursery: Nursery, home: Path, dead_after_s: float) -> None:
        self._nursery = nursery
        start = {
            "home": str(home),
            "database": str(connection.settings_dict["NAME"]),
            "dead_after_s": dead_after_s,
        }
        self.pid = nursery.ask({"start": start})
        self.exit_code: int | None = None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._wait()

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end; gives its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return self._wait()

    def clean_up(self) -> None:
        if self.exit_code is None:
            self.kill()

    def _wait(self) -> int:
        self.exit_code = self._nursery.ask({"wait": self.pid})
        return self.exit_code


def queue_run(account: EmailAccount, sync_type: str = "labels", lane: str = "people", **plan: float) -> Run:
    """A run that counts, stored but not yet handed to the engine."""
    return Run.objects.create(
        account=account, sync_type=sync_type, lane=lane, trigger=Trigger.MANUAL, position=plan
    )


def counted(run: Run) -> list[int]:
    return [
        int(key)
        for key in Outcome.objects.filter(run=run).order_by("id").values_list("person_key", flat=True)
    ]


def wait_until(what: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {patience_s:g} s in vain")
        time.sleep(0.05)


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.status
