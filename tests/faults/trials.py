"""What may go wrong on the way to a vendor, and a sync while it does."""

from __future__ import annotations

from typing import Any

from sandbox_process import Control
from syncline.accounts.clients import close_clients
from syncline.ledger.models import Run, RunStatus
from tests.syncs.world import World

TRIALS: dict[str, dict[str, Any]] = {
    "limited": {"kind": "rate_limit", "retry_after_s": 2},
    # More often than a client tries by itself: the run waits, and goes on.
    "unavailable for long": {"kind": "status", "status": 503, "times": 9},
    "failing once": {"kind": "status", "status": 500},
    "cut before the effect": {"kind": "cut"},
    "answer lost after the effect": {"kind": "lost_answer"},
    "half an answer": {"kind": "torn_page"},
}


def sync_through(
    world: World, control: Control, route: str, name: str, fault: dict[str, Any], sync_type: str = "lists_out"
) -> Run:
    """A sync that meets this fault on this route, and completes all the same."""
    close_clients()  # So that a token is asked for again.
    control.fault(route=route, **fault)
    run = world.sync(sync_type)
    assert control.faults()[0]["struck"] == fault.get("times", 1), f"{name}: did not happen"
    control.clear_faults()
    assert run.status == RunStatus.COMPLETED, (name, run.message)
    return run
