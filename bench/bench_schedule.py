"""What one tick costs when everything is due at once: `python -m bench.bench_schedule`.

10,000 accounts × 13 sync types, in several time zones and with several rules, all due. One tick starts a run
for each, stores its next due time, and hands it to the durable engine. Beside it, in the same process on the
same database, the least that anybody could do: read as many rows, and write as many.

`--accounts N` for a smaller installation, `--database sqlite|postgres` for one of the two only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SYNC_TYPES = (
    "campaigns", "lists_out", "lists_in", "labels", "suppressions", "unsubscribers", "crm_metadata", "forms",
    "web_behaviour", "scoring", "opt_in", "preferences", "insight",
)  # fmt: skip
ROWS_ONLY = {"campaigns", "crm_metadata", "web_behaviour", "insight"}
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
CARRIED = 1_000
RULES = (("15m", "any"), ("4h", "any"), ("1h", "weekdays_9_17"), ("4h", "weekdays_18_8"), ("1d", "any"))


def measure(accounts: int) -> None:
    import django
    import structlog

    django.setup()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # Figures only.
    from django.core.management import call_command
    from django.db import connection
    from whenever import Instant

    from syncline.engine.tick import tick
    from syncline.ledger.models import Run

    call_command("migrate", verbosity=0)
    now = Instant.now()
    schedules = fill(accounts, now)
    print(f"{connection.vendor}: {accounts:,} accounts x {len(SYNC_TYPES)} sync types, all due")
    bare_s = timed(lambda: bare(schedules))
    lanes = {key: "rows" if key in ROWS_ONLY else "people" for key in SYNC_TYPES}
    tick_s = timed(lambda: tick(now, lanes))
    assert Run.objects.count() == schedules
    quiet_s = timed(lambda: tick(now.add(seconds=1), lanes))
    bare_engine_s = timed(lambda: enqueue_bare(schedules // 10)) * 10
    carried_s = carry_out(CARRIED)
    line("bare SELECT, INSERT and UPDATE of as many rows", bare_s, bare_s)
    line("the engine's own enqueue of as many, alone", bare_engine_s, bare_s)
    line("one tick: every run stored and handed over", tick_s, bare_s)
    line("  the same beside both of the above together", tick_s, bare_s + bare_engine_s)
    print(f"  a run in the tick: {tick_s / schedules * 1e6:.0f} us; with nothing due: {quiet_s * 1e3:.1f} ms")
    print(f"  then a worker ends {CARRIED:,} empty runs in {carried_s:.1f} s, its start included")


def line(what: str, took_s: float, beside_s: float) -> None:
    print(f"  {what:<48}{took_s:8.2f} s{took_s / beside_s:8.1f} x")


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def fill(accounts: int, now: object) -> int:
    from django.db import transaction

    from syncline.accounts.models import EmailAccount
    from syncline.schedule.models import SyncSchedule

    due_at = now.subtract(seconds=1).to_stdlib()  # type: ignore[attr-defined]
    with transaction.atomic():
        EmailAccount.objects.bulk_create(
            (
                EmailAccount(
                    name=f"Account {number}",
                    time_zone=ZONES[number % len(ZONES)],
                    dataverse_url="https://example.crm.dynamics.com",
                    dotdigital_url="https://r1-api.dotdigital.com",
                )
                for number in range(accounts)
            ),
            batch_size=1000,
        )
        ids = list(EmailAccount.objects.values_list("pk", flat=True))
        SyncSchedule.objects.bulk_create(
            (
                SyncSchedule(
                    account_id=account,
                    sync_type=sync_type,
                    interval=interval,
                    window=window,
                    next_due_at=due_at,
                )
                for account in ids
                for place, sync_type in enumerate(SYNC_TYPES)
                for interval, window in [RULES[(account + place) % len(RULES)]]
            ),
            batch_size=1000,
        )
    return len(ids) * len(SYNC_TYPES)


def bare(rows: int) -> None:
    """Read every due row, write one new row and one new time for each: 1,000 a transaction, like the tick."""
    from django.db import connection, transaction

    text = "TEXT" if connection.vendor == "sqlite" else "VARCHAR(40)"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_due (id INTEGER PRIMARY KEY, kind {text}, due {text})")
        cursor.execute(
            f"CREATE TABLE bare_run (id INTEGER PRIMARY KEY, kind {text}, state {text}, due {text})"
        )
        with transaction.atomic():
            cursor.executemany(
                "INSERT INTO bare_due VALUES (%s, %s, %s)", [(n, "labels", "2026-06-03") for n in range(rows)]
            )
        for start in range(0, rows, 1000):
            with transaction.atomic():
                cursor.execute(
                    "SELECT id, kind, due FROM bare_due WHERE id >= %s ORDER BY id LIMIT 1000", [start]
                )
                due = cursor.fetchall()
                cursor.executemany(
                    "INSERT INTO bare_run VALUES (%s, %s, %s, %s)",
                    [(key, kind, "queued", at) for key, kind, at in due],
                )
                cursor.executemany(
                    "UPDATE bare_due SET due = %s WHERE id = %s", [("2026-06-04", key) for key, _, _ in due]
                )


def enqueue_bare(rows: int) -> None:
    """As many runs given to the engine and nothing else."""
    from syncline.engine.client import enqueue_all
    from syncline.ledger.models import Run

    enqueue_all([Run(account_id=-number, sync_type="labels", lane="people") for number in range(rows)])


def carry_out(runs: int) -> float:
    """Seconds until a worker has ended so many runs that hold nothing to do, all the others waiting."""
    from django.utils import timezone

    from syncline.engine.worker import run_worker
    from syncline.ledger.models import Run, RunStatus
    from syncline.syncs.contract import Done, Next

    def advance(run_key: str) -> Next:
        Run.objects.filter(key=run_key).update(status=RunStatus.COMPLETED, ended_at=timezone.now())
        return Done()

    stop = threading.Event()
    worker = threading.Thread(target=run_worker, kwargs={"stop": stop, "advance": advance})
    started = time.perf_counter()
    worker.start()
    while Run.objects.filter(status=RunStatus.COMPLETED).count() < runs:
        time.sleep(0.1)
    took_s = time.perf_counter() - started
    stop.set()
    worker.join()
    return took_s


def run_in_a_process(arguments: list[str], url: str) -> None:
    """In a process of its own, for Django is set up once a process."""
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as home:
        env = {
            **os.environ,
            "SYNCLINE_HOME": home,
            "SYNCLINE_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "syncline.config.settings",
            "PYTHONPATH": str(ROOT / "src"),
        }
        subprocess.run(
            [sys.executable, "-m", "bench.bench_schedule", "--here", *arguments],
            cwd=ROOT,
            env=env,
            check=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        measure(options.accounts)
        return
    arguments = ["--accounts", str(options.accounts)]
    if options.database in {"sqlite", "both"}:
        run_in_a_process(arguments, "")
    if options.database in {"postgres", "both"}:
        from tests.postgres import postgres

        with postgres() as url:
            run_in_a_process(arguments, url)


if __name__ == "__main__":
    main()
