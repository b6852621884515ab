"""Carrying runs out: the one workflow that the durable engine knows.

The workflow is a loop over `syncline.syncs.running.advance`, and stores nothing of its own. Where a run
stands is in our tables; taken over, the loop begins again there. So the engine has nothing to replay, a run
of a million steps costs the engine as much as one of ten, and a new release can take up what an older one
began.

A run that waits (for a vendor's import, for a limit) is a sleeping coroutine and occupies none of the
worker's slots.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog
from dbos import DBOS
from django.db import close_old_connections, connection
from django.db.models import Q
from django.utils import timezone

from syncline.engine.client import WORKFLOW
from syncline.ledger.leases import Lease, LostLeaseError, holding, take_lease
from syncline.ledger.models import Run, RunStatus
from syncline.syncs.contract import Done, More, Next, Wait

log = structlog.get_logger()
T = TypeVar("T")

Advance = Callable[[str], Next]
"""`syncline.syncs.running.advance`: one bounded step of the run with this key."""

ATTEMPTS: Final = 6
"""How often a step that fails for a reason of ours is tried before its run is failed."""
FIRST_WAIT_S: Final = 1.0


class Carrier:
    """Carries out the runs that the engine gives to this worker, `slots` steps at a time."""

    def __init__(self, executor_id: str, advance: Advance, slots: int) -> None:
        self.executor_id = executor_id
        self._advance = advance
        self._slots = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="step")
        self._sleeping: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}
        self._stopping = threading.Event()

    async def carry_out(self, run_key: str) -> None:
        """Until the run has ended, or another worker has taken it up."""
        lease = await self._in_slot(lambda: take_lease(run_key, self.executor_id))
        failures = 0
        while lease is not None:
            if self._stopping.is_set():
                # Returning would tell the engine that the run has ended; it is given back instead
                # (worker.py).
                await asyncio.Event().wait()
            answer, failures = await self._in_slot(lambda: self._step(lease, failures))  # noqa: B023 - run at once
            match answer:
                case Done():
                    return
                case Wait(seconds):
                    await self._sleep(run_key, seconds)
                case More():
                    pass

    def wake(self, run_keys: Iterable[str]) -> None:
        """Let sleeping runs look again at once. Called from any thread."""
        for key in run_keys:
            if sleeper := self._sleeping.get(key):
                loop, event = sleeper
                loop.call_soon_threadsafe(event.set)

    def wake_those_to_stop(self) -> None:
        """Runs that somebody cancelled, or whose account was disabled, stop at once rather than sleep on."""
        if not self._sleeping:
            return
        stopping = Run.objects.filter(holder=self.executor_id, status=RunStatus.RUNNING)
        stopping = stopping.exclude(cancel_requested_by="", account__disabled=False)
        self.wake(str(key) for key in stopping.values_list("key", flat=True))

    def stop(self) -> None:
        """Begin no further step."""
        self._stopping.set()

    def finish(self) -> None:
        """Wait for the steps under way to end, then let the threads go."""
        self._slots.shutdown(wait=True, cancel_futures=True)

    async def _in_slot(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._slots, _with_fresh_connections, work)

    async def _sleep(self, run_key: str, seconds: float) -> None:
        event = asyncio.Event()
        self._sleeping[run_key] = asyncio.get_running_loop(), event
        try:
            await asyncio.wait_for(event.wait(), timeout=seconds)
        except TimeoutError:
            pass
        finally:
            del self._sleeping[run_key]

    def _step(self, lease: Lease, failures: int) -> tuple[Next, int]:
        try:
            with holding(lease):
                answer = self._advance(lease.run_key)
        except LostLeaseError:
            log.info("Another worker has taken the run up", action="lease_lost", run=lease.run_key)
            return Done(), 0
        except Exception:
            # A fault of ours or of our database: vendor faults never come out of `advance`.
            log.exception("A step failed", action="step_failed", run=lease.run_key, attempt=failures + 1)
            connection.close()
            if failures + 1 >= ATTEMPTS:
                fail(lease)
                return Done(), 0
            return Wait(FIRST_WAIT_S * 2**failures), failures + 1
        self._note_progress(lease)
        return answer, 0

    def _note_progress(self, lease: Lease) -> None:
        """Workers may have died over this run before; now a step of it is through."""
        Run.objects.filter(key=lease.run_key, lease=lease.number, deaths__gt=0).update(deaths=0)


def fail(lease: Lease) -> None:
    """End a run that we cannot carry out."""
    Run.objects.filter(
        Q(status=RunStatus.QUEUED) | Q(status=RunStatus.RUNNING), key=lease.run_key, lease=lease.number
    ).update(
        status=RunStatus.FAILED,
        ended_at=timezone.now(),
        message_code="internal_error",
        message="Internal server error",
        remedy="Look for the run's key in the worker's log, then start the sync again.",
    )


def _with_fresh_connections(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


_carrier: Carrier | None = None


def carry_with(carrier: Carrier | None) -> None:
    """The carrier of this process; the engine calls the workflow by name and cannot pass one."""
    global _carrier
    _carrier = carrier


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
async def carry_out(run_key: str) -> None:
    assert _carrier is not None, "the engine was started without a carrier"
    await _carrier.carry_out(run_key)
