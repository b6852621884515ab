"""Why?, between two real sandboxes: for people who are synced, who are not, and who were never sent."""

from __future__ import annotations

import pytest

from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.dotdigital import ImportRow
from syncline.lists.models import MarketingList, MembershipAction
from syncline.remote import Retryable
from syncline.syncs.marketing_lists.explain import explain
from syncline.syncs.marketing_lists.explained import Explanation, SyncTold
from tests.syncs.world import World


def why(world: World, address: str) -> Explanation:
    return explain(world.account, address)


def shut(told: SyncTold) -> list[str]:
    return [gate.code for gate in told.gates if not gate.is_open]


def out_and_in(told: Explanation) -> tuple[SyncTold, SyncTold]:
    out, back, *_ = told.syncs
    assert (out.key, back.key) == ("lists_out", "lists_in")
    return out, back


def contact(world: World, name: str, **more: object) -> str:
    return world.add("contacts", firstname=name, emailaddress1=f"{name.lower()}@example.com", **more)


def test_somebody_who_is_synced_passes_every_gate(world: World) -> None:
    alice = contact(world, "Alice")
    news = world.add_list("News", [alice])
    world.sync()
    told = why(world, " ALICE@example.com")
    out, back = out_and_in(told)
    assert told.conclusion == "Synced: every gate is open."
    assert (shut(out), shut(back)) == ([], [])
    assert [(one.list_name, one.verdict) for one in out.lists] == [("News", "in step")]
    assert (out.lists[0].targets[0].kind, out.lists[0].targets[0].reference) == ("list", str(news.pk))
    assert told.records[0].was_read
    assert told.recent
    assert not told.waits


