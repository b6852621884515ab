"""An account with a past, and programs with tokens that call the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as installation
from django.test import Client

from console.world import Past, make_account, make_past
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.accounts.tokens import make_token
from syncline.engine import client as engine

Program = Callable[[Role], Client]


@pytest.fixture(scope="package", autouse=True)
def _engines_own_home(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Starting a sync writes to the engine's queue: one of its own, shut before the database goes."""
    former, installation.HOME = installation.HOME, tmp_path_factory.mktemp("engine")
    yield
    engine.close()
    installation.HOME = former


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every test of the API has a database."""


@pytest.fixture
def contoso() -> EmailAccount:
    return make_account("Contoso", is_default=True, description="Newsletter and events")


@pytest.fixture
def past(contoso: EmailAccount) -> Past:
    """A finished list sync with two lists and a few records, two hours ago."""
    return make_past(contoso, datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2))


@pytest.fixture
def program() -> Program:
    """`program(Role.VIEWER)`: a client that sends a token with that role."""
    return client_of


@pytest.fixture
def viewer() -> Client:
    return client_of(Role.VIEWER)


@pytest.fixture
def manager() -> Client:
    return client_of(Role.MANAGER)


def client_of(role: Role) -> Client:
    return client_with(new_token(f"{role.value} program", role))


def client_with(secret: str) -> Client:
    return Client(headers={"host": "localhost", "authorization": f"Bearer {secret}"})


def new_token(name: str, role: Role = Role.VIEWER, expires_at: datetime | None = None) -> str:
    return make_token(name, role, expires_at, by=OPERATOR)[1]


def items(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
