"""A vendor's limits, shared by all workers through the database.

Both vendors count calls per application user, whatever process they come from. The clients' own limiters
watch the headers of the answers that they themselves get. `SharedLimiter` wraps such a one and adds what a
single process cannot know: how many calls the other workers have made in the present window, and that one of
them was told to pause.

A call costs no database write. A worker reserves calls by the dozen with one conditional UPDATE, and looks at
the row again every few seconds for a pause.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import OperationalError, connection
from django.db.models import F

from syncline.accounts.models import CallWindow
from syncline.remote import Clock, Limiter, Retryable, SystemClock

LOOK_AGAIN_S = 2.0
"""How late a worker may learn of a pause that another one was told to make."""
LONGEST_WAIT_S = 10.0
"""A longer wait is raised as Retryable, so that whoever can sleep durably does."""
SHARE_OF_A_RESERVATION = 0.02
"""Of the window's calls. What is reserved and not used is lost for the others until the window ends."""
SHORTEST_WAIT_S = 0.01
CLOCKS_DIFFER_BY_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Quota:
    """How many calls one window may hold over all workers; None until an answer has told."""

    calls: int | None
    window_s: float


@dataclass(frozen=True)
class Told:
    """What the headers of one answer say to every worker."""

    calls: int | None = None
    """New size of the window."""
    resets_in_s: float | None = None
    pause_s: float | None = None


@dataclass
class _Share:
    """This process's part of one window."""

    calls: int | None = None
    left: int = 0
    ends_at: float = 0.0
    paused_until: float = 0.0
    looked_at: float = float("-inf")
    blind: bool = False
    """The last look at the row failed."""

    def holds(self, cost: int, now: float) -> bool:
        return self.left >= cost and now < self.ends_at


