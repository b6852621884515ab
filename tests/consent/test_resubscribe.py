"""The way back: on a ground, by Dotdigital's own e-mail, and lifted only by what Dotdigital later shows."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from syncline.accounts.admin_log import Actor
from syncline.accounts.clients import dotdigital_for_somebody_waiting
from syncline.accounts.models import AdminLogEntry
from syncline.consent.ledger import Source
from syncline.consent.models import ConsentEvent, Resubscription, Suppression
from syncline.consent.resubscribe import Answer, RefusedError, Wish, ask
from syncline.consent.resubscriptions import BETWEEN, MOST_A_MONTH, Ground, State, too_soon
from syncline.consent.suppressing import Asked, suppress
from syncs.world import World

ALICE = Actor("alice", "127.0.0.1")
DAVE = "dave@northwind.example"
CALL = "POST /v2/contacts/resubscribe"


def wish_back(world: World, address: str = DAVE, **more: Any) -> Answer:
    fields: dict[str, Any] = {"ground": Ground.WRITTEN, "evidence": "E-mail of 3 May", "by": ALICE}
    reach = partial(dotdigital_for_somebody_waiting, world.account)
    return ask(world.account, Wish(address, **(fields | more)), reach)


def opted_out(world: World, status: str = "Unsubscribed") -> None:
    """Dave is on the suppression list, and a sync has read that."""
    world.sandbox_dotdigital.control.seed(
        contacts=[{"email": DAVE, "status": status, "removed_on": "2026-05-01T08:00:00Z"}]
    )
    world.add_list("News", [world.add("contacts", emailaddress1=DAVE)])
    world.sync()
    assert suppressed(world)


def suppressed(world: World) -> bool:
    return Suppression.objects.filter(account_id=world.account.pk, person_key=DAVE).exists()


def calls(world: World) -> int:
    return world.sandbox_dotdigital.control.calls(CALL)


def click(world: World) -> None:
    """Dave clicks the link in Dotdigital's e-mail."""
    world.sandbox_dotdigital.control.call("POST", "confirm", {"email": DAVE})


def events(world: World) -> list[ConsentEvent]:
    return list(ConsentEvent.objects.filter(account_id=world.account.pk, what="resubscribed"))


def test_the_person_is_asked_and_stays_stopped_until_they_confirm(world: World) -> None:
    opted_out(world)
    answer = wish_back(world)
    assert answer.state is State.CHALLENGED
    assert "They come back once they click its link" in answer.words
    world.sync()
    assert suppressed(world)
    assert world.contact(DAVE).email_status == "pendingOptIn"
    assert events(world) == []


def test_once_dotdigital_shows_them_as_subscribed_they_are_back_with_the_ground_in_the_ledger(
    world: World,
) -> None:
    opted_out(world)
    wish_back(world)
    click(world)
    run = world.sync()
    assert not suppressed(world)
    [event] = events(world)
    assert (event.after, event.actor, event.source) == ("written", "alice", Source.DOTDIGITAL)
    assert event.run_id == run.pk
    assert DAVE not in str(event.evidence)
    assert Resubscription.objects.get().state == State.CONFIRMED
    world.sync()
    assert len(events(world)) == 1


def test_the_admin_log_holds_the_ground_and_the_answer(world: World) -> None:
    opted_out(world)
    wish_back(world)
    asked = AdminLogEntry.objects.get(action="resubscription asked for")
    assert asked.after == {"address": DAVE, "ground": "written", "evidence": "E-mail of 3 May"}
    answered = AdminLogEntry.objects.get(action="resubscription answered")
    assert (answered.after["answer"], answered.actor) == ("challenged", "alice")


@pytest.mark.parametrize("status", ["IspComplained", "DirectComplaint", "NotAllowed", "DomainSuppression"])
def test_whoever_complained_or_may_not_be_mailed_is_refused_before_any_call(
    world: World, status: str
) -> None:
    opted_out(world, status)
    world.forget_calls()
    with pytest.raises(RefusedError, match="Nobody may ask for them"):
        wish_back(world)
    assert world.sandbox_dotdigital.control.journal()["routes"] == {}
    assert not Resubscription.objects.exists()


