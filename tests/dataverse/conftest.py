"""A client of the sandbox, whose waits cost no time, and a few people in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from remote.stopped_clock import SandboxClock
from sandbox_process import Control, DataverseSandbox
from syncline.dataverse import Dataverse, Environment, Patience


def environment_of(sandbox: DataverseSandbox, **changes: Any) -> Environment:
    given: dict[str, Any] = {
        "url": sandbox.base_url,
        "tenant_id": sandbox.tenant_id,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "authority": sandbox.authority,
        "ca_file": str(sandbox.ca_file),
    }
    return Environment(**{**given, **changes})


@pytest.fixture
def control(dataverse: DataverseSandbox) -> Control:
    return dataverse.control


@pytest.fixture
def clock(control: Control) -> SandboxClock:
    return SandboxClock(control)


@pytest.fixture
def client(dataverse: DataverseSandbox, clock: SandboxClock) -> Iterator[Dataverse]:
    with Dataverse(environment_of(dataverse), clock=clock, patience=Patience(patience_s=400)) as client:
        yield client


def new_contacts(client: Dataverse, count: int, **columns: Any) -> list[str]:
    """Ids of new contacts with the last names P0, P1, …"""
    rows = [{"contactid": str(uuid.uuid4()), "lastname": f"P{number}", **columns} for number in range(count)]
    return client.create_multiple("contacts", "contact", rows) if rows else []


def new_list(client: Dataverse, name: str = "Trail News", **columns: Any) -> str:
    """A static list of contacts, unless the columns say otherwise."""
    return client.create("lists", {"listname": name, "createdfromcode": 2, "type": False, **columns})
