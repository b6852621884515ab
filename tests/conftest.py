"""The two sandboxes for every test that asks: one process each per session, empty at each test's start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
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
