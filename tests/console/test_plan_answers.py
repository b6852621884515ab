"""Answering a plan: approve and discard, each with one more question; and what the fuse stopped."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.world import SignedIn, make_outcome, make_plan, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Approval, Purpose, Run, RunStatus

SUMMARY = "Would create 1, update 2 and take 1 out of 1 list; leaves 1 out and cannot carry 1 over."
SENTENCE = "900 of 1,000 people would be taken out of lists."


@pytest.fixture
def plan(contoso: EmailAccount, now: datetime) -> Run:
    return make_plan(contoso, now)


@pytest.fixture
def tripped(contoso: EmailAccount, now: datetime) -> Run:
    return make_plan(contoso, now, status=RunStatus.WAITING, requested_by="", fuse=[SENTENCE])


def test_approving_asks_once_more_with_the_numbers(manager: Client, plan: Run) -> None:
    page = manager.get(_at("plan-approve", plan)).content.decode()
    assert SUMMARY in page
    assert "whatever has changed since the plan was made is left out" in page
    assert "<html" in page
    dialog = manager.get(_at("plan-approve", plan), headers={"HX-Request": "true"}).content.decode()
    assert SUMMARY in dialog
    assert "<html" not in dialog
    plan.refresh_from_db()
    assert plan.approval == Approval.WAITING  # Looking is no answer.


def test_approving_starts_the_run_that_carries_the_plan_out(manager: Client, plan: Run) -> None:
    answer = manager.post(_at("plan-approve", plan))
    plan.refresh_from_db()
    assert (plan.approval, plan.approval_by) == (Approval.APPROVED, "manager-person")
    run = Run.objects.get(purpose=Purpose.EXECUTE)
    assert run.subject == plan
    assert answer.headers["Location"] == reverse("run", args=[plan.account.pk, run.key])
    page = manager.get(answer.headers["Location"]).content.decode()
    assert f">Plan {plan.pk}</a>" in page
    assert "Approved plan" in page
    assert f"Carried out by run {run.pk}" in manager.get(_at("plans", plan)).content.decode()
    assert AdminLogEntry.objects.filter(action="plan approved", actor="manager-person").exists()


def test_a_plan_is_approved_once(manager: Client, plan: Run) -> None:
    manager.post(_at("plan-approve", plan))
    again = manager.post(_at("plan-approve", plan), follow=True).content.decode()
    assert f"Plan {plan.pk} was approved already, by manager-person." in again
    assert Run.objects.filter(purpose=Purpose.EXECUTE).count() == 1
    assert "approved already" in manager.get(_at("plan-approve", plan)).content.decode()


def test_discarding_writes_nothing_and_is_logged(manager: Client, plan: Run) -> None:
    assert "Nothing of it is written." in manager.get(_at("plan-discard", plan)).content.decode()
    page = manager.post(_at("plan-discard", plan), follow=True).content.decode()
    assert f"Plan {plan.pk} was discarded." in page
    assert "Discarded" in page
    assert "Approve…" not in page
    assert not Run.objects.filter(purpose=Purpose.EXECUTE).exists()
    assert AdminLogEntry.objects.filter(action="plan discarded").exists()


def test_a_plan_that_is_too_old_is_made_anew_instead(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    plan = make_plan(contoso, now - timedelta(hours=25), scope=[3])
    page = manager.get(_at("plan", plan)).content.decode()
    assert "Approve…" not in page
    assert "Make it anew" in page
    assert "is older than 24 hours" in manager.get(_at("plan-approve", plan)).content.decode()
    answer = manager.post(reverse("plan-anew", args=[contoso.pk, plan.sync_type, plan.key]))
    new = Run.objects.get(status=RunStatus.QUEUED)
    assert (new.plan_only, new.scope) == (True, [3])
    assert answer.headers["Location"] == _at("plan", new)


@pytest.mark.parametrize("purpose", [Purpose.UNDO, Purpose.DRIFT])
def test_made_anew_a_plan_keeps_what_it_is_for(
    manager: Client, contoso: EmailAccount, now: datetime, purpose: Purpose
) -> None:
    began = now - timedelta(days=3)
    undone = make_run(contoso, started_at=began, ended_at=began)
    make_outcome(undone, None, "alice@contoso.example", "created")
    subject = undone if purpose == Purpose.UNDO else None
    plan = make_plan(contoso, now - timedelta(days=2), purpose=purpose, subject=subject)
    manager.post(reverse("plan-anew", args=[contoso.pk, plan.sync_type, plan.key]))
    new = Run.objects.get(status=RunStatus.QUEUED)
    assert (new.purpose, new.subject, new.plan_only) == (purpose, subject, True)


def test_an_undo_of_a_run_that_is_gone_is_not_made_anew(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    plan = make_plan(contoso, now - timedelta(days=2), purpose=Purpose.UNDO)
    assert "Make it anew" not in manager.get(_at("plan", plan)).content.decode()
    anew = manager.post(reverse("plan-anew", args=[contoso.pk, plan.sync_type, plan.key]), follow=True)
    assert "no longer kept" in anew.content.decode()
    assert not Run.objects.filter(status=RunStatus.QUEUED).exists()


def test_only_a_manager_is_asked_to_answer(signed_in: SignedIn, plan: Run) -> None:
    page = signed_in(Role.PROFESSIONAL).get(_at("plan", plan)).content.decode()
    assert SUMMARY in page
    assert "Approve…" not in page
    assert "Discard…" not in page
    assert "Only an Email Marketing Manager can approve it." in page


def test_what_the_fuse_stopped_is_marked_wherever_one_looks(manager: Client, tripped: Run) -> None:
    account, number = tripped.account, tripped.pk
    assert f"Plan {number} waits for approval" in manager.get(reverse("accounts")).content.decode()
    schedule = manager.get(reverse("schedule", args=[account.pk])).content.decode()
    assert f"Look at plan {number}" in schedule
    assert "After the plan is answered" not in schedule  # Nothing is due by itself: manual only.
    assert "Fuse tripped" in manager.get(reverse("audit", args=[account.pk])).content.decode()
    found = manager.get(reverse("audit", args=[account.pk]), {"status": RunStatus.WAITING}).content.decode()
    assert f"run-{number}" in found
    assert SENTENCE in manager.get(_at("plan", tripped)).content.decode()
    assert "stopped by its fuse" in manager.get(_at("run", tripped)).content.decode()


def test_an_answer_takes_the_marks_away(manager: Client, tripped: Run) -> None:
    assert SENTENCE in manager.get(_at("plan-approve", tripped)).content.decode()
    manager.post(_at("plan-discard", tripped))
    assert "waits for approval" not in manager.get(reverse("accounts")).content.decode()
    assert "Look at plan" not in manager.get(_at("schedule", tripped)).content.decode()
    page = manager.get(_at("plan", tripped)).content.decode()
    assert "Discarded" in page
    assert SUMMARY in page


def test_the_run_of_a_plan_lists_what_had_changed_since(manager: Client, plan: Run, now: datetime) -> None:
    run = make_run(
        plan.account,
        purpose=Purpose.EXECUTE,
        subject=plan,
        started_at=now,
        message_code="changed_since_plan",
        message="1 record was left out, for it has changed since the plan was made",
    )
    make_outcome(run, None, "erin@contoso.example", "skipped", reason="changed_since_plan")
    make_outcome(run, None, "alice@contoso.example", "created")
    page = manager.get(_at("run", run)).content.decode()
    assert "?reason=changed_since_plan#records" in page
    left_out = manager.get(_at("run", run), {"reason": "changed_since_plan"}).content.decode()
    assert "erin@contoso.example" in left_out
    assert "alice@contoso.example" not in left_out


def test_a_plan_under_way_does_not_hold_up_sync_now(manager: Client, contoso: EmailAccount) -> None:
    manager.post(reverse("plan-make", args=[contoso.pk, "lists_out"]))
    schedule = manager.get(reverse("schedule", args=[contoso.pk])).content.decode()
    button = schedule.split('id="start-lists_out"')[1].split(">")[0]
    assert "aria-disabled" not in button
    assert 'aria-label="Plan: Two-way marketing list sync"' in schedule


def test_cancelling_a_sync_leaves_a_waiting_plan_alone(manager: Client, contoso: EmailAccount) -> None:
    manager.post(reverse("sync-now", args=[contoso.pk, "lists_out"]))
    manager.post(reverse("plan-make", args=[contoso.pk, "lists_out"]))
    said = manager.post(reverse("sync-now", args=[contoso.pk, "lists_out"]), follow=True).content.decode()
    assert "is in the queue already" in said
    manager.post(reverse("cancel", args=[contoso.pk, "lists_out"]))
    assert Run.objects.get(plan_only=False).status == RunStatus.CANCELLED
    plan = Run.objects.get(plan_only=True)
    assert plan.status == RunStatus.QUEUED
    said = manager.post(reverse("sync-now", args=[contoso.pk, "lists_out"]), follow=True).content.decode()
    assert "was added to the queue" in said
    page = manager.get(_at("run", plan)).content.decode()
    assert reverse("plan-cancel", args=[contoso.pk, "lists_out", plan.key]) in page


def test_a_plan_is_no_last_sync(manager: Client, plan: Run) -> None:
    schedule = manager.get(_at("schedule", plan)).content.decode()
    last = schedule.split('id="last-lists_out"')[1].split("</div>")[0]
    assert "Never" in last
    assert "No run yet" in manager.get(reverse("accounts")).content.decode()


def _at(name: str, run: Run) -> str:
    keys = [run.key] if name not in {"plans", "schedule", "audit"} else []
    return reverse(name, args=[run.account.pk, *keys])
