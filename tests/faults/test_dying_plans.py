"""Killed at any moment of carrying a plan out: the next worker finishes it, and no more than was approved."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.engine.plans import approve, start_plan
from syncline.ledger.models import Outcome, PlanItem, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.test_dying_workers import address, assert_settled, assert_told_once, busy_world
from tests.syncs.world import World


@pytest.mark.parametrize("seed", range(3))
def test_an_approved_plan_whose_workers_keep_dying_is_carried_out(world: World, seed: int) -> None:
    news, ids = busy_world(world)
    plan = world.carry_out(start_plan(world.account, "lists_out", "maya"))
    world.crm.add_list_members(
        news.list_id, "contact", [world.add("contacts", firstname="Late", emailaddress1=address("Late"))]
    )
    reaper = Reaper(after_gaps(seed))
    run = carry_out_dying(approve(plan, OPERATOR), reaper)
    assert reaper.deaths > 3
    assert run.status == RunStatus.COMPLETED, run.message
    assert_told_once(run)
    assert not Outcome.objects.filter(run=run, reason="changed_since_plan").exists()
    assert address("Late") not in world.contacts()
    world.crm.remove_list_member(news.list_id, late_id(world, news))
    world.sync()
    assert_settled(world, news, ids)


def late_id(world: World, news) -> str:  # type: ignore[no-untyped-def]
    rows = [row for page in world.crm.pages("contacts", select=("firstname",)) for row in page.rows]
    return next(str(row["contactid"]) for row in rows if row["firstname"] == "Late")


@pytest.mark.parametrize("seed", range(2))
def test_a_plan_whose_workers_keep_dying_holds_everybody_once(world: World, seed: int) -> None:
    busy_world(world)
    plan = carry_out_dying(start_plan(world.account, "lists_out", "maya"), Reaper(after_gaps(seed)))
    assert plan.approval == "waiting"
    assert_told_once(plan)
    planned = set(Outcome.objects.filter(run=plan, result="planned").values_list("person_key", flat=True))
    assert set(PlanItem.objects.filter(run=plan).values_list("key", flat=True)) == planned
