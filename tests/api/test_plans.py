"""Plans by API: made, looked at, approved or discarded. What comes of them is shown in test_both_sides.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from api.conftest import items
from console.world import Past, make_plan
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.ledger.models import Approval, Purpose, Run, RunStatus


def test_a_plan_is_made_in_the_tokens_name(manager: Client, contoso: EmailAccount) -> None:
    answer = manager.generic("POST", f"/api/v1/accounts/{contoso.pk}/sync-types/lists_out/plans")
    assert answer.status_code == 202
    plan = Run.objects.get(key=answer.json()["key"])
    assert (plan.plan_only, plan.status, plan.requested_by) == (True, "queued", "API token manager program")


def test_it_may_be_about_some_lists_only(manager: Client, past: Past) -> None:
    newsletter = past.newsletter.reference
    answer = manager.post(
        f"/api/v1/accounts/{past.run.account_id}/sync-types/lists_out/plans",
        {"lists": [newsletter]},
        content_type="application/json",
    )
    assert answer.json()["lists"] == [newsletter]


def test_plans_are_listed_without_other_runs(viewer: Client, past: Past) -> None:
    account = past.run.account
    waiting = make_plan(account)
    discarded = make_plan(account, approval=Approval.DISCARDED)
    address = f"/api/v1/accounts/{account.pk}/plans"
    assert [one["number"] for one in items(viewer.get(address))] == [discarded.pk, waiting.pk]
    assert [one["number"] for one in items(viewer.get(address, {"approval": "waiting"}))] == [waiting.pk]


def test_one_says_until_when_it_holds(viewer: Client, contoso: EmailAccount) -> None:
    plan = make_plan(contoso)
    told = viewer.get(f"/api/v1/plans/{plan.key}").json()
    assert told["obstacle"] is None
    assert told["approval"]["state"] == "waiting"
    assert datetime.fromisoformat(told["valid_until"]) == plan.ended_at + timedelta(hours=24)  # type: ignore[operator]


def test_its_records_are_those_of_its_run(viewer: Client, contoso: EmailAccount) -> None:
    plan = make_plan(contoso)
    rows = items(viewer.get(f"/api/v1/runs/{plan.key}/records", {"result": "planned", "action": "update"}))
    assert rows
    assert {row["result"] for row in rows} == {"planned"}


def test_approving_starts_the_run_that_carries_it_out(manager: Client, contoso: EmailAccount) -> None:
    plan = make_plan(contoso)
    answer = manager.post(f"/api/v1/plans/{plan.key}/approve")
    assert answer.status_code == 202
    run = Run.objects.get(key=answer.json()["key"])
    assert (run.purpose, run.subject, run.status) == (Purpose.EXECUTE, plan, RunStatus.QUEUED)
    assert answer.json()["subject"] == str(plan.key)
    assert AdminLogEntry.objects.get(action="plan approved").actor == "API token manager program"


def test_approving_twice_says_who_was_first(manager: Client, contoso: EmailAccount) -> None:
    address = f"/api/v1/plans/{make_plan(contoso).key}/approve"
    assert manager.post(address).status_code == 202
    answer = manager.post(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_waiting")
    assert "API token manager program" in answer.json()["error"]["message"]
    assert Run.objects.filter(purpose=Purpose.EXECUTE).count() == 1


def test_an_old_plan_is_not_carried_out(manager: Client, viewer: Client, contoso: EmailAccount) -> None:
    plan = make_plan(contoso, datetime.now(UTC) - timedelta(hours=25))
    answer = manager.post(f"/api/v1/plans/{plan.key}/approve")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_old")
    assert viewer.get(f"/api/v1/plans/{plan.key}").json()["obstacle"]["code"] == "too_old"


def test_a_discarded_plan_is_never_carried_out(manager: Client, contoso: EmailAccount) -> None:
    plan = make_plan(contoso)
    answer = manager.post(f"/api/v1/plans/{plan.key}/discard")
    assert answer.json()["approval"]["state"] == "discarded"
    assert manager.post(f"/api/v1/plans/{plan.key}/discard").status_code == 409
    assert manager.post(f"/api/v1/plans/{plan.key}/approve").status_code == 409


@pytest.mark.parametrize("verb", ["", "/approve", "/discard"])
def test_a_run_that_is_no_plan(verb: str, manager: Client, past: Past) -> None:
    answer = manager.generic("POST" if verb else "GET", f"/api/v1/plans/{past.run.key}{verb}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_plan")
