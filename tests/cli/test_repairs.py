"""Undo and drift audit from the command line, on both sandboxes."""

from __future__ import annotations

import pytest

from syncline.cli.exit_codes import ExitCode
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Approval, Purpose, Run
from syncline.lists.models import MarketingList
from tests.cli.conftest import Run as Command
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World


@pytest.fixture
def news(world: World, somebody_at_work: None) -> MarketingList:
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@example.com")
    return world.add_list("News", [alice])


def test_an_undo_shows_first_and_takes_back_later(run: Command, world: World, news: MarketingList) -> None:
    assert run("sync", world.account.name, "lists_out").code == ExitCode.OK
    number = str(Run.objects.latest("pk").pk)
    shown = run("undo", world.account.name, number)
    assert shown.code == ExitCode.OK, shown.err
    assert "Nothing has been written." in shown.out
    assert world.in_book(news) == {"alice@example.com"}
    done = run("undo", world.account.name, number, "--yes")
    assert done.code == ExitCode.OK, done.err
    assert world.in_book(news) == set()
    refused = run("undo", world.account.name, number, "--json")
    assert refused.code == ExitCode.FAILED
    assert "already" in refused.results[0]["error"]


def test_a_run_that_is_not_there(run: Command, world: World) -> None:
    assert run("undo", world.account.name, "999999").code == ExitCode.NOT_FOUND


def test_a_drift_audit_of_sides_that_agree(run: Command, world: World, news: MarketingList) -> None:
    assert run("sync", world.account.name, "lists_out").code == ExitCode.OK
    audited = run("drift", world.account.name)
    assert audited.code == ExitCode.OK, audited.err
    assert "Both sides agree: there is nothing to repair." in audited.out
    assert Run.objects.latest("pk").purpose == Purpose.DRIFT


def test_a_drift_audit_repairs_what_it_finds_when_told_to(
    run: Command, world: World, news: MarketingList
) -> None:
    assert run("sync", world.account.name, "lists_out").code == ExitCode.OK
    world.put([ImportRow(email="alice@example.com", data_fields={"POSTCODE": "LS1 4AP"})])
    shown = run("drift", world.account.name)
    assert shown.code == ExitCode.OK, shown.err
    assert "address1_postalcode: ∅ → LS1 4AP" in shown.out
    assert "Nothing has been written." in shown.out
    repaired = run("drift", world.account.name, "--yes")
    assert repaired.code == ExitCode.OK, repaired.err
    postcode = ("address1_postalcode",)
    assert [row[postcode[0]] for row in next(world.crm.pages("contacts", select=postcode)).rows] == [
        "LS1 4AP"
    ]
    repair, audit = Run.objects.order_by("-pk")[:2]
    assert (repair.purpose, repair.subject, audit.approval) == (Purpose.EXECUTE, audit, Approval.APPROVED)
    assert "nothing to repair" in run("drift", world.account.name, "--yes").out


def test_a_repair_that_is_told_as_json(run: Command, world: World, news: MarketingList) -> None:
    """The audit, then what carried it out."""
    told = run("drift", world.account.name, "--yes", "--json").results
    audit, repair = (one for one in told if "purpose" in one)
    assert (audit["purpose"], audit["approval"]) == ("drift", "waiting")
    assert (repair["purpose"], repair["created"]) == ("execute", 1)
    assert world.in_book(news) == {"alice@example.com"}
