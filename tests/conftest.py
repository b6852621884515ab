"""The two sandboxes for every test that asks: one process each per session, empty at each test's start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection, connections
from django.db.models.signals import post_migrate
from hypothesis import settings

from sandbox_process import DataverseSandbox, DotdigitalSandbox, start_dataverse, start_dotdigital

# The same examples every time, so that what fails for one fails for all. `--hypothesis-profile=default` draws
# others.
settings.register_profile("house", derandomize=True, database=None, deadline=None)
settings.load_profile("house")

LEDGER = "consent_consentevent"
KEPT = ("django_content_type", "auth_permission")
"""Tables that the migrations fill, and no test changes."""


@pytest.fixture(scope="session")
def dotdigital_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DotdigitalSandbox]:
    with start_dotdigital(tmp_path_factory.mktemp("dotdigital")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def dataverse_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataverseSandbox]:
    with start_dataverse(tmp_path_factory.mktemp("dataverse")) as sandbox:
        yield sandbox


@pytest.fixture
def dotdigital(dotdigital_process: DotdigitalSandbox) -> DotdigitalSandbox:
    """An empty Dotdigital account: default settings, real time, no faults, an empty journal."""
    dotdigital_process.control.reset("empty")
    return dotdigital_process


@pytest.fixture
def dataverse(dataverse_process: DataverseSandbox) -> DataverseSandbox:
    """An empty Dataverse environment: default settings, real time, no faults, an empty journal."""
    dataverse_process.control.reset("empty")
    return dataverse_process


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite test databases lie in a folder of this session: what a killed session left behind is in nobody's
    way.
    """
    database = connections["default"]
    if database.vendor == "sqlite":
        database.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """A test that commits empties behind itself the tables that it filled, and no others.

    Django would empty every table and then make content types and permissions anew, which takes longer than
    most tests do; those stay as the migrations left them.
    """
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", staticmethod(_flush))
        yield


def _flush(style: Any, tables: list[str], **options: Any) -> list[str]:
    """The statements that empty what is filled.

    The consent ledger refuses that to everybody; its guard is taken away for that moment.
    """
    filled = _filled([table for table in tables if table not in KEPT])
    statements = [f'DELETE FROM "{table}"' for table in filled]
    if connection.vendor == "postgresql":
        return ["SET LOCAL session_replication_role = replica", *statements] if statements else []
    opening, closing = _around_the_ledger() if LEDGER in filled else ([], [])
    return [*opening, *statements, *closing]


def _filled(tables: list[str]) -> list[str]:
    questions = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions))
        return [name for (name,) in cursor.fetchall()]


def _around_the_ledger() -> tuple[list[str], list[str]]:
    """What takes the guard of the ledger on SQLite away, and what puts it back as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [LEDGER]
        )
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
