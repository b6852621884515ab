"""`/health`: what whoever watches the installation is told, without signing in."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.test import Client

from syncline.console import health
from syncline.engine.heartbeat import sign_off, sign_on
from syncline.engine.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


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
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The database's settings name a PostgreSQL on this socket, which says nothing; connections that are open
    stay."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        at = {"HOST": "127.0.0.1", "PORT": str(server.getsockname()[1]), "USER": "a", "PASSWORD": "b"}
        engine = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"connect_timeout": "10"}}
        monkeypatch.setitem(
            connections.settings, "default", {**connections["default"].settings_dict, **at, **engine}
        )
        yield server


@pytest.mark.usefixtures("elsewhere")
def test_a_database_that_is_away_is_told_and_not_a_page_of_errors() -> None:
    assert told() == (503, {"status": "database_away", "workers": 0})


def test_a_database_that_takes_the_connection_and_says_nothing_is_told_in_time(
    elsewhere: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "ANSWERS_WITHIN_S", 0.3)
    elsewhere.listen()
    began = time.monotonic()
    assert told() == (503, {"status": "database_away", "workers": 0})
    assert told() == (503, {"status": "database_away", "workers": 0})
    assert time.monotonic() - began < 3
    elsewhere.settimeout(3)
    elsewhere.accept()[0].close()
    elsewhere.settimeout(0.1)
    with pytest.raises(TimeoutError):
        elsewhere.accept()
