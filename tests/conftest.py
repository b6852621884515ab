"""The two sandboxes for every test that asks: one process each per session, empty at each test's start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import settings

from sandbox_process import DataverseSandbox, DotdigitalSandbox, start_dataverse, start_dotdigital

# The same examples every time, so that what fails for one fails for all. `--hypothesis-profile=default` draws
# others.
settings.register_profile("house", derandomize=True, database=None, deadline=None)
settings.load_profile("house")


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


@pytest.fixture(scope="session", autouse=True)
def emptied_ledger() -> Iterator[None]:
    """Tests empty all tables behind themselves; also the consent ledger, which refuses that to everybody."""
    flush = connection.ops.sql_flush

    def sql_flush(style: Any, tables: list[str], **options: Any) -> list[str]:
        statements = flush(style, tables, **options)
        opening, closing = _around_the_ledger() if "consent_consentevent" in tables else ([], [])
        return [*opening, *statements, *closing]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", staticmethod(sql_flush))
        yield


def _around_the_ledger() -> tuple[list[str], list[str]]:
    """What takes the ledger's guard away, and what puts it back as it was."""
    if connection.vendor == "postgresql":
        switch = "ALTER TABLE consent_consentevent {} TRIGGER USER"
        return [switch.format("DISABLE")], [switch.format("ENABLE")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'consent_consentevent'"
        )
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
