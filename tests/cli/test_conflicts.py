"""The worked example of docs/how-to/conflicts.md, step by step."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest

from cli.conftest import Run
from syncline.accounts.clients import dataverse_client, dotdigital_client
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Outcome
from syncline.lists.models import MarketingList

pytestmark = pytest.mark.django_db(transaction=True)

ALICE = "alice@example.com"


@pytest.fixture
def account(run: Run, contoso: str, somebody_at_work: None) -> EmailAccount:
    return EmailAccount.objects.get(name=contoso)


def changed_in_dotdigital(account: EmailAccount, **fields: object) -> None:
    client = dotdigital_client(account)
    import_id = client.import_contacts([ImportRow(email=ALICE, data_fields=fields)])
    while not client.import_report(import_id).finished:
        time.sleep(0.05)


def test_the_guide_to_conflicts(run: Run, account: EmailAccount, tmp_path: Path) -> None:
    assert run("sync", "Contoso", "crm_metadata").code == ExitCode.OK
    assert run("labels", "Contoso", "--add", "JOBTITLE", "--type", "Text").code == ExitCode.OK
    assert run("labels", "Contoso", "--add", "NO_CALLS", "--type", "Yes/No").code == ExitCode.OK
    assert run("sync", "Contoso", "labels").code == ExitCode.OK
    contact = ("mappings", "Contoso", "--entity", "contact")
    assert run(*contact, "--add", "jobtitle=JOBTITLE", "--conflicts", "newest").code == ExitCode.OK
    mapped = run(*contact, "--add", "donotphone=NO_CALLS", "--conflicts", "restrictive")
    assert "Most restrictive wins" in mapped.out

    dynamics = dataverse_client(account)
    alice = dynamics.create(
        "contacts", {"firstname": "Alice", "emailaddress1": ALICE, "jobtitle": "Buyer", "donotphone": True}
    )
    news = dynamics.create("lists", {"listname": "News", "createdfromcode": 2, "type": False})
    dynamics.add_list_members(news, "contact", [alice])
    MarketingList.objects.create(account=account, list_id=news, name="News", entity="contact", activated=True)
    assert run("sync", "Contoso", "lists_out").code == ExitCode.OK

    dynamics.update("contacts", alice, {"jobtitle": "Head of Purchasing"})
    time.sleep(1.1)
    changed_in_dotdigital(account, JOBTITLE="Director", NO_CALLS=False)
    exported = tmp_path / "plan.csv"
    plan = run("plan", "Contoso", "lists_out", "--export", str(exported))
    assert plan.code == ExitCode.OK, plan.out + plan.err
    rows = list(csv.DictReader(exported.read_text("utf-8-sig").splitlines()))
    assert any("Head of Purchasing of dynamics" in row["lost"] for row in rows)

    assert run("sync", "Contoso", "lists_out").code == ExitCode.OK
    row = dynamics.get("contacts", alice, select=("jobtitle", "donotphone"))
    assert (row["jobtitle"], row["donotphone"]) == ("Director", True)
    fields = dotdigital_client(account).get_contact(ALICE).data_fields
    assert (fields["JOBTITLE"], fields["NO_CALLS"]) == ("Director", True)
    lost = {one.side: json.loads(one.lost) for one in Outcome.objects.filter(run=account.runs.latest("pk"))}
    assert lost == {
        "dynamics": {"jobtitle": ["dynamics", "Head of Purchasing"]},
        "dotdigital": {"NO_CALLS": ["dotdigital", False]},
    }
