"""Undo and drift audit by API. What comes of their plans is shown in tests/syncs."""

from __future__ import annotations

from django.test import Client

from console.world import Past
from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Purpose, Run


def test_undoing_a_run_makes_a_plan(manager: Client, past: Past) -> None:
    answer = manager.post(f"/api/v1/runs/{past.run.key}/undo")
    assert answer.status_code == 202
    plan = Run.objects.get(key=answer.json()["key"])
    assert (plan.purpose, plan.plan_only, plan.subject) == (Purpose.UNDO, True, past.run)
    assert plan.requested_by == "API token manager program"
    refused = manager.post(f"/api/v1/runs/{plan.key}/undo")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "a_plan")
    assert refused.json()["error"]["remedy"] == "There is nothing to undo."


def test_a_drift_audit_is_a_plan(manager: Client, contoso: EmailAccount) -> None:
    address = f"/api/v1/accounts/{contoso.pk}/drift-audit"
    first = manager.post(address)
    assert first.status_code == 202
    assert manager.post(address).json()["key"] == first.json()["key"]
    assert Run.objects.get().purpose == Purpose.DRIFT
    EmailAccount.objects.update(disabled=True)
    assert manager.post(address).status_code == 409
