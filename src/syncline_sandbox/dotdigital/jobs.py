"""Work that finishes later: imports, bulk deletes, segment refreshes.

A job is stored with the moment, by the soft clock, at which it ends. Its effect happens when the first
request after that moment comes in, as if it had happened then; nothing is visible before. So the sandbox
needs no background task, and a test that moves the clock sees the result in its next call.
"""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.storage import Transaction
from syncline_sandbox.faults import Fault

NOT_FINISHED = "NotFinished"
FINISHED = "Finished"
FAILED = "Failed"

V3_IMPORT = "v3-import"
V2_IMPORT = "v2-import"
V3_DELETE = "v3-delete"
LIST_DELETE = "list-delete"
SEGMENT_REFRESH = "segment-refresh"
INSIGHT_IMPORT = "insight-import"
INSIGHT_EMPTYING = "insight-emptying"
IMPORT_KINDS = (V3_IMPORT, V2_IMPORT)

# Fault kinds about imports, taken when one is started, and the state that each leads to.
IMPORT_FAULTS = {
    "import_stuck": None,
    "import_failed": FAILED,
    "import_rejected": "RejectedByWatchdog",
    "import_over_limit": "ExceedsAllowedContactLimit",
}


class Job(NamedTuple):
    """One job; ``due`` is None when it has ended, or never will."""

    id: str
    kind: str
    status: str
    created: int
    due: int | None
    options: dict[str, Any]


class Outcome(NamedTuple):
    """How a job ended: its state, its report and, for v2 imports, the file of faults."""

    status: str
    report: bytes | None = None
    faults: bytes | None = None


Work = Callable[[Job, bytes], Outcome]


class Jobs:
    """The account's jobs."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._work: dict[str, Work] = {}
        self._next_due: int | None = None
        self.reload()

    def register(self, kind: str, work: Work) -> None:
        """``work`` carries a job of this kind out; it runs inside a transaction."""
        self._work[kind] = work

    def reload(self) -> None:
        row = self._account.connection.execute("SELECT min(due) FROM jobs").fetchone()
        self._next_due = row[0]

    def start(
        self,
        kind: str,
        payload: bytes,
        options: dict[str, Any],
        delay_s: float,
        *,
        fault: Fault | None = None,
    ) -> Job:
        """Store a job that ends after ``delay_s`` by the soft clock; a fault may decide how it ends."""
        now = self._account.now_ms()
        due: int | None = now + int(delay_s * 1000)
        if fault is not None:
            options = {**options, "outcome": IMPORT_FAULTS[fault.kind]}
            due = None if fault.kind == "import_stuck" else due
        job = Job(str(uuid.uuid4()), kind, NOT_FINISHED, now, due, options)
        self._account.connection.execute(
            "INSERT INTO jobs (id, kind, status, created, due, options, payload) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (job.id, kind, job.status, now, due, msgspec.json.encode(options), payload),
        )
        if due is not None and (self._next_due is None or due < self._next_due):
            self._next_due = due
        return job

    def run_due(self) -> None:
        """Carry out every job whose moment has come, in the order of their moments."""
        now = self._account.now_ms()
        if self._next_due is None or self._next_due > now:
            return
        rows = self._account.connection.execute(
            "SELECT id FROM jobs WHERE due IS NOT NULL AND due <= ? ORDER BY due, rowid", (now,)
        ).fetchall()
        for row in rows:
            self._run(row[0])
        self.reload()

    def finish_now(self) -> int:
        """Carry out every job that is under way without waiting for its moment; stuck ones too."""
        now = self._account.now_ms()
        cursor = self._account.connection.execute(
            f"UPDATE jobs SET due = ? WHERE status = '{NOT_FINISHED}'",
            (now,),
        )
        self._next_due = now
        self.run_due()
        return cursor.rowcount

    def find(self, job_id: str, *kinds: str) -> Job | None:
        row = self._account.connection.execute(
            "SELECT id, kind, status, created, due, options FROM jobs WHERE id = ?", (job_id.lower(),)
        ).fetchone()
        if row is None or row["kind"] not in kinds:
            return None
        return _job(row)

    def report(self, job_id: str) -> bytes | None:
        return self._blob("report", job_id)

    def faults(self, job_id: str) -> bytes | None:
        return self._blob("faults", job_id)

    def payload(self, job_id: str) -> bytes | None:
        return self._blob("payload", job_id)

    def active(self, *kinds: str) -> list[Job]:
        """Jobs of these kinds that have not ended."""
        marks = ",".join("?" * len(kinds))
        rows = self._account.connection.execute(
            "SELECT id, kind, status, created, due, options FROM jobs "
            f"WHERE status = '{NOT_FINISHED}' AND kind IN ({marks})",
            kinds,
        )
        return [_job(row) for row in rows]

    def _blob(self, column: str, job_id: str) -> bytes | None:
        row = self._account.connection.execute(
            f"SELECT {column} FROM jobs WHERE id = ?",
            (job_id.lower(),),
        ).fetchone()
        return None if row is None or row[0] is None else bytes(row[0])

    def _run(self, job_id: str) -> None:
        job = self.find(job_id, *self._work)
        assert job is not None
        with Transaction(self._account.connection):
            outcome = job.options.get("outcome")
            if outcome is None:
                result = self._work[job.kind](job, self.payload(job_id) or b"")
            else:
                result = Outcome(outcome)
            self._account.connection.execute(
                "UPDATE jobs SET status = ?, due = NULL, payload = NULL, report = ?, faults = ? WHERE id = ?",
                (result.status, result.report, result.faults, job_id),
            )


def _job(row: sqlite3.Row) -> Job:
    return Job(
        row["id"], row["kind"], row["status"], row["created"], row["due"], msgspec.json.decode(row["options"])
    )
