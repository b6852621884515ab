"""Why? for the syncs into contacts and leads: as the next sync would decide, and as it then does."""

from __future__ import annotations

import pytest

from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Held, Run
from syncline.remote import Retryable
from syncline.syncs.marketing_lists.explain import INTO_RECORDS, explain
from syncline.syncs.marketing_lists.explained import SyncTold
from tests.syncs.consent.scene import address, contact, put_on_crm_list
from tests.syncs.consent.test_unsubscribers import synced_list
from tests.syncs.world import World


def why(world: World, key: str, name: str = "Alice") -> SyncTold:
    [told] = [one for one in explain(world.account, address(name)).syncs if one.key == key]
    return told


def shut(told: SyncTold) -> list[str]:
    return [gate.code for gate in told.gates if not gate.is_open]


def values(told: SyncTold) -> set[tuple[str, object]]:
    return {(value.field, value.new) for value in told.values}


def suppressed_alice(world: World) -> str:
    """Dotdigital suppresses her, and a sync of lists has read that."""
    alice = contact(world, "Alice")
    world.sandbox_dotdigital.control.seed(
        contacts=[{"email": address("Alice"), "status": "HardBounced", "removed_on": "2026-05-01T08:00:00Z"}]
    )
    synced_list(world, "News", alice)
    return alice


def test_what_the_next_suppression_sync_would_write_is_told_and_then_written(provisioned: World) -> None:
    world = provisioned
    alice = suppressed_alice(world)
    told = why(world, "suppressions")
    assert told.last is None
    assert told.conclusion == "Would be carried over with the next sync: see below."
    assert (shut(told), values(told)) == (
        [],
        {("Do Not Bulk Email", "Yes"), ("Suppression record", "Hard bounced"),
         ("On the CRM suppression list", "Yes")},
    )  # fmt: skip
    world.sync("suppressions")
    assert world.crm_row("contacts", alice, "donotbulkemail")["donotbulkemail"]
    told = why(world, "suppressions")
    assert (told.conclusion, told.values) == ("Nothing to do: both sides say the same.", [])
    assert told.last
    assert told.last.run.reference == str(Run.objects.get(sync_type="suppressions").key)


def test_a_setting_that_is_off_is_the_gate_and_leads_to_the_settings(provisioned: World) -> None:
    world = provisioned
    suppressed_alice(world)
    world.account.mark_do_not_bulk_email = False
    world.account.keep_crm_suppression_list = False
    world.account.save()
    told = why(world, "suppressions")
    assert shut(told) == ["marks_off", "crm_list_off"]
    assert {target.kind for gate in told.gates for target in gate.targets} == {"account"}
    assert values(told) == {("Suppression record", "Hard bounced")}


def test_an_entry_made_by_hand_would_be_suppressed_in_dotdigital(provisioned: World) -> None:
    world = provisioned
    put_on_crm_list(world, address("Alice"))
    synced_list(world, "News", contact(world, "Bob"))
    world.sync("unsubscribers")  # It reads the CRM suppression list, and suppresses nobody.
    assert ("Suppressed", "Yes") in values(why(world, "suppressions"))


def test_without_our_tables_the_gate_says_so(world: World) -> None:
    world.account.provisioned = False
    world.account.save()
    contact(world, "Alice")
    for key in ("suppressions", "unsubscribers", "opt_in", "scoring"):
        told = why(world, key)
        [gate] = [gate for gate in told.gates if not gate.is_open]
        assert gate.code == "not_provisioned"
        assert "syncline provision" in gate.remedy


def test_a_list_that_was_left_is_told_and_then_left(provisioned: World) -> None:
    world = provisioned
    news = synced_list(world, "News", contact(world, "Alice"))
    world.unsubscribe_from(news, address("Alice"))
    world.sync("lists_out")
    told = why(world, "unsubscribers")
    assert [(one.list_name, one.code) for one in told.lists] == [("News", "leaves")]
    assert ("Member of the marketing list", "No") in values(told)
    assert told.lists[0].targets[0].reference == str(news.pk)
    world.sync("unsubscribers")
    told = why(world, "unsubscribers")
    assert ([one.code for one in told.lists], told.values) == (["agreed"], [])


def test_an_opt_in_type_is_compared_with_what_dynamics_holds_now(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    world.put([ImportRow(email=address("Alice"), opt_in="double")])
    assert values(why(world, "opt_in")) == {("Opt-in Type", "Double")}
    world.sync("opt_in")
    told = why(world, "opt_in")
    assert (told.values, shut(told)) == ([], [])
    assert told.conclusion == (
        "Nothing to do. It is only ever raised, and Dynamics holds Double on contact Alice."
    )


def test_a_score_is_told_and_then_carried_over(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    assert "No score of this address" in why(world, "scoring").conclusion
    world.sandbox_dotdigital.control.seed(contacts=[{"email": address("Alice")}])
    world.sandbox_dotdigital.control.seed(
        scores=[{"email": address("Alice"), "engagement": 40, "suitability": 50}]
    )
    world.sync("scoring")
    told = why(world, "scoring")
    assert (told.conclusion, told.values) == ("Nothing to do: both sides say the same.", [])


def test_what_was_refused_is_the_gate(provisioned: World) -> None:
    world = provisioned
    suppressed_alice(world)
    Held.objects.create(
        account=world.account, sync_type="suppressions", person_key=address("Alice"), entity="contact",
        record_id="", reason="refused_by_dynamics", detail="No right.", vendor_code="",
    )  # fmt: skip
    [gate] = [gate for gate in why(world, "suppressions").gates if not gate.is_open]
    assert gate.code == "held"
    assert "No right." in gate.words


@pytest.mark.parametrize("tell", INTO_RECORDS)
def test_a_stranger_and_a_disabled_account_are_told_by_every_sync(provisioned: World, tell: object) -> None:
    world = provisioned
    index = 2 + [*INTO_RECORDS].index(tell)  # type: ignore[arg-type]
    told = explain(world.account, "stranger@example.com").syncs[index]
    assert (told.values, shut(told)) == ([], [])
    assert told.conclusion.startswith("Nothing to do. ")
    world.account.disabled = True
    world.account.save()
    told = explain(world.account, "stranger@example.com").syncs[index]
    assert told.conclusion == "Nothing is carried over. The account is disabled, which stops every sync."


def test_where_dynamics_does_not_answer_the_opt_in_type_is_not_guessed(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    world.put([ImportRow(email=address("Alice"), opt_in="double")])
    world.sync("opt_in")

    def away(account: EmailAccount) -> Dataverse:
        raise Retryable("Dynamics did not answer")

    told = explain(world.account, address("Alice"), dataverse=away)
    [opt_in] = [one for one in told.syncs if one.key == "opt_in"]
    assert opt_in.conclusion.startswith("Cannot be told for certain. Dynamics could not be asked")
    assert opt_in.values == []
