"""Disabling an account: every sync type stops at its next safe point, and loses nothing by it."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.changing import set_disabled
from syncline.ledger.models import RunStatus
from syncline.syncs.contract import Done
from syncline.syncs.registry import SYNC_TYPES
from syncline.syncs.running import advance
from tests.syncs.world import World, fresh


@pytest.mark.parametrize("sync_type", SYNC_TYPES)
@pytest.mark.parametrize("plan_only", [False, True])
def test_a_run_under_way_stops_before_its_next_step(world: World, sync_type: str, plan_only: bool) -> None:
    world.add_list("News", [world.add("contacts", emailaddress1="ann@example.com")])
    run = world.start(sync_type, plan_only=plan_only)
    assert not isinstance(advance(str(run.key)), Done), "the first step alone does not end it"
    set_disabled(fresh(world.account), True, by=OPERATOR)
    assert isinstance(advance(str(run.key)), Done)
    run.refresh_from_db()
    assert (run.status, run.message_code) == (RunStatus.FAILED, "account_disabled")


@pytest.mark.parametrize("stop_after", range(1, 40, 3))
def test_what_was_stopped_anywhere_is_made_good_by_the_next_sync(world: World, stop_after: int) -> None:
    ann = world.add("contacts", emailaddress1="ann@example.com", firstname="Ann")
    news = world.add_list("News", [ann])
    run = world.start("lists_out")
    for _ in range(stop_after):
        if isinstance(advance(str(run.key)), Done):
            break
    set_disabled(fresh(world.account), True, by=OPERATOR)
    world.carry_out(run)
    set_disabled(fresh(world.account), False, by=OPERATOR)
    assert world.sync().status == RunStatus.COMPLETED
    assert world.in_book(news) == {"ann@example.com"}
    again = world.sync()
    assert (again.created, again.updated) == (0, 0)
