"""Plans: all of them on one page, and one plan record by record."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from console.world import SignedIn, make_account, make_outcome, make_plan, make_run
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.console.plan_records import PlanSearch, every_record_of, plan_page_of
from syncline.console.record_pages import RECORDS_A_PAGE
from syncline.ledger.models import Approval, Outcome, Purpose, Run, RunStatus

SUMMARY = "Would create 1, update 2 and take 1 out of 1 list; leaves 1 out and cannot carry 1 over."
EVERYBODY = ["alice", "bob", "carol", "dave", "erin", "frank", "poison"]


@pytest.fixture
def plan(contoso: EmailAccount, now: datetime) -> Run:
    return make_plan(contoso, now)


def test_plans_stand_newest_first_with_what_they_would_do(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    older = make_plan(contoso, now - timedelta(hours=3))
    newer = make_plan(contoso, now - timedelta(hours=1), sync_type="labels")
    text = _plans(manager, contoso)
    assert re.findall(r">Plan (\d+): ([^<]+)<", text) == [
        (str(newer.pk), "Data field labels"),
        (str(older.pk), "Two-way marketing list sync"),
    ]
    assert text.count(SUMMARY) == 2
    assert "Manual by alice" in text


def test_plain_syncs_are_no_plans_and_other_accounts_plans_are_theirs(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    make_run(contoso, started_at=now)
    theirs = make_plan(make_account("Fabrikam"), now)
    assert "No plan has been made yet" in _plans(manager, contoso)
    assert manager.get(reverse("plan", args=[contoso.pk, theirs.key])).status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "Waiting for approval"),
        ({"approval": Approval.APPROVED, "approval_by": "alice"}, "Approved"),
        ({"approval": Approval.DISCARDED, "approval_by": "bob"}, "Discarded"),
        ({"approval": Approval.NONE}, "Nothing to do"),
        ({"status": RunStatus.FAILED, "approval": Approval.NONE}, "Failed"),
        ({"status": RunStatus.CANCELLED, "approval": Approval.NONE}, "Cancelled"),
    ],
)
def test_every_plan_says_how_it_stands(
    manager: Client, contoso: EmailAccount, now: datetime, state: dict[str, str], words: str
) -> None:
    plan = make_plan(contoso, now, **state)
    for text in (_plans(manager, contoso), _page(manager, plan)):
        assert f"<span>{words}</span>" in text


def test_a_plan_grows_too_old_by_the_hours_of_its_account(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    contoso.plan_valid_h = 2
    contoso.save()
    make_plan(contoso, now - timedelta(hours=2, minutes=1))
    assert "Too old" in _plans(manager, contoso)
    contoso.plan_valid_h = 3
    contoso.save()
    assert "Too old" not in _plans(manager, contoso)


def test_a_plan_of_the_fuse_an_undo_and_a_drift_audit_are_told_apart(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    undone = make_run(contoso, started_at=now)
    make_plan(contoso, now, purpose=Purpose.DRIFT)
    make_plan(contoso, now, purpose=Purpose.UNDO, subject=undone)
    tripped = make_plan(contoso, now, status=RunStatus.WAITING, fuse=["Would take 900 of 1,000 people out."])
    text = _plans(manager, contoso)
    for words in ("Drift audit", "Undo", f"run {undone.pk}</a>", "Fuse tripped"):
        assert words in text
    page = _page(manager, tripped)
    assert "Would take 900 of 1,000 people out." in page
    assert "The fuse stopped this sync before anything was written." in page


def test_making_a_plan_leads_to_its_page_which_follows_it(manager: Client, contoso: EmailAccount) -> None:
    answer = manager.post(reverse("plan-make", args=[contoso.pk, "lists_out"]))
    plan = contoso.runs.get()
    assert plan.plan_only
    assert plan.requested_by == "manager-person"
    assert answer.headers["Location"] == _address(plan)
    assert "every 3s" in _page(manager, plan)
    assert "HX-Refresh" not in manager.get(_address(plan) + "live").headers
    Run.objects.filter(pk=plan.pk).update(status=RunStatus.COMPLETED)
    assert manager.get(_address(plan) + "live").headers["HX-Refresh"] == "true"


def test_making_a_plan_twice_makes_one_and_it_can_be_cancelled(
    manager: Client, contoso: EmailAccount
) -> None:
    for _ in range(2):
        manager.post(reverse("plan-make", args=[contoso.pk, "lists_out"]))
    plan = contoso.runs.get()
    manager.post(reverse("plan-cancel", args=[contoso.pk, "lists_out", plan.key]))
    plan.refresh_from_db()
    assert plan.status == RunStatus.CANCELLED


def test_a_disabled_account_makes_no_plan(manager: Client, contoso: EmailAccount) -> None:
    contoso.disabled = True
    contoso.save()
    answer = manager.post(reverse("plan-make", args=[contoso.pk, "lists_out"]), follow=True)
    assert "no plan is made" in answer.content.decode()
    assert not contoso.runs.exists()


def test_a_viewer_looks_and_is_offered_nothing_to_start(
    signed_in: SignedIn, contoso: EmailAccount, plan: Run
) -> None:
    viewer = signed_in(Role.VIEWER)
    assert "Make a plan" not in _plans(viewer, contoso)
    assert SUMMARY in _page(viewer, plan)


def test_a_plan_says_field_by_field_what_each_side_would_get(manager: Client, plan: Run) -> None:
    text = _page(manager, plan)
    assert SUMMARY in text
    for words in ("<del>Bobb</del>", "<ins>Bobson</ins>", "Enters the list", "Leaves the list"):
        assert words in text
    assert "Both sides had changed it: Dotdigital loses “Bobbington”" in text
    assert "The birthday 31.02.1990 is no date." in text
    assert "Dotdigital&#x27;s suppression list" in text or "Dotdigital's suppression list" in text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, EVERYBODY),
        ({"what": "create"}, ["alice"]),
        ({"what": "update"}, ["bob", "carol"]),
        ({"what": "update", "side": "dynamics"}, ["carol"]),
        ({"side": "dotdigital", "what": "remove"}, ["erin"]),
        ({"what": "skipped"}, ["dave"]),
        ({"what": "rejected"}, ["poison"]),
        ({"what": "unchanged"}, ["frank"]),
        ({"what": "conflict"}, ["bob"]),
        (
            {"what": "nonsense", "side": "nonsense"},
            ["alice", "bob", "carol", "dave", "erin", "frank", "poison"],
        ),
        ({"reason": "left_marketing_list"}, ["erin"]),
        ({"address": "BOB@contoso.example"}, ["bob"]),
        ({"address": "po"}, ["poison"]),
        ({"list": "999999999"}, []),
    ],
)
def test_records_are_found_by_side_action_result_reason_and_address(
    manager: Client, plan: Run, search: dict[str, str], found: list[str]
) -> None:
    assert _shown(_page(manager, plan, **search)) == found


def test_a_list_that_goes_both_ways_is_one_to_choose(manager: Client, plan: Run) -> None:
    newsletter = plan.parts.filter(name="Newsletter").first()
    assert newsletter is not None
    text = _page(manager, plan, list=str(newsletter.reference))
    assert _shown(text) == ["alice", "bob", "carol", "dave"]
    assert text.count(">Newsletter</option>") == 1
    assert "Update 2</a>" in text  # The chips count what the chosen list would get.
    assert "Take out" not in text.split('class="chips"')[1].split("</nav>")[0]


def test_the_export_holds_what_the_filters_let_through(manager: Client, plan: Run) -> None:
    def exported(**search: str) -> list[str]:
        answer = manager.get(reverse("plan-export", args=[plan.account.pk, plan.key]), search)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="plan-{plan.pk}.csv"'
        return b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert len(exported()) == 1 + len(EVERYBODY)
    head, bob = exported(what="conflict")
    assert head.startswith("\ufeffaddress,")
    assert "LASTNAME: Bobb → Bobson" in bob
    assert "LASTNAME: Bobbington of dotdigital" in bob
    assert len(exported(what="update", side="dynamics")) == 2
    page = _page(manager, plan, what="conflict")
    assert f"{_address(plan)}records.csv?what=conflict" in page


def test_thousands_of_records_come_in_pages(contoso: EmailAccount, now: datetime) -> None:
    plan = make_run(contoso, plan_only=True, started_at=now)
    one = make_outcome(plan, None, "person0@contoso.example", "planned", action="update")
    copies = []
    for number in range(1, 120):
        one.pk, one.person_key = None, f"person{number}@contoso.example"
        copies.append(
            Outcome(**{field.attname: getattr(one, field.attname) for field in Outcome._meta.fields})
        )
    Outcome.objects.bulk_create(copies)
    first = plan_page_of(plan, PlanSearch(what="update"))
    second = plan_page_of(plan, PlanSearch(what="update", after=first.last))
    third = plan_page_of(plan, PlanSearch(what="update", after=second.last))
    assert [len(page.records) for page in (first, second, third)] == [RECORDS_A_PAGE, RECORDS_A_PAGE, 20]
    assert plan_page_of(plan, PlanSearch(what="update", before=second.first)) == first
    keys = [record.person_key for record in every_record_of(plan, PlanSearch(after=first.last))]
    assert keys == [f"person{number}@contoso.example" for number in range(120)]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the plan's words are SQLite's")
@pytest.mark.parametrize(
    "search",
    [
        PlanSearch(),
        PlanSearch(after=500_000, side="dynamics"),
        PlanSearch(what="create"),
        PlanSearch(what="conflict", listed=1),
        PlanSearch(address="ali", reason="suppressed"),
    ],
)
def test_no_search_reads_the_whole_table_or_sorts_it(plan: Run, search: PlanSearch) -> None:
    with connection.execute_wrapper(_explaining):
        plan_page_of(plan, search)


def _plans(client: Client, account: EmailAccount) -> str:
    return client.get(reverse("plans", args=[account.pk])).content.decode()


def _page(client: Client, plan: Run, **search: str) -> str:
    return client.get(_address(plan), search).content.decode()


def _address(plan: Run) -> str:
    return reverse("plan", args=[plan.account.pk, plan.key])


def _shown(text: str) -> list[str]:
    return re.findall(r">(\w+)@contoso\.example</span><p", text)


def _explaining(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    """Asks SQLite how it would answer, and refuses an answer that walks or sorts the table of outcomes."""
    if "ledger_outcome" in sql:
        asked = "EXPLAIN QUERY PLAN " + sql.replace("%s", "?")
        steps = [row[3] for row in context["connection"].connection.execute(asked, params)]
        assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in steps), steps
    return execute(sql, params, many, context)
