"""Carries runs out in pieces, dying, through faults, and watches what Syncline asks Dotdigital to import."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import hypothesis
import msgspec
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from syncline.accounts.clients import close_clients
from syncline.accounts.models import CallWindow
from syncline.dotdigital import Dotdigital
from syncline.ledger import batches
from syncline.ledger.models import Batch, Run
from syncline.remote import SystemClock, Unlimited
from syncline.syncs.contract import Done
from syncline.syncs.running import advance
from tests.faults.dying import Death, Reaper

MOST_STEPS = 600


@contextmanager
def hurried() -> Iterator[None]:
    """Nobody waits: neither for the vendors' limits, which other tests are about, nor between attempts."""
    with (
        mock.patch.object(SystemClock, "sleep", lambda self, seconds: None),
        mock.patch("syncline.accounts.clients.dataverse_limiter", lambda *_: Unlimited()),
        mock.patch("syncline.accounts.clients.dotdigital_limiter", lambda *_: Unlimited()),
    ):
        close_clients()
        yield


def run_histories(
    history: Callable[[], RuleBasedStateMachine], *, seed: int, examples: int, steps: int, shrink: bool = True
) -> None:
    """So many histories, the same ones for the same seed, without a word about how long one may take."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    with hurried():
        run_state_machine_as_test(
            hypothesis.seed(seed)(history),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                print_blob=False,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                phases=phases,
            ),
        )


def steps(run: Run, most: int = MOST_STEPS) -> bool:
    """Up to so many steps of the run, as the engine would take them but without its waits. True at its
    end.
    """
    for _ in range(most):
        if isinstance(advance(str(run.key)), Done):
            run.refresh_from_db()
            return True
        _make_due()
    return False


def steps_dying(run: Run, seed: int) -> bool:
    """To the end of the run, by workers of whom up to three die, at moments drawn by the seed."""
    draw = random.Random(seed)
    moments = {draw.randint(1, 120) for _ in range(draw.randint(1, 3))}
    with Reaper(lambda moment: moment in moments).at_work():
        for _ in range(MOST_STEPS):
            try:
                if isinstance(advance(str(run.key)), Done):
                    run.refresh_from_db()
                    return True
                _make_due()
            except Death:
                close_clients()
                connection.close()
                CallWindow.objects.all().delete()
    return False


def _make_due() -> None:
    """Imports and removals are through at once here, so they may be looked at without waiting."""
    Batch.objects.filter(state=batches.SENT).update(next_look_at=datetime.now(UTC))


@contextmanager
def imports_seen() -> Iterator[list[dict[str, Any]]]:
    """Every row that Syncline sends to be imported, as it is on the wire."""
    rows: list[dict[str, Any]] = []
    send = Dotdigital.import_contacts

    def noted(client: Dotdigital, sent: Any, *words: Any, **more: Any) -> str:
        sent = list(sent)
        rows.extend(msgspec.json.decode(row) for row in sent if isinstance(row, bytes))
        return send(client, sent, *words, **more)

    with mock.patch.object(Dotdigital, "import_contacts", noted):
        yield rows
