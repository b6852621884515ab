"""`syncline suppressions` and `syncline resubscribe`."""

from datetime import UTC, datetime

import pytest

from syncline.accounts.clients import close_clients
from syncline.accounts.models import AdminLogEntry
from syncline.cli.exit_codes import ExitCode
from syncline.consent.models import Resubscription, Suppression
from syncline.dotdigital import ImportRow
from syncline.lists.models import MarketingList
from syncs.world import World

DAVE = "dave@contoso.example"
GROUND = ("--ground", "spoken", "--evidence", "Telephone, 3 May")

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(dataverse, dotdigital):
    yield World(dataverse, dotdigital)
    close_clients()


def resubscribe(run, world, *more):
    return run("resubscribe", DAVE.upper(), "--account", world.account.name, *GROUND, *more)


def test_addresses_are_suppressed_and_then_shown(run, world):
    ran = run("suppressions", world.account.name, "--add", DAVE, "--note", "By letter", "--json")
    assert (ran.code, ran.results) == (0, [{"address": DAVE, "result": "accepted", "words": ""}])
    assert world.contact(DAVE).email_status == "suppressed"
    assert AdminLogEntry.objects.get(action="addresses suppressed").actor == "operator"
    [shown] = run("suppressions", world.account.name, "--address", "dav", "--json").results
    assert (shown["address"], shown["reason"], shown["note"]) == (DAVE, "accepted", "By letter")
    assert DAVE in run("suppressions", world.account.name).out
    assert "No suppressed address" in run("suppressions", world.account.name, "--reason", "hardBounced").out


def test_what_is_no_address_is_refused(run, world):
    ran = run("suppressions", world.account.name, "--add", "nobody")
    assert ran.code == ExitCode.USAGE
    assert not Suppression.objects.exists()


def test_a_lost_answer_says_to_come_again(run, world):
    world.sandbox_dotdigital.control.fault("cut", route="PUT /v2/contacts/suppress-contacts", times=None)
    ran = run("suppressions", world.account.name, "--add", DAVE)
    assert ran.code == ExitCode.LATER
    assert Suppression.objects.get().reason == "asked"


def test_somebody_is_asked_whether_they_want_to_come_back(run, world):
    world.put([ImportRow(email=DAVE, email_status="unsubscribed")])
    ran = resubscribe(run, world)
    assert ran.code == ExitCode.USAGE
    assert "Give --yes" in ran.err
    ran = resubscribe(run, world, "--yes", "--json")
    assert (ran.code, ran.results[0]["state"]) == (0, "challenged")
    assert Resubscription.objects.get().asked_by == "operator"
    again = resubscribe(run, world, "--yes")
    assert again.code == ExitCode.FAILED
    assert "asked for already" in again.err


def test_somebody_who_left_one_list_is_asked_about_that_list_alone(run, world):
    news = world.add_list("News", [world.add("contacts", emailaddress1=DAVE)])
    world.sync()
    news.refresh_from_db()
    world.unsubscribe_from(news, DAVE)
    ran = resubscribe(run, world, "--list", "news", "--yes", "--json")
    assert (ran.code, ran.results[0]["state"], ran.results[0]["list"]) == (0, "challenged", "News")
    assert Resubscription.objects.get().list_id == news.pk
    calls = world.sandbox_dotdigital.control.calls
    assert calls("POST /v2/address-books/{id}/contacts/resubscribe") == 1
    assert calls("POST /v2/contacts/resubscribe") == 0


def test_a_list_that_is_unknown_or_only_in_dynamics_is_never_taken_for_the_whole_account(run, world):
    world.add_list("News", [world.add("contacts", emailaddress1=DAVE)])
    assert resubscribe(run, world, "--list", "Other", "--yes").code == ExitCode.NOT_FOUND
    ran = resubscribe(run, world, "--list", "News", "--yes")
    assert ran.code == ExitCode.FAILED
    assert "has no list in Dotdigital" in ran.err
    assert not Resubscription.objects.exists()


def test_whoever_complained_is_not_asked(run, world):
    Suppression.objects.create(
        account_id=world.account.pk, person_key=DAVE, reason="ispComplained", since=datetime.now(UTC)
    )
    MarketingList.objects.filter(pk=world.add_list("News", []).pk).update(address_book_id=4711)
    for more in ((), ("--list", "News")):
        ran = resubscribe(run, world, "--yes", *more)
        assert ran.code == ExitCode.FAILED
        assert "Nobody may ask for them" in ran.err
