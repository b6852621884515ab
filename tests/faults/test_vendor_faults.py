"""Whatever goes wrong on the way to a vendor, the run ends as if it had not, and nothing is done twice."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_process import Control
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Held, RunStatus
from syncline.lists.models import MarketingList
from tests.faults.busy_list import BusyList, address, assert_told_once, what_was_written
from tests.faults.skipped_time import skipped_time
from tests.faults.trials import TRIALS, sync_through
from tests.syncs.world import World

TOKEN_TRIALS = {**TRIALS, "token expired": {"kind": "expired_token"}}

LOG_IN = "POST /{tenant}/oauth2/v2.0/token"
DATAVERSE_ROUTES = (
    "GET /contacts",
    "GET /lists",
    "GET /listmembers",
    "POST /contacts/Microsoft.Dynamics.CRM.UpdateMultiple",
    "POST /AddListMembersList",
)
DOTDIGITAL_ROUTES = (
    "GET /contacts/v3",
    "PUT /contacts/v3/import",
    "GET /contacts/v3/import/{importId}",
    "GET /v2/address-books",
    "POST /v2/address-books",
    "POST /v2/address-books/{id}/contacts/delete",
    "GET /v2/contacts/deletion/{guid}",
    "GET /v2/contacts/suppressed-since/{date}",
    "GET /v2/address-books/{id}/contacts/unsubscribed-since/{date}",
)


def go_through(world: World, control: Control, route: str, trials: dict[str, dict[str, Any]]) -> None:
    with skipped_time(world):
        busy = BusyList(world)
        for name, fault in trials.items():
            busy.next_round()
            run = sync_through(world, control, route, name, fault)
            busy.assert_in_step()
            assert_told_once(run)
            world.forget_calls()
            again = world.sync()
            assert world.writes() == {}, (name, what_was_written(again))


@pytest.mark.parametrize("route", DATAVERSE_ROUTES)
def test_dynamics_fails_and_recovers(world: World, route: str) -> None:
    go_through(world, world.sandbox_dataverse.control, route, TOKEN_TRIALS)


def test_the_log_in_fails_and_recovers(world: World) -> None:
    go_through(world, world.sandbox_dataverse.control, LOG_IN, TRIALS)


@pytest.mark.parametrize("route", DOTDIGITAL_ROUTES)
def test_dotdigital_fails_and_recovers(world: World, route: str) -> None:
    go_through(world, world.sandbox_dotdigital.control, route, TRIALS)


def test_rows_written_one_by_one_fail_and_recover(world: World) -> None:
    """One row that Dynamics refuses sends the others through `$batch`, where the same may happen."""
    control = world.sandbox_dataverse.control
    with skipped_time(world):
        busy = BusyList(world)
        world.crm.add_list_members(busy.news.list_id, "contact", [busy.person("Eve")])
        world.sync()
        for name, fault in TOKEN_TRIALS.items():
            busy.next_round()
            world.put([ImportRow(email=address("Eve"), data_fields={"LASTNAME": f"poison {name}"})])
            control.fault("reject_record", match="poison", times=None)
            number = control.fault(route="POST /$batch", **fault)
            run = world.sync()
            struck = {fault["id"]: fault["struck"] for fault in control.faults()}
            assert struck[number] == fault.get("times", 1), f"{name}: did not happen"
            control.clear_faults()
            assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 1), (name, run.message)
            assert Held.objects.get().person_key == address("Eve")
            busy.assert_in_step("Eve")
            assert_told_once(run)


def test_a_label_whose_answer_was_lost_is_not_made_twice(world: World) -> None:
    control = world.sandbox_dotdigital.control
    with skipped_time(world):
        busy = BusyList(world)
        for number, (name, fault) in enumerate(TRIALS.items()):
            busy.next_round()
            world.account.labels.create(name=f"LABEL{number}", type="String")
            sync_through(world, control, "POST /v2/data-fields", name, fault)
            busy.assert_in_step()
            names = [field.name for field in world.dd.data_fields()]
            assert names.count(f"LABEL{number}") == 1
            assert not world.account.labels.filter(in_dotdigital=False).exists()


def test_a_delta_token_that_has_expired_costs_one_full_reading(world: World) -> None:
    control = world.sandbox_dataverse.control
    busy = BusyList(world)
    busy.next_round()
    control.fault("expired_delta_token", route="GET /contacts")
    run = world.sync()
    assert control.faults()[0]["struck"] == 1
    assert run.status == RunStatus.COMPLETED, run.message
    busy.assert_in_step()
    assert_told_once(run)
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_a_row_deleted_while_no_delta_could_be_read_is_forgotten(world: World) -> None:
    """A full reading does not tell what is gone: what it does not show any more is."""
    alice = world.add("contacts", firstname="Alice", emailaddress1=address("Alice"))
    second = world.add("contacts", firstname="Alice", emailaddress1=address("Alice"), donotbulkemail=True)
    news = world.add_list("News", [alice])
    world.sync()
    assert world.in_book(news) == set()
    world.crm.delete("contacts", second)
    world.sandbox_dataverse.control.fault("expired_delta_token", route="GET /contacts")
    world.sync()
    assert world.in_book(news) == {address("Alice")}


def import_of(world: World, *names: str) -> MarketingList:
    ids = [world.add("contacts", firstname=name, emailaddress1=address(name)) for name in names]
    return world.add_list("News", ids)


PEOPLE = tuple(f"Person{number}" for number in range(40))


@pytest.mark.parametrize("kind", ["import_failed", "import_rejected", "import_over_limit"])
def test_an_import_that_ended_badly_for_no_lasting_cause_is_delivered(world: World, kind: str) -> None:
    with skipped_time(world):
        news = import_of(world, *PEOPLE)
        world.sandbox_dotdigital.control.fault(kind)
        world.sync()
        run = world.sync()
        assert world.in_book(news) == {address(name) for name in PEOPLE}
        assert not Held.objects.exists()
        assert_told_once(run)


def test_an_import_that_hangs_is_waited_for(world: World) -> None:
    control = world.sandbox_dotdigital.control
    with skipped_time(world) as waits:
        news = import_of(world, *PEOPLE)
        control.fault("import_stuck")
        run = world.start("lists_out")
        with pytest.raises(AssertionError, match="did not end"):
            world.carry_out(run, most_steps=70)
        assert sum(waits) > 300, "looked at seldom, not all the time"
        assert world.in_book(news) == set()
        control.call("POST", "finish-jobs")
        run = world.carry_out(run)
        assert run.status == RunStatus.COMPLETED, run.message
        assert world.in_book(news) == {address(name) for name in PEOPLE}
        assert control.calls("PUT /contacts/v3/import") == 1
        assert_told_once(run)


def test_one_address_that_spoils_an_import_is_the_only_one_held(world: World) -> None:
    with skipped_time(world):
        news = import_of(world, *PEOPLE, "Watchdog")
        run = world.sync()
        assert world.in_book(news) == {address(name) for name in PEOPLE}
        assert (run.status, run.created, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 40, 1)
        held = Held.objects.get()
        assert (held.person_key, held.reason) == (address("Watchdog"), "refused_as_a_whole")
        assert_told_once(run)
        world.forget_calls()
        world.sync()
        assert world.writes() == {}


def test_an_account_that_is_full_takes_changes_but_nobody_new(world: World) -> None:
    control = world.sandbox_dotdigital.control
    with skipped_time(world):
        news = import_of(world, "Alice")
        world.sync()
        alice, bob = news_member(world, news), world.add("contacts", emailaddress1=address("Bob"))
        world.change("contacts", alice, firstname="Alicia")
        world.crm.add_list_members(news.list_id, "contact", [bob])
        control.settings(contact_limit=1)
        run = world.sync()
        assert world.contacts()[address("Alice")].data_fields["FIRSTNAME"] == "Alicia"
        held = Held.objects.get()
        assert (held.person_key, held.reason) == (address("Bob"), "contact_limit")
        assert_told_once(run)
        control.settings(contact_limit=None)
        run = world.sync()
        assert (run.status, run.created) == (RunStatus.COMPLETED, 1)
        assert world.in_book(news) == {address("Alice"), address("Bob")}
        assert not Held.objects.exists()


def news_member(world: World, news: MarketingList) -> str:
    [page] = world.crm.list_members(news.list_id)
    return str(page.rows[0]["_entityid_value"])


def test_with_all_imports_taken_the_run_waits_for_one(world: World) -> None:
    control = world.sandbox_dotdigital.control
    with skipped_time(world):
        news = import_of(world, *PEOPLE)
        control.settings(import_delay_s=120)
        for number in range(25):
            world.dd.import_contacts([ImportRow(email=f"other{number}@example.com")])
        run = world.sync()
        assert run.status == RunStatus.COMPLETED, run.message
        assert world.in_book(news) == {address(name) for name in PEOPLE}
        statuses = control.journal()["routes"]["PUT /contacts/v3/import"]["statuses"]
        assert statuses["202"] == 26
        assert len(statuses) == 2
        assert_told_once(run)
