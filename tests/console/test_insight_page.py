"""Insight Data: choosing tables and their columns in the console, and what came of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from console.insight_world import make_insight_row, make_insight_table, make_insight_tables
from console.world import SignedIn, basis_at, make_account, make_run
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.admin_log import Actor
from syncline.accounts.clients import close_clients, dataverse_client
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.insight.choosing import change_columns
from syncline.insight.models import InsightRow, InsightTable
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.insight_data.tables import AUDIT_TYPE
from tests.syncs.world import World

pytestmark = pytest.mark.django_db


def page(client: Client, account: EmailAccount) -> str:
    return client.get(reverse("insight", args=[account.pk])).content.decode()


def at(name: str, table: InsightTable) -> str:
    return reverse(name, args=[table.account_id, table.pk])


@pytest.fixture
def viewer(signed_in: SignedIn) -> Client:
    return signed_in(Role.VIEWER)


@pytest.fixture
def account(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[EmailAccount]:
    """Joined to both sides."""
    yield World(dataverse, dotdigital).account
    close_clients()


def test_without_tables_the_page_says_what_it_is_for(
    manager: Client, viewer: Client, contoso: EmailAccount
) -> None:
    text = page(manager, contoso)
    assert "No table has been chosen yet" in text
    assert 'name="table"' in text
    assert f'href="{reverse("insight", args=[contoso.pk])}" aria-current="true">Insight Data' in text
    text = page(viewer, contoso)
    assert "An Email Marketing Manager can choose one." in text
    assert 'name="table"' not in text


def test_tables_are_told_with_what_came_of_them(viewer: Client, contoso: EmailAccount) -> None:
    deals = make_insight_tables(contoso)
    make_insight_table(make_account("Fabrikam"), "Theirs")
    text = page(viewer, contoso)
    assert re.findall(r'<a class="row-title"[^>]*>([^<]+)<', text) == ["Opportunity", "Task"]
    for words in (
        "Deals",
        "3 columns, by parentcontactid",
        "Completed With Errors",
        "1 of 3 was not accepted",
    ):
        assert words in text
    one = viewer.get(at("insight-table", deals)).content.decode()
    for words in ("estimatedvalue", "Money", "Whoever", "What changed since the last sync"):
        assert words in one
    facts = re.findall(r"<dt>([^<]+)</dt><dd>(?:<a[^>]*>)?(\d+)", one)
    assert dict(facts) == {
        "Rows known here": "4",
        "Records in Dotdigital": "2",
        "Refused by Dotdigital": "1",
    }
    assert "Other columns" not in one


def test_the_row_of_a_run_leads_to_the_table(viewer: Client, contoso: EmailAccount) -> None:
    deals = make_insight_table(contoso, "Deals")
    run = make_run(contoso, sync_type="insight")
    part = RunPart.objects.create(
        run=run, audit_type=AUDIT_TYPE, reference=deals.pk, name="Deals", status=RunStatus.COMPLETED
    )
    text = viewer.get(reverse("part", args=[contoso.pk, run.key, part.pk])).content.decode()
    assert f'href="{at("insight-table", deals)}"' in text


def test_a_manager_chooses_a_table_and_other_columns(manager: Client, account: EmailAccount) -> None:
    new = reverse("insight-new", args=[account.pk])
    text = manager.get(new, {"table": "opportunity"}).content.decode()
    assert '<option value="parentcontactid"' in text
    assert 'name="column" value="estimatedvalue"' in text
    sent = {
        "table": "opportunity",
        "lookup": "parentcontactid",
        "collection": "Deals",
        "column": ["name", "estimatedvalue"],
    }
    text = manager.post(new, sent, follow=True).content.decode()
    assert "Opportunity goes into the collection Deals with the next sync" in text
    deals = InsightTable.objects.get()
    assert (deals.lookup, deals.collection, deals.columns) == (
        "parentcontactid",
        "Deals",
        ["name", "estimatedvalue"],
    )

    where = at("insight-columns", deals)
    text = manager.get(where).content.decode()
    assert re.findall(r'value="(\w+)" checked', text) == ["estimatedvalue", "name"]
    kept = {"column": ["description", "estimatedvalue", "name"]} | basis_at(manager, where)
    assert "Saved." in manager.post(where, kept, follow=True).content.decode()
    deals.refresh_from_db()
    assert deals.columns == ["name", "estimatedvalue", "description"], "those there were keep their places"

    make_insight_row(deals, "a")
    text = manager.post(at("insight-drop", deals), follow=True).content.decode()
    assert "Its records stay in Dotdigital" in text
    assert not InsightTable.objects.exists() and not InsightRow.objects.exists()
    log = AdminLogEntry.objects.filter(action__startswith="insight").order_by("pk")
    assert [one.action for one in log] == [
        "insight data added",
        "insight data changed",
        "insight data removed",
    ]


def test_what_cannot_be_is_told_and_what_was_entered_stays(manager: Client, account: EmailAccount) -> None:
    new = reverse("insight-new", args=[account.pk])
    answer = manager.get(new, {"table": "nosuchtable"})
    assert (answer.status_code, "Dynamics has no table nosuchtable" in answer.content.decode()) == (200, True)
    assert "The rows of list are nobody" in manager.get(new, {"table": "list"}).content.decode()
    wrong = {
        "table": "opportunity",
        "lookup": "parentcontactid",
        "collection": "9 lives",
        "column": ["name"],
    }
    answer = manager.post(new, wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "cannot be the name of a collection" in text
    assert 'value="9 lives"' in text
    assert 'value="parentcontactid" selected' in text
    assert re.findall(r'value="(\w+)" checked', text) == ["name"]
    answer = manager.post(new, {**wrong, "collection": "Deals", "lookup": ""})
    assert "Several columns point at people." in answer.content.decode()
    answer = manager.post(new, {**wrong, "collection": "Deals", "column": []})
    assert "Choose at least one column." in answer.content.decode()
    assert not InsightTable.objects.exists()


def test_whoever_saves_second_is_told_by_whom(manager: Client, account: EmailAccount) -> None:
    new = reverse("insight-new", args=[account.pk])
    manager.post(new, {"table": "opportunity", "lookup": "parentcontactid", "column": ["name"]})
    deals = InsightTable.objects.get()
    where = at("insight-columns", deals)
    stale = {"column": ["description"]} | basis_at(manager, where)
    client = dataverse_client(account)
    change_columns(deals, ["estimatedvalue"], client, by=Actor("bob", "10.0.0.2"))
    answer = manager.post(where, stale)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "bob changed this" in text
    assert re.findall(r'value="(\w+)" checked', text) == ["description"]
    deals.refresh_from_db()
    assert deals.columns == ["estimatedvalue"]


def test_while_dynamics_does_not_answer_the_page_says_so(manager: Client, contoso: EmailAccount) -> None:
    deals = make_insight_table(contoso, "Deals")
    gone = "https://127.0.0.1:9"
    EmailAccount.objects.filter(pk=contoso.pk).update(dataverse_url=gone, dataverse_authority=gone)
    for where in (at("insight-columns", deals), reverse("insight-new", args=[contoso.pk]) + "?table=task"):
        text = manager.get(where).content.decode()
        assert "Dynamics could not be asked what" in text
        assert 'name="column"' not in text


def test_a_table_of_another_account_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    theirs = make_insight_table(make_account("Fabrikam"), "Theirs")
    for name in ("insight-table", "insight-columns"):
        assert manager.get(reverse(name, args=[contoso.pk, theirs.pk])).status_code == 404
    assert manager.post(reverse("insight-drop", args=[contoso.pk, theirs.pk])).status_code == 404
