"""One scheduled sync in a process of its own, as a worker would carry it out; prints what it cost.

`python -m bench.one_sync [sync | plan | approved | suppressions]`: the first three sync lists to Dotdigital.
A plan writes nothing; `approved` carries the last plan out.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")

import django

django.setup()

from bench.measuring import usage
from syncline.accounts.models import EmailAccount
from syncline.engine.garbage import collect_less_often
from syncline.ledger.models import Approval, Purpose, Run, Trigger
from syncline.ledger.queue import request_run
from syncline.syncs.contract import Done, Wait
from syncline.syncs.registry import SYNC_TYPES
from syncline.syncs.running import advance


def main() -> None:
    collect_less_often()
    before = usage()["cpu_s"]
    account = EmailAccount.objects.get()
    run = request(account, sys.argv[1] if len(sys.argv) > 1 else "sync")
    began = time.monotonic()
    while not isinstance(answer := advance(str(run.key)), Done):
        if isinstance(answer, Wait):
            time.sleep(answer.seconds)
    wall_s = time.monotonic() - began
    run.refresh_from_db()
    used = usage()
    told = {
        name: getattr(run, name) for name in ("status", "read", "created", "updated", "unchanged", "rejected")
    }
    print(json.dumps({"wall_s": wall_s, **used, "cpu_s": used["cpu_s"] - before, **told}))
    if run.status != "completed":
        sys.exit(f"The run ended as {run.status}: {run.message}")


def request(account: EmailAccount, what: str) -> Run:
    plan = None
    if what == "approved":
        plan = Run.objects.filter(approval=Approval.WAITING).latest("pk")
    purpose = Purpose.EXECUTE if plan else Purpose.SYNC
    only = what == "plan"
    sync_type = what if what in SYNC_TYPES else "lists_out"
    lane = SYNC_TYPES[sync_type].lane
    return request_run(
        account, sync_type, lane, Trigger.SCHEDULED, plan_only=only, purpose=purpose, subject=plan
    ).run


if __name__ == "__main__":
    main()
