"""Suppressing by hand: a stop here from the first moment, then in Dotdigital, whatever it answers."""

from __future__ import annotations

from functools import partial

import pytest

from syncline.accounts.admin_log import Actor
from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.accounts.models import AdminLogEntry
from syncline.consent import suppressions
from syncline.consent.ledger import Source
from syncline.consent.models import ConsentEvent, Suppression
from syncline.consent.suppressing import (
    MOST_ADDRESSES,
    Asked,
    Suppressing,
    suppress,
    write_note,
)
from syncline.consent.typed_addresses import addresses_in
from syncline.dotdigital import ImportRow
from syncs.world import World

ALICE = Actor("alice", "127.0.0.1")
KNOWN, STRANGER = "dave@northwind.example", "stranger@northwind.example"
SUPPRESS = "PUT /v2/contacts/suppress-contacts"


def stop(world: World, *addresses: str, note: str = "") -> Suppressing:
    reach = partial(dotdigital_for_somebody_waiting, world.account)
    return suppress(world.account, Asked(addresses, ALICE, Source.CONSOLE, note), reach)


def reasons(world: World) -> dict[str, str]:
    rows = Suppression.objects.filter(account_id=world.account.pk)
    return dict(rows.values_list("person_key", "reason"))


def status(world: World, address: str) -> str | None:
    return world.contact(address).email_status


def test_known_and_unknown_addresses_are_suppressed_there(world: World) -> None:
    world.put([ImportRow(email=KNOWN)])
    done = stop(world, KNOWN, STRANGER, note="Asked by telephone")
    assert (done.accepted, done.waiting, done.refused, done.problem) == ([KNOWN, STRANGER], [], {}, None)
    assert reasons(world) == {KNOWN: "accepted", STRANGER: "accepted"}
    assert {status(world, KNOWN), status(world, STRANGER)} == {"suppressed"}
    entry = AdminLogEntry.objects.get(action="addresses suppressed")
    assert entry.after == {"addresses": [KNOWN, STRANGER], "note": "Asked by telephone"}
    assert (entry.actor, entry.account_id) == ("alice", world.account.pk)
    events = ConsentEvent.objects.filter(account_id=world.account.pk, what="suppression")
    assert [(event.after, event.source, event.actor) for event in events] == [
        ("asked", "console", "alice")
    ] * 2


def test_the_next_reading_takes_over_what_dotdigital_says(world: World) -> None:
    stop(world, STRANGER, note="By letter")
    world.add_list("News", [world.add("contacts", emailaddress1=STRANGER)])
    run = world.sync()
    assert (STRANGER, "skipped", "suppressed") in world.outcomes(run)
    row = Suppression.objects.get(account_id=world.account.pk)
    assert (row.reason, row.note, row.asked_by) == ("suppressed", "By letter", "alice")


@pytest.mark.parametrize("kind", ["cut", "lost_answer", "status"])
def test_a_lost_answer_leaves_a_stop_that_nothing_lifts(world: World, kind: str) -> None:
    world.put([ImportRow(email=KNOWN)])
    world.sandbox_dotdigital.control.fault(kind, route=SUPPRESS, times=None)
    done = stop(world, KNOWN)
    assert (done.accepted, done.waiting) == ([], [KNOWN])
    assert done.problem is not None
    assert reasons(world) == {KNOWN: "asked"}
    later = world.dd.server_time().replace(year=2100)
    assert suppressions.lift(world.account.pk, [(KNOWN, later)]) == []
    world.sandbox_dotdigital.control.clear_faults()
    assert stop(world, KNOWN).accepted == [KNOWN]
    assert status(world, KNOWN) == "suppressed"
    assert ConsentEvent.objects.filter(account_id=world.account.pk).count() == 1


def test_whom_nobody_confirmed_is_left_out_of_the_lists_all_the_same(world: World) -> None:
    news = world.add_list("News", [world.add("contacts", emailaddress1=KNOWN)])
    world.sandbox_dotdigital.control.fault("cut", route=SUPPRESS, times=None)
    stop(world, KNOWN)
    run = world.sync()
    assert (KNOWN, "skipped", "suppressed") in world.outcomes(run)
    assert world.in_book(news) == set()


def test_an_address_that_is_on_the_list_keeps_its_reason(world: World) -> None:
    world.sandbox_dotdigital.control.seed(
        contacts=[{"email": KNOWN, "status": "IspComplained", "removed_on": "2026-10-01T08:00:00Z"}]
    )
    world.add_list("News")
    world.sync()
    world.forget_calls()
    assert stop(world, KNOWN).known == [KNOWN]
    assert reasons(world) == {KNOWN: "ispComplained"}
    assert world.sandbox_dotdigital.control.calls(SUPPRESS) == 0
    assert not AdminLogEntry.objects.filter(action="addresses suppressed").exists()


def test_an_address_that_dotdigital_takes_no_contact_for_stays_a_stop(world: World) -> None:
    world.sandbox_dotdigital.control.seed(suppressed_domains=["spam.example"])
    done = stop(world, "trap@spam.example", STRANGER)
    assert list(done.refused) == ["trap@spam.example"]
    assert done.accepted == [STRANGER]
    assert reasons(world) == {"trap@spam.example": "asked", STRANGER: "accepted"}


def test_an_import_that_takes_long_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncline.consent.suppressing.BETWEEN_LOOKS_S", 0.01)
    world.sandbox_dotdigital.control.settings(import_delay_s=60)
    done = stop(world, STRANGER)
    assert (done.accepted, done.waiting, done.problem) == ([], [STRANGER], None)
    assert reasons(world) == {STRANGER: "asked"}


def test_more_than_one_call_takes_is_refused(world: World) -> None:
    with pytest.raises(ValueError):
        stop(world, *(f"p{number}@example.com" for number in range(MOST_ADDRESSES + 1)))
    assert reasons(world) == {}


def test_a_stop_here_is_none_in_another_account(world: World) -> None:
    stop(world, STRANGER)
    assert suppressions.among(world.account.pk + 1, [STRANGER]) == set()


def test_a_note_is_changed_and_logged(world: World) -> None:
    stop(world, STRANGER, note="By letter")
    write_note(world.account, STRANGER, " By letter of 3 May ", by=ALICE)
    assert Suppression.objects.get(account_id=world.account.pk).note == "By letter of 3 May"
    entry = AdminLogEntry.objects.get(action="note on a suppression")
    assert (entry.before["note"], entry.after["note"]) == ("By letter", "By letter of 3 May")


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("Alice@Example.com", ["alice@example.com"], []),
        ("a@x.example, b@x.example;c@x.example\nd@x.example e@x.example", list("abcde"), []),
        ("Bob Hall <bob@x.example>\r\nBob <BOB@x.example>", ["bob"], []),
        ("a@x.example, nobody, Eve <eve>", ["a"], ["nobody", "eve"]),
        ("  \n ", [], []),
    ],
)
def test_addresses_are_taken_as_people_paste_them(text: str, good: list[str], bad: list[str]) -> None:
    found = addresses_in(text)
    assert found.good == [word if "@" in word else f"{word}@x.example" for word in good]
    assert found.bad == bad
