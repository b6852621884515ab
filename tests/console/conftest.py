"""Named people, an account and its past for the console's tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as installation
from django.test import Client
from pytest_django import Settings

from console.world import Past, SignedIn, make_account, make_past, make_user
from syncline.accounts.models import EmailAccount, User
from syncline.accounts.roles import Role
from syncline.engine import client as engine


@pytest.fixture(scope="package", autouse=True)
def _engines_own_home(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sync Now writes to the engine's queue: one of its own, shut before the database goes."""
    former, installation.HOME = installation.HOME, tmp_path_factory.mktemp("engine")
    yield
    engine.close()
    installation.HOME = former


@pytest.fixture(autouse=True)
def _database(db: None, settings: Settings) -> None:
    """Every test of the console has a database; passwords are checked without their usual slowness."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def contoso() -> EmailAccount:
    return make_account("Contoso", is_default=True, description="Newsletter and events")


@pytest.fixture
def alice() -> User:
    return make_user("alice", Role.MANAGER)


@pytest.fixture
def signed_in() -> SignedIn:
    """A client in which somebody with the given role is signed in."""

    def sign_in(role: Role) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(make_user(f"{role.value}-person", role))
        return client

    return sign_in


@pytest.fixture
def manager(signed_in: SignedIn) -> Client:
    return signed_in(Role.MANAGER)


@pytest.fixture
def past(contoso: EmailAccount, now: datetime) -> Past:
    """A finished list sync with two lists and a few records, two hours ago."""
    return make_past(contoso, now - timedelta(hours=2))
