"""Consent under faults: vendors that fail on the way, and workers that die between any two lines."""

from __future__ import annotations

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.consent.models import Due
from syncline.dotdigital import ImportRow
from syncline.engine.replay import replay
from syncline.ledger.models import Held, Run, RunStatus
from tests.faults.dying import Reaper, after_gaps, carry_out_dying
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.consent.conftest import provisioned as provisioned
from tests.syncs.consent.scene import address, contact, crm_list, is_marked, members, put_on_crm_list, records
from tests.syncs.consent.test_unsubscribers import synced_list
from tests.syncs.world import World


class Departures:
    """Rounds of opt-outs, each with people of its own, and what both sides have to hold after it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.round = 0
        self.gone: dict[str, str] = {}
        self.records = 0

    def next_round(self) -> None:
        """Somebody unsubscribes, somebody is put on the CRM list, and somebody comes back."""
        self.round += 1
        left, listed, back = (f"{name}{self.round}" for name in ("Left", "Listed", "Back"))
        for name in (left, listed, back):
            self.gone[name] = contact(self.world, name)
        self.world.put([ImportRow(email=address(name)) for name in (left, back)])
        self.world.dd.unsubscribe(address(left))
        self.world.dd.unsubscribe(address(back))
        put_on_crm_list(self.world, address(listed))

    def comes_back(self) -> None:
        name = f"Back{self.round}"
        self.world.resubscribe(address(name))
        self.back = self.gone.pop(name)

    def assert_in_step(self, *, may_stay_marked: bool = False) -> None:
        """`may_stay_marked`: a worker may have died between setting a mark and keeping that it was ours. Then
        it is not known who set it, and it stays.
        """
        world = self.world
        assert all(is_marked(world, record_id) for record_id in self.gone.values())
        assert may_stay_marked or not is_marked(world, self.back)
        addresses = {address(name) for name in self.gone}
        assert set(crm_list(world)) == addresses
        assert {email for email, _, _ in records(world)} == addresses
        for name in self.gone:
            assert world.contact(address(name)).email_status in {"unsubscribed", "suppressed"}
        assert world.contact(address(f"Back{self.round}")).email_status == "subscribed"
        assert not Due.objects.filter(account_id=world.account.pk).exists()
        assert not Held.objects.exists()


ROUTES = (
    ("dataverse", "GET /syncline_suppressedemails"),
    ("dataverse", "POST /contacts/Microsoft.Dynamics.CRM.UpdateMultiple"),
    ("dataverse", "POST /syncline_suppressions/Microsoft.Dynamics.CRM.UpsertMultiple"),
    ("dataverse", "POST /syncline_suppressedemails/Microsoft.Dynamics.CRM.UpsertMultiple"),
    ("dataverse", "POST /$batch"),
    ("dotdigital", "GET /v2/contacts/suppressed-since/{date}"),
    ("dotdigital", "PUT /contacts/v3/import"),
    ("dotdigital", "GET /contacts/v3/import/{importId}"),
)


@pytest.mark.parametrize(("side", "route"), ROUTES)
def test_a_vendor_fails_and_recovers(provisioned: World, side: str, route: str) -> None:
    world = provisioned
    control = getattr(world, f"sandbox_{side}").control
    with skipped_time(world):
        departures = Departures(world)
        for name, fault in TRIALS.items():
            departures.next_round()
            world.sync("suppressions")
            departures.comes_back()
            extra = contact(world, f"More{departures.round}")
            departures.gone[f"More{departures.round}"] = extra
            put_on_crm_list(world, address(f"More{departures.round}"))
            departures.gone[f"Else{departures.round}"] = contact(world, f"Else{departures.round}")
            world.put([ImportRow(email=address(f"Else{departures.round}"))])
            world.dd.unsubscribe(address(f"Else{departures.round}"))
            sync_through(world, control, route, name, fault, "suppressions")
            departures.assert_in_step()
            world.forget_calls()
            world.sync("suppressions")
            assert world.writes() == {}, name


@pytest.mark.parametrize("seed", range(4))
def test_a_run_whose_workers_keep_dying_ends_like_any_other(provisioned: World, seed: int) -> None:
    world = provisioned
    departures = Departures(world)
    departures.next_round()
    first = _carry_out(world, "suppressions", seed)
    departures.comes_back()
    run = _carry_out(world, "suppressions", seed + 100)
    assert (first.status, run.status) == (RunStatus.COMPLETED, RunStatus.COMPLETED)
    departures.assert_in_step(may_stay_marked=True)
    world.forget_calls()
    world.sync("suppressions")
    assert world.writes() == {}


@pytest.mark.parametrize("seed", range(3))
def test_leaving_a_list_whatever_dies(provisioned: World, seed: int) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    news = synced_list(world, "News", alice, bob)
    world.unsubscribe_from(news, address("Alice"))
    run = _carry_out(world, "unsubscribers", seed)
    assert run.status == RunStatus.COMPLETED, run.message
    assert members(world, news.list_id) == {bob}
    assert records(world) == [(address("Alice"), "Unsubscribed", True)]


def test_one_record_that_dynamics_refuses_is_held_and_the_others_go_through(provisioned: World) -> None:
    world = provisioned
    alice, poison = contact(world, "Alice"), contact(world, "Poison")
    world.put([ImportRow(email=address(name)) for name in ("Alice", "Poison")])
    for name in ("Alice", "Poison"):
        world.dd.unsubscribe(address(name))
    world.sandbox_dataverse.control.fault("reject_record", match="poison@example.com", times=None)

    run = world.sync("suppressions")

    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert is_marked(world, alice) and is_marked(world, poison)
    assert {row.person_key for row in Held.objects.all()} == {address("Poison")}
    world.sandbox_dataverse.control.clear_faults()
    replay(world.account, Held.objects.all(), OPERATOR, asked={})
    world.carry_out(Run.objects.latest("pk"))
    assert {email for email, _, _ in records(world)} == {address("Alice"), address("Poison")}
    assert not Held.objects.exists()


def _carry_out(world: World, sync_type: str, seed: int) -> Run:
    return carry_out_dying(world.start(sync_type), Reaper(after_gaps(seed)))
