"""Tables for insight data, chosen by program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from api.conftest import items
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncs.world import World

JSON = "application/json"
TASKS = {"table": "task", "columns": ["subject", "prioritycode"], "collection": "Tasks"}


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def test_a_table_is_chosen_changed_and_removed(world: World, manager: Client) -> None:
    tables = f"/api/v1/accounts/{world.account.pk}/insight-tables"
    offered = manager.get(f"/api/v1/accounts/{world.account.pk}/insight-offers/task").json()
    assert offered["lookups"] == {"regardingobjectid": "Regarding"}
    assert offered["columns"]["subject"] == "Subject"
    assert not offered["change_tracking"]

    made = manager.post(tables, TASKS, content_type=JSON)
    assert made.status_code == 201, made.json()
    facts: dict[str, Any] = made.json()
    assert (facts["lookup"], facts["records"]) == ("regardingobjectid", 0)
    assert items(manager.get(tables)) == [facts]

    one = f"{tables}/{facts['id']}"
    changed = manager.put(one, {"columns": ["subject"]}, content_type=JSON)
    assert changed.json() == {**facts, "columns": ["subject"]}
    assert manager.delete(one).json()["collection"] == "Tasks"
    assert items(manager.get(tables)) == []
    assert manager.delete(one).json()["error"]["code"] == "no_such_insight_table"


def test_what_cannot_be_chosen_is_told_with_where_to_look(world: World, manager: Client) -> None:
    tables = f"/api/v1/accounts/{world.account.pk}/insight-tables"
    answer = manager.post(tables, {**TASKS, "columns": ["nothing"]}, content_type=JSON)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "not_chosen")
    assert "called nothing" in error["message"]
    assert "insight-offers" in error["remedy"]
    unknown = manager.get(f"/api/v1/accounts/{world.account.pk}/insight-offers/nothing")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "no_such_table")
