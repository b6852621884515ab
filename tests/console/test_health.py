"""`/health`: what whoever watches the installation is told, without signing in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.test import Client

from syncline.engine.heartbeat import sign_off, sign_on
from syncline.engine.models import Worker

pytestmark = pytest.mark.django_db


def told() -> tuple[int, dict[str, object]]:
    answer = Client().get("/health")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.status_code, answer.json()


def test_with_a_worker_all_is_well() -> None:
    sign_on("worker-1")
    assert told() == (200, {"status": "ok", "workers": 1})


def test_without_any_no_sync_runs_and_that_is_told() -> None:
    assert told() == (503, {"status": "no_worker", "workers": 0})
    sign_on("worker-1")
    sign_off("worker-1")
    assert told()[0] == 503


def test_a_worker_that_has_been_silent_counts_for_nothing() -> None:
    sign_on("worker-1")
    Worker.objects.update(heartbeat_at=Now() - timedelta(seconds=21), host="another machine")
    assert told() == (503, {"status": "no_worker", "workers": 0})
    sign_on("worker-2")
    assert told() == (200, {"status": "ok", "workers": 1})


@pytest.fixture
def no_database() -> Iterator[None]:
    """As when its server is restarted: whatever is asked comes to nothing."""

    def refuse(*_: object) -> None:
        raise DatabaseError("the connection is gone")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.usefixtures("no_database")
def test_a_database_that_is_away_is_told_and_not_a_page_of_errors() -> None:
    assert told() == (503, {"status": "database_away", "workers": 0})
