"""Undo and drift audit from the command line, on both sandboxes."""

from __future__ import annotations

import pytest

from syncline.cli.exit_codes import ExitCode
from syncline.ledger.models import Purpose, Run
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
