"""A run that counts: the simplest thing that shows whether a run was carried out once, wholly, and by one at
a time.

`advance` stands where `syncline.syncs.running.advance` stands in the product. What a run does is in its
`position`: `steps` to count to, `step_s` that one takes, `wait_s` to sleep after each, `fail_first` steps
that raise.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from syncline.ledger.leases import hold
from syncline.ledger.models import Outcome, Run, RunStatus
from syncline.syncs.contract import Done, More, Next, Wait


class StepFailedError(Exception):
    pass


def advance(run_key: str) -> Next:
    run = Run.objects.select_related("account").get(key=run_key)
    if run.status == RunStatus.QUEUED:
        try:
            with transaction.atomic():
                Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, started_at=timezone.now())
        except IntegrityError:
            return Wait(0.2)
        run.refresh_from_db()
    if run.status != RunStatus.RUNNING:
        return Done()
    if run.cancel_requested_by or run.account.disabled:
        return end(run, RunStatus.CANCELLED)
    return step(run)


def step(run: Run) -> Next:
    plan = {"steps": 3, "step_s": 0.0, "wait_s": 0.0, "fail_first": 0, "done": 0, **run.position}
    if plan["done"] >= plan["steps"]:
        # Asked of what is stored: the worker may have died between its last step and the end.
        return end(run, RunStatus.COMPLETED)
    if plan["fail_first"]:
        run.position = {**plan, "fail_first": plan["fail_first"] - 1}
        run.save(update_fields=["position"])
        raise StepFailedError
    with alone_in_lane(run):
        time.sleep(plan["step_s"])
        number = plan["done"] + 1
        with transaction.atomic():
            hold()
            count(run, number)
            run.position = {**plan, "done": number}
            run.save(update_fields=["position"])
    return Wait(plan["wait_s"]) if plan["wait_s"] and number < plan["steps"] else More()


def count(run: Run, number: int) -> None:
    columns = ("name", "entity", "record_id", "side", "action", "reason", "detail", "vendor_code", "fields")
    blank = dict.fromkeys(columns, "")
    Outcome.objects.create(run=run, person_key=str(number), result="created", at=timezone.now(), **blank)


def end(run: Run, status: RunStatus) -> Done:
    with transaction.atomic():
        hold()
        Run.objects.filter(pk=run.pk).update(status=status, ended_at=timezone.now())
    return Done()


class alone_in_lane:  # noqa: N801 - reads as a statement
    """Leaves a mark in the file system while a step is under way, and reports whoever finds another's mark.

    The mark of a process that is dead or suspended does not count: it is not doing anything.
    """

    def __init__(self, run: Run) -> None:
        home = Path(settings.HOME)
        self._mark = home / f"lane-{run.account_id}-{run.lane}"
        self._clashes = home / "clashes"

    def __enter__(self) -> None:
        if self._mark.exists() and is_working(int(self._mark.read_text() or 0)):
            with self._clashes.open("a") as file:
                file.write(f"{self._mark.name}: {os.getpid()} found {self._mark.read_text()}\n")
        self._mark.write_text(str(os.getpid()))

    def __exit__(self, *_: object) -> None:
        self._mark.unlink(missing_ok=True)


def is_working(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"T", "t", "Z", "X"}
