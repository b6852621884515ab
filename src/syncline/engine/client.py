"""The engine's face for everybody but its workers: start a run, cancel one.

Only talks to the queue; runs nothing. So the console, the REST interface and the command line may call it
from any process and thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import sqlalchemy as sa
import structlog
from dbos import DBOSClient, EnqueueOptions
from django.db import transaction

from syncline.accounts.models import EmailAccount
from syncline.engine.storage import (
    APPLICATION,
    APPLICATION_VERSION,
    SCHEMA,
    SERIALIZER,
    engine_url,
    prepare,
    sqlite_engine,
)
from syncline.ledger.models import Purpose, Run, RunStatus, Trigger
from syncline.ledger.plans import supersede
from syncline.ledger.queue import request_cancel, request_run
from syncline.syncs.registry import SYNC_TYPES

log = structlog.get_logger()

QUEUE: Final = "runs"
WORKFLOW: Final = "carry_out"
URGENCY: Final = ("labels", "suppressions", "unsubscribers", "lists_in", "lists_out")
"""What goes first where several runs wait in one lane: labels and consent before lists, in before out."""
AT_A_TIME: Final = 1000
"""Runs handed over in one transaction: long enough to be quick, short enough to keep nobody waiting."""


def start_run(
    account: EmailAccount,
    sync_type: str,
    by: str,
    *,
    plan_only: bool = False,
    purpose: Purpose = Purpose.SYNC,
    subject: Run | None = None,
    scope: Sequence[int] = (),
) -> Run:
    """Sync Now: the waiting run of this type, new or already there. Pressing twice never makes two.

    `scope`: keys of the marketing lists to sync, empty for all. A run that waited for approval because of its
    fuse is superseded: its plan is discarded.

    Raises KeyError for a sync type that does not exist.
    """
    lane = SYNC_TYPES[sync_type].lane
    requested = request_run(
        account,
        sync_type,
        lane,
        Trigger.MANUAL,
        requested_by=by,
        plan_only=plan_only,
        purpose=purpose,
        subject=subject,
        scope=scope,
    )
    if purpose == Purpose.SYNC and not plan_only:
        supersede(account, sync_type, by)
    enqueue(requested.run)
    return requested.run


def enqueue(run: Run) -> None:
    """Hand the run to the engine once the present transaction, if there is one, is through.

    Handing over twice changes nothing: the run's key is the engine's id. Should the process die before, or
    the engine's database be away, the worker's look over the queue finds the run (handover.py).
    """

    _after_commit("hand a run over", run, lambda: enqueue_all([run]))


def enqueue_all(runs: Sequence[Run]) -> None:
    """Hand many runs to the engine; they must be committed, for a worker may look for them at once."""
    client, engine = _connected()
    for start in range(0, len(runs), AT_A_TIME):
        with engine.begin() as connection:
            for run in runs[start : start + AT_A_TIME]:
                client.enqueue_in_transaction(connection, _options(run), str(run.key))


def cancel(run: Run, by: str) -> bool:
    """Cancel a waiting run at once; a running one stops at its next safe point. False when it had ended."""
    if not request_cancel(run, by):
        return False
    run.refresh_from_db()
    if run.status == RunStatus.CANCELLED:
        # Only so that nobody claims it for nothing: whoever does finds it cancelled and lets it be.
        _after_commit(
            "take a run out of the queue", run, lambda: engine_client().cancel_workflow(str(run.key))
        )
    return True


def engine_client() -> DBOSClient:
    """The process's client of the engine's queue, opened when first used."""
    return _connected()[0]


def close() -> None:
    """Close the connections to the engine's database; the next call opens them again."""
    with _opening:
        for client, engine in _open.values():
            client.destroy()
            engine.dispose()
        _open.clear()


def forget(run_keys: Iterable[str]) -> None:
    """Take the engine's record of these runs away, whatever its state."""
    engine_client().delete_workflows(list(run_keys))


def _after_commit(what: str, run: Run, work: Callable[[], None]) -> None:
    """Tell the engine what our tables say already, so that its being away is no reason to fail."""

    def try_it() -> None:
        try:
            work()
        except Exception:
            log.warning("The engine could not be told", action=what, run=str(run.key), exc_info=True)

    transaction.on_commit(try_it)


_opening = threading.Lock()
_open: dict[str, tuple[DBOSClient, sa.Engine]] = {}


def _connected() -> tuple[DBOSClient, sa.Engine]:
    url = engine_url()
    with _opening:
        if url not in _open:
            prepare(url)
            engine = sqlite_engine(url) or sa.create_engine(_psycopg(url), pool_size=5, pool_pre_ping=True)
            client = DBOSClient(
                system_database_engine=engine,
                dbos_system_schema=SCHEMA,
                serializer=SERIALIZER,
                application_name=APPLICATION,
                # A page should say that the database is away rather than hang until it is back.
                retry_connection_errors=False,
            )
            _open[url] = client, engine
        return _open[url]


def _psycopg(url: str) -> sa.URL:
    return sa.make_url(url).set(drivername="postgresql+psycopg")


def _options(run: Run) -> EnqueueOptions:
    urgency = URGENCY.index(run.sync_type) + 1 if run.sync_type in URGENCY else len(URGENCY) + 1
    return EnqueueOptions(
        workflow_name=WORKFLOW,
        queue_name=QUEUE,
        workflow_id=str(run.key),
        # One run at a time in each lane of an account.
        queue_partition_key=f"{run.account_id}:{run.lane}",
        priority=urgency,
        app_version=APPLICATION_VERSION,
    )
