"""Undo this run, and Drift audit: both lead to a plan, and a refusal says why."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from console.world import Past, SignedIn, make_plan, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Purpose, Run


def test_a_run_that_wrote_something_can_be_undone_by_plan(manager: Client, past: Past) -> None:
    assert "Undo this run…" in manager.get(_at("run", past.run)).content.decode()
    answer = manager.post(_at("run-undo", past.run))
    plan = Run.objects.get(purpose=Purpose.UNDO)
    assert (plan.subject, plan.plan_only, plan.requested_by) == (past.run, True, "manager-person")
    assert answer.headers["Location"] == _at("plan", plan)
    assert AdminLogEntry.objects.filter(action="undo planned", actor="manager-person").exists()


def test_both_runs_name_each_other(manager: Client, past: Past, now: datetime) -> None:
    account = past.run.account
    plan = make_plan(account, now, purpose=Purpose.UNDO, subject=past.run)
    undo = make_run(account, purpose=Purpose.EXECUTE, subject=plan)
    undone = manager.get(_at("run", past.run)).content.decode()
    assert f'Undone by</dt><dd><a href="{_at("run", undo)}">Run {undo.pk}</a>' in undone
    assert "Undo this run…" not in undone
    undoing = manager.get(_at("run", undo)).content.decode()
    assert f'Undoes</dt><dd><a href="{_at("run", past.run)}">Run {past.run.pk}</a>' in undoing
    refused = manager.post(_at("run-undo", past.run), follow=True).content.decode()
    assert f"Run {past.run.pk} was undone by run {undo.pk} already." in refused


def test_only_a_manager_is_offered_either(signed_in: SignedIn, past: Past) -> None:
    viewer = signed_in(Role.VIEWER)
    assert "Undo this run…" not in viewer.get(_at("run", past.run)).content.decode()
    assert "Drift audit" not in viewer.get(reverse("audit", args=[past.run.account_id])).content.decode()


def test_a_drift_audit_is_a_plan_and_one_at_a_time(manager: Client, contoso: EmailAccount) -> None:
    assert "Compares both sides in full" in manager.get(reverse("audit", args=[contoso.pk])).content.decode()
    first = manager.post(reverse("drift-audit", args=[contoso.pk]))
    again = manager.post(reverse("drift-audit", args=[contoso.pk]))
    audit = Run.objects.get(purpose=Purpose.DRIFT)
    assert first.headers["Location"] == again.headers["Location"] == _at("plan", audit)


def test_a_disabled_account_is_not_compared(manager: Client, contoso: EmailAccount) -> None:
    contoso.disabled = True
    contoso.save()
    page = manager.post(reverse("drift-audit", args=[contoso.pk]), follow=True).content.decode()
    assert "The account is disabled, so nothing is compared." in page
    assert not Run.objects.filter(purpose=Purpose.DRIFT).exists()


@pytest.mark.parametrize("purpose", [Purpose.UNDO, Purpose.DRIFT])
def test_such_a_plan_is_made_anew_by_a_manager_only(
    purpose: Purpose, manager: Client, signed_in: SignedIn, past: Past, now: datetime
) -> None:
    subject = past.run if purpose == Purpose.UNDO else None
    former = make_plan(past.run.account, now, purpose=purpose, subject=subject)
    anew = reverse("plan-anew", args=[former.account_id, former.sync_type, former.key])
    assert signed_in(Role.PROFESSIONAL).post(anew).status_code == 403
    answer = manager.post(anew)
    plan = Run.objects.filter(purpose=purpose).latest("pk")
    assert plan != former
    assert plan.subject == subject
    assert answer.headers["Location"] == _at("plan", plan)
    assert AdminLogEntry.objects.filter(actor="manager-person").exists()


def _at(name: str, run: Run) -> str:
    return reverse(name, args=[run.account_id, run.key])
