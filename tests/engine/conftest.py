"""An account, an engine's database of its own, and workers that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from tests.syncs.marketing_lists.conftest import world as world

from engine.processes import Nursery, WorkerProcess, make_account
from syncline.accounts.models import EmailAccount
from syncline.engine import client, storage


@pytest.fixture
def account(db: None) -> EmailAccount:
    return make_account("Northwind")


@pytest.fixture
def engine_home(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """An engine's database of its own: a file in a fresh home, or a fresh schema."""
    settings.HOME = tmp_path
    _forget_the_engine()  # Tests of other folders hand runs over too.
    yield tmp_path
    _forget_the_engine()


def _forget_the_engine() -> None:
    client.close()
    storage.prepare.cache_clear()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {storage.SCHEMA} CASCADE")


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture
def start_worker(
    transactional_db: None, engine_home: Path, nursery: Nursery
) -> Iterator[Callable[..., WorkerProcess]]:
    started: list[WorkerProcess] = []

    def start(*, dead_after_s: float = 20.0) -> WorkerProcess:
        started.append(WorkerProcess(nursery, engine_home, dead_after_s))
        return started[-1]

    yield start
    for worker in started:
        worker.clean_up()
    connections.close_all()