def test_a_complaint_that_no_sync_has_read_yet_is_refused_too(world: World) -> None:
    opted_out(world)
    world.dd.server_time()
    control = world.sandbox_dotdigital.control
    world.resubscribe(DAVE)
    control.call("POST", "suppress", {"email": DAVE, "reason": "IspComplained"})
    with pytest.raises(RefusedError, match="ispcomplained"):
        wish_back(world)
    assert calls(world) == 0


def test_what_dotdigital_refuses_is_told_and_lifts_nothing(world: World) -> None:
    world.sandbox_dotdigital.control.seed(suppressed_domains=["northwind.example"])
    assert wish_back(world).state is State.REFUSED
    assert events(world) == []


@pytest.mark.parametrize("evidence", ["", "   "])
def test_without_a_ground_nobody_is_asked(world: World, evidence: str) -> None:
    with pytest.raises(RefusedError, match="ground is missing"):
        wish_back(world, evidence=evidence)
    assert calls(world) == 0


def test_after_a_lost_answer_nobody_is_mailed_a_second_time(world: World) -> None:
    opted_out(world)
    world.sandbox_dotdigital.control.fault("lost_answer", route=CALL)
    answer = wish_back(world)
    assert answer.state is State.ASKED
    assert "answer was lost" in answer.words
    with pytest.raises(RefusedError, match="asked for already"):
        wish_back(world)
    assert calls(world) == 1
    assert suppressed(world)
    click(world)
    world.sync()
    assert not suppressed(world)
    assert len(events(world)) == 1


def test_a_call_that_was_not_taken_may_be_made_again(world: World) -> None:
    opted_out(world)
    world.sandbox_dotdigital.control.fault(
        "status", route=CALL, status=400, body={"message": "ERROR_UNKNOWN"}
    )
    assert wish_back(world).state is State.FAILED
    assert wish_back(world).state is State.CHALLENGED


def test_three_times_a_month_is_enough(world: World) -> None:
    now = world.dd.server_time()
    for number in range(MOST_A_MONTH):
        Resubscription.objects.create(
            account_id=world.account.pk, person_key=DAVE, ground="written", evidence="E-mail",
            asked_by="alice", asked_at=now - BETWEEN * (number + 2), state=State.CHALLENGED,
        )  # fmt: skip
    assert "3 times within 30 days" in too_soon(world.account.pk, DAVE, now)
    assert too_soon(world.account.pk, DAVE, now + timedelta(days=29)) == ""


def test_whom_dotdigital_never_confirmed_as_suppressed_has_to_be_suppressed_first(world: World) -> None:
    world.sandbox_dotdigital.control.fault("cut", route="PUT /v2/contacts/suppress-contacts", times=None)
    reach = partial(dotdigital_for_somebody_waiting, world.account)
    suppress(world.account, Asked([DAVE], ALICE, Source.CONSOLE), reach)
    with pytest.raises(RefusedError, match="Suppress them again first"):
        wish_back(world)


def test_whom_a_person_suppressed_by_hand_comes_back_by_the_same_way(world: World) -> None:
    reach = partial(dotdigital_for_somebody_waiting, world.account)
    suppress(world.account, Asked([DAVE], ALICE, Source.CONSOLE), reach)
    assert wish_back(world).state is State.CHALLENGED
    click(world)
    world.add_list("News", [world.add("contacts", emailaddress1=DAVE)])
    world.sync()
    assert not suppressed(world)
    assert len(events(world)) == 1


def test_a_disabled_account_asks_nobody(world: World) -> None:
    opted_out(world)
    world.account.disabled = True
    world.account.save()
    with pytest.raises(RefusedError, match="is disabled"):
        wish_back(world)


def test_a_list_that_was_left_takes_the_lists_own_call(world: World) -> None:
    news = world.add_list("News", [world.add("contacts", emailaddress1=DAVE)])
    world.sync()
    news.refresh_from_db()
    world.unsubscribe_from(news, DAVE)
    answer = wish_back(world, list_id=news.pk, book_id=news.address_book_id)
    assert answer.state is State.CHALLENGED
    assert world.sandbox_dotdigital.control.calls("POST /v2/address-books/{id}/contacts/resubscribe") == 1
    assert world.in_book(news) == set()
    world.sync()
    assert events(world) == []