class SharedLimiter:
    """Implements the clients' `Limiter`: `local` first, then what all workers share. Safe between threads."""

    def __init__(
        self,
        principal: str,
        quota: Quota,
        local: Limiter,
        told: Callable[[Mapping[str, str], int, float], Told],
        *,
        longest_wait_s: float = LONGEST_WAIT_S,
        clock: Clock | None = None,
    ) -> None:
        # Only a digest is stored: the principal names an API user, which is an e-mail address.
        self._principal = digest_of(principal)
        self._quota = quota
        self._local = local
        self._told = told
        self._longest_wait_s = longest_wait_s
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._shares: dict[str, _Share] = {}

    def before_call(self, cost: int = 1, *, scope: str = "") -> None:
        self._local.before_call(cost, scope=scope)
        while (wait_s := self._claim(cost, scope)) > 0:
            if wait_s > self._longest_wait_s:
                raise Retryable("The allowance of calls is used up for the moment", after_s=wait_s)
            self._clock.sleep(wait_s)

    def after_response(self, headers: Mapping[str, str], *, status: int = 200, scope: str = "") -> None:
        self._local.after_response(headers, status=status, scope=scope)
        now = self._clock.now()
        told = self._told({name.lower(): value for name, value in headers.items()}, status, now)
        with self._lock:
            share = self._shares.setdefault(scope, _Share(calls=self._quota.calls))
            if news := self._news(told, share, now):
                self._remember(share, news)
                if _may_write():
                    with _database():
                        self._publish(scope, share, news)

    def _claim(self, cost: int, scope: str) -> float:
        """Take `cost` calls out of the share, after getting more where it is short; seconds to wait."""
        with self._lock:
            now = self._clock.now()
            share = self._shares.setdefault(scope, _Share(calls=self._quota.calls))
            cost = cost if share.calls is None else min(cost, share.calls)
            short = share.calls is not None and not share.holds(cost, now)
            if now - share.looked_at >= LOOK_AGAIN_S or (short and not share.blind):
                share.looked_at, share.blind = now, True
                with _database():
                    share.blind = not self._look(scope, share, cost, now)
            if share.paused_until > now:
                return share.paused_until - now
            if share.calls is None or share.blind:
                return 0.0  # Nothing is known of a limit, or nothing can be known now: the vendor will say.
            if not share.holds(cost, now):
                return max(share.ends_at - now, SHORTEST_WAIT_S)
            share.left -= cost
            return 0.0

    def _look(self, scope: str, share: _Share, cost: int, now: float) -> bool:
        """Learn of pauses, and reserve calls where the share is short; whether that could be done."""
        if not _may_write():
            for row in CallWindow.objects.filter(principal=self._principal, scope=scope):
                share.paused_until = row.paused_until
            return False
        row = self._row(scope)
        share.paused_until = row.paused_until
        share.calls = self._quota.calls if row.calls is None else row.calls
        if share.calls is not None and not (share.holds(cost, now) and share.ends_at == row.ends_at):
            self._reserve(row, share, cost, share.calls, now)
        return True

    def _reserve(self, row: CallWindow, share: _Share, cost: int, calls: int, now: float) -> None:
        """A dozen calls of the present window, or the rest of it; none where that is less than `cost`."""
        granted, ends_at = max(cost, round(calls * SHARE_OF_A_RESERVATION)), row.ends_at
        window = CallWindow.objects.filter(pk=row.pk, ends_at=row.ends_at)
        if row.ends_at <= now:
            ends_at = now + self._quota.window_s
            taken = window.update(ends_at=ends_at, used=granted)
        else:
            granted = min(granted, calls - row.used)
            if granted < cost:
                share.left, share.ends_at = 0, row.ends_at
                return
            taken = window.filter(used__lte=calls - granted).update(used=F("used") + granted)
        # Where another worker was quicker, this one has nothing yet and looks again at its next turn.
        share.left, share.ends_at = (granted, ends_at) if taken else (0, now)

    def _news(self, told: Told, share: _Share, now: float) -> dict[str, float | int]:
        """What of an answer the row does not hold yet, as far as this process knows."""
        news: dict[str, float | int] = {}
        if told.pause_s is not None and now + told.pause_s > share.paused_until:
            news["paused_until"] = now + told.pause_s
        if told.calls is not None and told.calls != share.calls:
            news["calls"] = told.calls
        if told.resets_in_s is not None and now < share.ends_at:
            ends_at = now + told.resets_in_s
            if abs(ends_at - share.ends_at) > CLOCKS_DIFFER_BY_S:
                news["ends_at"] = ends_at
        return news

    def _remember(self, share: _Share, news: dict[str, float | int]) -> None:
        share.paused_until = news.get("paused_until", share.paused_until)
        share.calls = int(news["calls"]) if "calls" in news else share.calls

    def _publish(self, scope: str, share: _Share, news: dict[str, float | int]) -> None:
        row = CallWindow.objects.filter(pk=self._row(scope).pk)
        if "paused_until" in news:
            row.filter(paused_until__lt=share.paused_until).update(paused_until=share.paused_until)
        if "calls" in news:
            row.update(calls=share.calls)
        if "ends_at" in news:
            row.filter(ends_at=share.ends_at).update(ends_at=news["ends_at"])
            share.ends_at = news["ends_at"]

    def _row(self, scope: str) -> CallWindow:
        return CallWindow.objects.get_or_create(principal=self._principal, scope=scope)[0]


def digest_of(principal: str) -> str:
    """By which `CallWindow` knows a principal."""
    return hashlib.sha256(principal.encode()).hexdigest()


@dataclass(frozen=True)
class InTurn:
    """Implements the clients' `Limiter` by two: what the first refuses costs the second nothing."""

    first: Limiter
    second: Limiter

    def before_call(self, cost: int = 1, *, scope: str = "") -> None:
        self.first.before_call(cost, scope=scope)
        self.second.before_call(cost, scope=scope)

    def after_response(self, headers: Mapping[str, str], *, status: int = 200, scope: str = "") -> None:
        self.first.after_response(headers, status=status, scope=scope)
        self.second.after_response(headers, status=status, scope=scope)


def _may_write() -> bool:
    """Not inside of somebody's transaction, which would keep the row locked for every worker until it ends.

    On SQLite the transaction has locked everything as it is.
    """
    return connection.vendor == "sqlite" or not connection.in_atomic_block


@contextmanager
def _database() -> Iterator[None]:
    """A short visit to the database that leaves no connection behind in a thread that had none.

    A limiter that cannot reach the database lets calls through: the vendor's own limit still stands, and a
    run must not fail over its politeness.
    """
    at_home = connection.connection is not None
    try:
        yield
    except OperationalError as error:
        _log.warning("The shared call limit cannot be kept at the moment: %s", error)
    finally:
        if not at_home:
            connection.close()
