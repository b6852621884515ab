"""`syncline held`: what is refused and why, and a replay that is followed to its end."""

from __future__ import annotations

import pytest

from cli.conftest import Run
from console.world import make_held
from syncline.accounts.clients import dataverse_client
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.lists.models import MarketingList
from syncline.mapping.models import FieldMapping

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(run: Run, contoso: str) -> EmailAccount:
    return EmailAccount.objects.get(name=contoso)


def test_nothing_held(run: Run, account: EmailAccount) -> None:
    assert "both sides have accepted everything" in run("held", "contoso").out
    assert run("held", "contoso", "--json").results == []


def test_reasons_are_counted_and_records_told(run: Run, account: EmailAccount) -> None:
    make_held(account, "alice@example.com")
    make_held(account, "bob@example.com", "list_closed", detail="The list is locked.")
    results = run("held", "contoso", "--json").results
    assert {row["reason"]: row["held"] for row in results if "held" in row} == {
        "refused_by_dotdigital": 1,
        "list_closed": 1,
    }
    [bob] = [
        row for row in run("held", "contoso", "--reason", "list_closed", "--json").results if "person" in row
    ]
    assert (bob["person"], bob["detail"]) == ("bob@example.com", "The list is locked.")
    assert "Unlock or reactivate" in bob["remedy"]
    told = run("held", "contoso").out
    assert "The postcode is too long." in told
    assert "--replay-all" in told


def test_a_mended_record_is_replayed(run: Run, account: EmailAccount, somebody_at_work: None) -> None:
    _refuse_alice(run, account)
    FieldMapping.objects.filter(label="STORY").delete()
    ran = run("held", "contoso", "--replay", "Alice@Example.com", "--json")
    assert ran.code == ExitCode.OK, ran.out
    assert ran.results[-1] == {"replayed": 1, "still_held": 0}
    entry = AdminLogEntry.objects.latest("pk")
    assert (entry.action, entry.actor) == ("held records replayed", "operator")


def test_what_is_refused_again_deserves_a_look(
    run: Run, account: EmailAccount, somebody_at_work: None
) -> None:
    _refuse_alice(run, account)
    ran = run("held", "contoso", "--replay-all", "--reason", "conversion")
    assert ran.code == ExitCode.ATTENTION
    assert "1 replayed, 1 of them still held." in ran.out


def test_an_address_of_which_nothing_is_held(run: Run, account: EmailAccount) -> None:
    ran = run("held", "contoso", "--replay", "nobody@example.com")
    assert ran.code == ExitCode.NOT_FOUND
    assert "Nothing is held of nobody@example.com" in ran.err
    assert run("held", "contoso", "--replay-all").out.startswith("Nothing is held")


def test_a_disabled_account_replays_nothing(run: Run, account: EmailAccount) -> None:
    make_held(account, "alice@example.com")
    EmailAccount.objects.update(disabled=True)
    ran = run("held", "contoso", "--replay-all")
    assert ran.code == ExitCode.FAILED
    assert "disabled, so nothing was replayed" in ran.err
    assert not account.runs.exists()


def test_one_or_all_but_not_both(run: Run, account: EmailAccount) -> None:
    assert run("held", "contoso", "--replay-all", "--replay", "a@example.com").code == ExitCode.USAGE


def _refuse_alice(run: Run, account: EmailAccount) -> None:
    """Alice's description is longer than the label that it is mapped to may be."""
    client = dataverse_client(account)
    alice = client.create(
        "contacts", {"firstname": "Alice", "emailaddress1": "alice@example.com", "description": "x" * 1001}
    )
    list_id = client.create("lists", {"listname": "News", "createdfromcode": 2, "type": False})
    client.add_list_members(list_id, "contact", [alice])
    MarketingList.objects.create(
        account=account, list_id=list_id, name="News", entity="contact", activated=True
    )
    FieldMapping.objects.create(account=account, entity="contact", crm_field="description", label="STORY")
    account.labels.create(name="STORY", type="String")
    assert run("sync", "contoso", "crm_metadata").code == ExitCode.OK
    assert run("sync", "contoso", "lists_out").code == ExitCode.ATTENTION