def test_an_explanation_of_the_known_calls_nobody(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    world.sync()
    world.forget_calls()
    why(world, "alice@example.com")
    journals = [
        side.control.journal()["routes"] for side in (world.sandbox_dataverse, world.sandbox_dotdigital)
    ]
    assert journals == [{}, {}]


def test_somebody_who_was_never_sent_is_explained_as_a_sync_would_decide(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    told = why(world, "alice@example.com")
    out, _ = out_and_in(told)
    assert shut(out) == []
    assert [(one.list_name, one.verdict) for one in out.lists] == [
        ("News", "would be sent with the next sync")
    ]
    assert {value.field for value in out.values} >= {"FIRSTNAME"}
    assert not told.records[0].was_read
    assert told.dotdigital == "not known to Dotdigital"


def test_a_mark_in_dynamics_stops_somebody_no_sync_has_read_yet(world: World) -> None:
    alice = contact(world, "Alice", donotbulkemail=True)
    told = why(world, "alice@example.com")
    out, _ = out_and_in(told)
    assert shut(out) == ["do_not_bulk_email", "in_no_list"]
    [gate] = [gate for gate in out.gates if gate.code == "do_not_bulk_email"]
    [target] = gate.targets
    assert (target.kind, target.entity, target.reference) == ("record", "contact", alice)
    assert gate.remedy


def test_an_address_that_nobody_knows(world: World) -> None:
    told = why(world, "nobody@example.com")
    out, back = out_and_in(told)
    assert told.conclusion == "Not synced. No contact, lead or account has this address."
    assert shut(out) == ["not_in_dynamics", "in_no_list"]
    assert shut(back) == ["not_in_dotdigital"]
    assert (told.records, told.dotdigital, told.unasked) == ([], "not known to Dotdigital", [])


def test_whoever_unsubscribed_is_stopped_both_ways(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    world.sync()
    world.dd.unsubscribe("alice@example.com")
    world.sync()
    out, back = out_and_in(why(world, "alice@example.com"))
    assert shut(out)[0] in {"suppressed", "not_subscribed"}
    assert shut(back)[0] in {"suppressed", "not_subscribed"}
    assert out.conclusion.startswith("Not synced.")


def test_what_dotdigital_has_newer_would_come_back(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    world.sync()
    world.put([ImportRow(email="alice@example.com", data_fields={"LASTNAME": "Hall"})])
    world.sync(plan_only=True)  # Reads both sides, and writes to neither.
    _, back = out_and_in(why(world, "alice@example.com"))
    [value] = [value for value in back.values if value.field == "lastname"]
    assert (value.old, value.new) == (None, "Hall")
    assert "Would come back into Dynamics" in back.conclusion


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        (MembershipAction.IGNORE, "not let into the marketing list"),
        (MembershipAction.ALLOW_KNOWN, "would be let into the marketing list with the next sync"),
    ],
)
def test_whether_somebody_in_the_book_is_let_into_the_list(
    world: World, action: MembershipAction, verdict: str
) -> None:
    contact(world, "Bob")
    news = world.add_list("News", [contact(world, "Alice")], membership_action=action)
    world.sync()
    news.refresh_from_db()
    world.put([ImportRow(email="bob@example.com", lists=[news.address_book_id or 0])])
    told = why(world, "bob@example.com")
    _, back = out_and_in(told)
    assert [(one.list_name, one.verdict) for one in back.lists] == [("News", verdict)]
    assert any(target.kind == "list" for target in back.lists[0].targets)


def test_somebody_new_becomes_a_record(world: World) -> None:
    news = world.add_list("News", [contact(world, "Alice")], membership_action=MembershipAction.ALLOW_NEW)
    world.sync()
    news.refresh_from_db()
    fields = {"FIRSTNAME": "Nina", "LASTNAME": "New"}
    world.put([ImportRow(email="nina@example.com", lists=[news.address_book_id or 0], data_fields=fields)])
    told = why(world, "nina@example.com")
    _, back = out_and_in(told)
    assert told.conclusion == "Not known to Dynamics yet: becomes a contact there with the next sync."
    assert [(one.list_name, one.code) for one in back.lists] == [("News", "new_person")]
    assert ("lastname", "New") in {(value.field, value.new) for value in back.values}


def test_a_list_that_cannot_be_synced_is_named(world: World) -> None:
    reserved = world.add_list("Test", [contact(world, "Alice")])
    world.sync()
    out, _ = out_and_in(why(world, "alice@example.com"))
    [gate] = [gate for gate in out.gates if not gate.is_open]
    assert "cannot be synced at the moment: “Test”" in gate.words
    assert [target.reference for target in gate.targets] == [str(reserved.pk)]


def test_a_list_that_has_a_problem_since_says_so(world: World) -> None:
    news = world.add_list("News", [contact(world, "Alice")])
    world.sync()
    MarketingList.objects.filter(pk=news.pk).update(problem="Its Dotdigital list was deleted.")
    out, _ = out_and_in(why(world, "alice@example.com"))
    assert [(one.verdict, one.passes) for one in out.lists] == [("not synced at the moment", False)]
    assert out.lists[0].reason == "Its Dotdigital list was deleted."
    assert out.conclusion == "Left out. News: Its Dotdigital list was deleted."


def test_a_disabled_account_is_the_first_gate(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    world.account.disabled = True
    world.account.save()
    out, back = out_and_in(why(world, "alice@example.com"))
    assert (shut(out), shut(back)[0]) == (["account_disabled"], "account_disabled")
    assert out.gates[0].targets[0].kind == "account"


def test_a_vendor_that_is_away_leaves_the_rest(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    world.sync()

    def away(_: EmailAccount) -> Dataverse:
        raise Retryable("Dynamics does not answer")

    told = explain(world.account, "new@example.com", away)
    assert told.unasked == [
        "Dynamics could not be asked about records that no sync has read: Dynamics does not answer."
    ]
    assert told.conclusion.startswith("Cannot be told for certain.")
    assert told.dotdigital == "not known to Dotdigital"
    known = explain(world.account, "alice@example.com", away)
    assert (known.unasked, known.conclusion) == ([], "Synced: every gate is open.")


def test_credentials_that_no_longer_work_are_told(world: World) -> None:
    world.account.dotdigital_password = "wrong"
    world.account.save()
    told = why(world, "nobody@example.com")
    assert len(told.unasked) == 1
    assert "Dotdigital could not be asked" in told.unasked[0]
