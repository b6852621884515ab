"""A worker that dies: at chosen points it stops dead, and another one goes on from what is stored."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any
from unittest import mock

import httpx2
from django.db import connection

from syncline.accounts.clients import close_clients
from syncline.accounts.models import CallWindow
from syncline.ledger.models import Run
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, Next, Wait
from syncline.syncs.running import advance


class Death(BaseException):
    """As with SIGKILL nothing is caught and nothing is tidied up: what was not committed is gone."""


def after_gaps(seed: int, longest: int = 40) -> Callable[[int], bool]:
    """Dies after every number of moments from 1 to `longest`, in an order drawn by `seed`, then no more.

    A worker must live through one whole step to get on, so a fixed rhythm could stop a run for good.
    """
    gaps = random.Random(seed).sample(range(1, longest + 1), longest)
    deaths = set(accumulate(gaps))
    return lambda moment: moment in deaths


class Reaper:
    """Counts the moments at which a worker could die, and kills at those that `strikes` picks.

    The moments are: before and after every call to a vendor, and before and after every commit.
    """

    def __init__(self, strikes: Callable[[int], bool]) -> None:
        self._strikes = strikes
        self.moments = 0
        self.deaths = 0

    def moment(self) -> None:
        self.moments += 1
        if self._strikes(self.moments):
            self.deaths += 1
            raise Death

    @contextmanager
    def at_work(self) -> Iterator[None]:
        send, storing = httpx2.Client.send, RunContext.storing

        def send_or_die(client: httpx2.Client, *words: Any, **more: Any) -> httpx2.Response:
            self.moment()
            answer = send(client, *words, **more)
            self.moment()
            return answer

        @contextmanager
        def store_or_die(context: RunContext) -> Iterator[None]:
            with storing(context):
                yield
                self.moment()
            self.moment()

        with (
            mock.patch.object(httpx2.Client, "send", send_or_die),
            mock.patch.object(RunContext, "storing", store_or_die),
        ):
            yield


def carry_out_dying(run: Run, reaper: Reaper, most_steps: int = 3000) -> Run:
    """The run to its end, by as many workers as it takes."""
    with reaper.at_work():
        for _ in range(most_steps):
            try:
                answer: Next = advance(str(run.key))
            except Death:
                close_clients()
                connection.close()
                # Dozens of deaths within one window would use up the window's calls in reservations.
                CallWindow.objects.all().delete()
                continue
            if isinstance(answer, Done):
                run.refresh_from_db()
                return run
            if isinstance(answer, Wait):
                continue
    raise AssertionError(f"The run did not end; it stands at {run.position}")
