"""`syncline suppressions` and `syncline resubscribe`."""

from datetime import UTC, datetime

import pytest

from syncline.accounts.clients import close_clients
from syncline.accounts.models import AdminLogEntry
from syncline.cli.exit_codes import ExitCode
from syncline.consent.models import Resubscription, Suppression
from syncline.dotdigital import ImportRow
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


def test_whoever_complained_is_not_asked(run, world):
    Suppression.objects.create(
        account_id=world.account.pk, person_key=DAVE, reason="ispComplained", since=datetime.now(UTC)
    )
    ran = resubscribe(run, world, "--yes")
    assert ran.code == ExitCode.FAILED
    assert "Nobody may ask for them" in ran.err
