"""The sign of life that each worker gives, and the worker's name."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog
from django.db import DatabaseError, close_old_connections, connection
from django.db.models.functions import Now

from syncline.engine.models import Duty, Worker
from syncline.engine.pace import Pace

log = structlog.get_logger()


def new_executor_id() -> str:
    """A name that no other process has or had, so that nobody's work is taken for another's."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


def this_host() -> str:
    """Where a process id means something: the machine since its boot, and the process namespace on it."""
    parts = [socket.gethostname()[:100]]
    boot = Path("/proc/sys/kernel/random/boot_id")
    namespace = Path("/proc/self/ns/pid")
    if boot.exists():
        parts.append(boot.read_text().strip())
    if namespace.exists():
        parts.append(str(namespace.readlink()))
    return " ".join(parts)[:200]


def sign_on(executor_id: str) -> None:
    """Before anything is claimed, for whoever holds work without being signed on counts as dead."""
    Worker.objects.create(
        executor_id=executor_id, pid=os.getpid(), host=this_host(), started_at=Now(), heartbeat_at=Now()
    )


def sign_off(executor_id: str) -> None:
    Duty.objects.filter(holder=executor_id).delete()
    Worker.objects.filter(executor_id=executor_id).delete()


def beat(executor_id: str) -> None:
    if not Worker.objects.filter(executor_id=executor_id).update(heartbeat_at=Now()):
        # Others took this worker for dead while it was paused. It holds no runs any more, and starts afresh.
        sign_on(executor_id)


def dead_workers(dead_after: timedelta) -> set[str]:
    """Executor ids of workers that are silent, or whose process is gone from this machine."""
    dead = set(
        Worker.objects.filter(heartbeat_at__lt=Now() - dead_after).values_list("executor_id", flat=True)
    )
    here = Worker.objects.filter(host=this_host()).values_list("executor_id", "pid")
    dead.update(executor_id for executor_id, pid in here if not _is_there(pid))
    return dead


def living_workers() -> int:
    """How many workers have given a sign of life lately: exactly those whose runs nobody would take over."""
    return Worker.objects.exclude(executor_id__in=dead_workers(Pace().dead_after)).count()


def is_any_worker_alive() -> bool:
    """Whether somebody will carry out what is queued."""
    return living_workers() > 0


def claim_duty(name: str, executor_id: str, dead_after: timedelta) -> bool:
    """Whether this worker has the duty now. It keeps it until it signs off or is taken for dead."""
    duty, _ = Duty.objects.get_or_create(name=name, defaults={"holder": executor_id})
    if duty.holder == executor_id:
        return True
    is_known = Worker.objects.filter(executor_id=duty.holder).exists()
    if is_known and duty.holder not in dead_workers(dead_after):
        return False
    # Of several workers that see the holder dead, one finds its name still there.
    return bool(Duty.objects.filter(name=name, holder=duty.holder).update(holder=executor_id))


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Heartbeat(threading.Thread):
    """Beats until stopped, and calls `also` after each beat. A database that is away is waited for."""

    def __init__(self, executor_id: str, every_s: float, also: Callable[[], None]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._executor_id = executor_id
        self._every_s = every_s
        self._also = also
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(self._every_s):
            close_old_connections()
            try:
                beat(self._executor_id)
                self._also()
            except DatabaseError:
                log.warning(
                    "The sign of life could not be given; trying again", action="beat_failed", exc_info=True
                )
                connection.close()
        connection.close()

    def stop(self) -> None:
        self._ending.set()
        self.join(timeout=10)
