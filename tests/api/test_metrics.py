"""`/metrics`: what Prometheus is told, and that the dashboard asks for nothing else."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from api.conftest import client_of
from console.world import Past, make_account, make_held, make_run
from syncline.accounts.limits import digest_of
from syncline.accounts.models import CallWindow, EmailAccount
from syncline.accounts.quotas import dataverse_principal
from syncline.accounts.roles import Role
from syncline.engine.heartbeat import sign_on
from syncline.ledger.models import Approval, RunStatus
from syncline.schedule.models import SyncSchedule

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = (ROOT / "deploy" / "grafana" / "syncline.json").read_text()
HOW_TO = (ROOT / "docs" / "how-to" / "watch-an-installation.md").read_text()


def metrics(monitor: Client | None = None) -> dict[str, Metric]:
    answer = (monitor or client_of(Role.MONITOR)).get("/api/v1/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {one.name: one for one in text_string_to_metric_families(answer.content.decode())}


def numbers(name: str, told: dict[str, Metric]) -> dict[tuple[str, ...], float]:
    """Label values, in the order of the labels' names → number."""
    samples = told[f"syncline_{name}"].samples
    return {tuple(one.labels[label] for label in sorted(one.labels)): one.value for one in samples}


def test_an_empty_installation_tells_zeros() -> None:
    told = metrics()
    for name in ("workers_alive", "queue_age_seconds", "schedule_lag_seconds"):
        assert numbers(name, told) == {(): 0.0}
    assert numbers("runs_under_way", told) == {("queued",): 0.0, ("running",): 0.0}


def test_runs_and_records_of_the_last_day(past: Past) -> None:
    contoso, now = past.run.account, datetime.now(UTC)
    make_run(contoso, started_at=now - timedelta(hours=25), ended_at=now - timedelta(hours=25), created=7)
    make_run(contoso, started_at=now, ended_at=now, plan_only=True, created=9)
    make_run(contoso, "labels", started_at=now, ended_at=now, status=RunStatus.FAILED)
    told = metrics()
    assert numbers("runs_last_day", told) == {
        ("Contoso", "completed_with_errors", "lists_out"): 1,
        ("Contoso", "completed", "lists_out"): 1,
        ("Contoso", "failed", "labels"): 1,
    }
    assert numbers("records_last_day", told)["Contoso", "created", "lists_out"] == past.run.created


def test_the_last_good_run_is_older_than_the_last(past: Past) -> None:
    contoso, good = past.run.account, datetime(2026, 3, 29, 4, 30, tzinfo=UTC)
    make_run(contoso, started_at=good, ended_at=good)
    assert past.run.ended_at is not None
    told = metrics()
    assert numbers("last_good_run_timestamp_seconds", told) == {("Contoso", "lists_out"): good.timestamp()}
    assert numbers("last_run_timestamp_seconds", told) == {
        ("Contoso", "lists_out"): past.run.ended_at.timestamp()
    }


def test_what_waits(contoso: EmailAccount) -> None:
    now = datetime.now(UTC)
    run = make_run(contoso, status=RunStatus.QUEUED)
    type(run).objects.filter(pk=run.pk).update(queued_at=now - timedelta(minutes=10))
    make_run(contoso, plan_only=True, approval=Approval.WAITING)
    make_held(contoso, "bob@contoso.example")
    late, off = now - timedelta(minutes=5), make_account("Switched off", disabled=True)
    SyncSchedule.objects.create(account=contoso, sync_type="lists_out", next_due_at=late)
    SyncSchedule.objects.create(account=off, sync_type="lists_out", next_due_at=late - timedelta(days=9))
    sign_on("worker-1")
    told = metrics()
    assert numbers("runs_under_way", told)["queued",] == 1
    assert numbers("queue_age_seconds", told)[()] == pytest.approx(600, abs=30)
    assert numbers("schedule_lag_seconds", told)[()] == pytest.approx(300, abs=30)
    assert numbers("plans_waiting", told) == {("Contoso",): 1}
    assert numbers("held_records", told) == {("Contoso", "lists_out"): 1}
    assert numbers("account_disabled", told) == {("Contoso",): 0, ("Switched off",): 1}
    assert numbers("workers_alive", told) == {(): 1}


def test_calls_are_told_by_vendor_and_forgotten_when_their_window_ends(contoso: EmailAccount) -> None:
    principal = digest_of(dataverse_principal(contoso.dataverse_url, contoso.client_id))
    CallWindow.objects.create(principal=principal, used=90, ends_at=time.time() + 100)
    monitor = client_of(Role.MONITOR)
    told = metrics(monitor)
    assert numbers("vendor_calls_allowed", told) == {("Contoso", "", "dynamics"): 4500}
    assert numbers("vendor_calls_taken", told)["Contoso", "", "dynamics"] == 90
    CallWindow.objects.update(ends_at=1.0)
    assert numbers("vendor_calls_taken", metrics(monitor)) == {("Contoso", "", "dynamics"): 0}


def test_nothing_is_told_about_anybody(past: Past) -> None:
    make_held(past.run.account, "bob@contoso.example")
    answer = client_of(Role.MONITOR).get("/api/v1/metrics").content.decode()
    people = {one.person_key for one in past.outcomes} | {"bob@contoso.example", past.run.account.owner}
    assert not [one for one in (*people, "@", past.run.requested_by) if one in answer]


def test_a_monitor_reads_metrics_and_nothing_else(past: Past) -> None:
    monitor: Client = client_of(Role.MONITOR)
    for address in ("/accounts", f"/runs/{past.run.key}/records", "/openapi.json"):
        assert monitor.get("/api/v1" + address).status_code == 403


def test_the_dashboard_and_the_how_to_name_every_number_and_no_other() -> None:
    told = set(metrics())
    queries = [target["expr"] for panel in json.loads(DASHBOARD)["panels"] for target in panel["targets"]]
    assert set(re.findall(r"syncline_\w+", " ".join(queries))) == told
    assert set(re.findall(r"label_values\((\w+),", DASHBOARD)) <= told
    assert set(re.findall(r"`(syncline_\w+)`", HOW_TO)) == told


def test_the_dashboard_asks_only_for_labels_that_there_are(past: Past) -> None:
    make_held(past.run.account, "bob@contoso.example")
    labels = {label for one in metrics().values() for sample in one.samples for label in sample.labels}
    named = set(re.findall(r"(\w+)(?:=~|!=|=)\\\"", DASHBOARD)) | set(re.findall(r"{{(\w+)}}", DASHBOARD))
    assert named <= labels | {"vendor", "tier"}
