"""Rows of a table of our own: many written and deleted under ids of ours, and what changed since."""

from __future__ import annotations

import uuid

import pytest

from dataverse.conftest import new_contacts
from sandbox_process import Control
from syncline.dataverse import (
    MOST_ROWS_A_MESSAGE,
    Dataverse,
    NewColumn,
    NewTable,
    RowChange,
    bind,
)

SET, TABLE = "syncline_stops", "syncline_stop"
TOO_LONG = "x" * 101


def id_number(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))


def rows(count: int, name: str = "N") -> list[RowChange]:
    return [RowChange(id_number(number), {"syncline_name": f"{name}{number}"}) for number in range(count)]


@pytest.fixture(autouse=True)
def stops(client: Dataverse, control: Control) -> None:
    """A table whose changes are tracked, with a lookup of contacts."""
    publisher = {
        "uniquename": "own",
        "friendlyname": "Own",
        "customizationprefix": "syncline",
        "customizationoptionvalueprefix": 56318,
    }
    owner = bind("publishers", client.create("publishers", publisher))
    solution = {"uniquename": "Own", "friendlyname": "Own", "version": "1.0", "publisherid@odata.bind": owner}
    client.create("solutions", solution)
    name = NewColumn(schema_name="syncline_Name", kind="text", label="Name")
    client.create_table(
        NewTable(
            schema_name="syncline_Stop",
            label="Stop",
            plural="Stops",
            description="",
            primary_name=name,
            track_changes=True,
        ),
        solution="Own",
    )
    client.create_lookup(
        TABLE,
        NewColumn(schema_name="syncline_Contact", kind="text", label="Contact"),
        target="contact",
        target_key="contactid",
        relationship="syncline_contact_stop",
        solution="Own",
    )
    control.clear_journal()


def calls(control: Control, part: str) -> int:
    routes = control.journal()["routes"]
    return sum(tally["calls"] for route, tally in routes.items() if part in route)


def test_a_thousand_rows_go_in_one_message(client: Dataverse, control: Control) -> None:
    for name in ("First", "Second"):
        outcomes = client.upsert_isolated(SET, TABLE, rows(2500, name), at_a_time=MOST_ROWS_A_MESSAGE)
        assert [outcome.id for outcome in outcomes] == [id_number(number) for number in range(2500)]
        assert {outcome.state for outcome in outcomes} == {"done"}
    assert calls(control, "UpsertMultiple") == 6
    assert client.count(SET, filter="startswith(syncline_name,'Second')") == 2500


def test_one_bad_row_of_a_thousand_costs_one_row(client: Dataverse) -> None:
    changes = rows(1000)
    nobody = bind("contacts", id_number(-1))
    changes[1] = RowChange(id_number(1), {"syncline_Contact@odata.bind": nobody})
    changes[777] = RowChange(id_number(777), {"syncline_name": TOO_LONG})
    outcomes = client.upsert_isolated(SET, TABLE, changes, at_a_time=MOST_ROWS_A_MESSAGE)
    assert [one.id for one in outcomes if one.state != "done"] == [id_number(1), id_number(777)]
    assert "Does Not Exist" in outcomes[1].reason
    assert client.count(SET) == 998


def test_deletions_go_in_batches_and_what_is_gone_is_done(client: Dataverse, control: Control) -> None:
    client.upsert_isolated(SET, TABLE, rows(300))
    client.delete(SET, id_number(7))
    control.clear_journal()
    outcomes = client.delete_isolated(SET, [id_number(number) for number in range(301)])
    assert [outcome.id for outcome in outcomes] == [id_number(number) for number in range(301)]
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert control.calls("POST /$batch") == 2
    assert client.count(SET) == 0


def test_a_deletion_whose_answer_was_lost_is_sent_again(client: Dataverse, control: Control) -> None:
    client.upsert_isolated(SET, TABLE, rows(3))
    control.fault("lost_answer", route="POST /$batch")
    outcomes = client.delete_isolated(SET, [id_number(number) for number in range(3)])
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert client.count(SET) == 0


def test_a_deletion_that_is_refused_is_told_with_its_reason(client: Dataverse, control: Control) -> None:
    client.upsert_isolated(SET, TABLE, rows(2))
    control.settings(denied=["prvDeletesyncline_Stop"])
    outcomes = client.delete_isolated(SET, [id_number(0), id_number(1)])
    assert {outcome.state for outcome in outcomes} == {"rejected"}
    assert "prvDeletesyncline_Stop" in outcomes[0].reason


def test_a_table_that_is_not_there_is_not_taken_for_a_deleted_row(client: Dataverse) -> None:
    (outcome,) = client.delete_isolated("syncline_nothings", [id_number(0)])
    assert outcome.state == "rejected"


def test_what_throttling_put_off_is_told_as_put_off(client: Dataverse, control: Control) -> None:
    client.upsert_isolated(SET, TABLE, rows(250))
    control.fault("rate_limit", route="POST /$batch", times=None, after=1, retry_after_s=1000)
    outcomes = client.delete_isolated(SET, [id_number(number) for number in range(250)])
    assert [outcome.state for outcome in outcomes] == ["done"] * 200 + ["deferred"] * 50
    assert outcomes[-1].after_s == 1000


def test_changes_and_deletions_are_read_since_the_last_time(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    client.upsert_isolated(SET, TABLE, rows(5))
    pages = list(client.delta(SET, ["syncline_name", "_syncline_contact_value"], page_size=2))
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    client.upsert_isolated(
        SET, TABLE, [RowChange(id_number(4), {"syncline_Contact@odata.bind": bind("contacts", alice)})]
    )
    client.delete_isolated(SET, [id_number(0), id_number(1)])
    (page,) = client.delta_from(pages[-1].delta_link or "")
    assert [(row["syncline_name"], row["_syncline_contact_value"]) for row in page.rows] == [("N4", alice)]
    assert page.deleted == [id_number(0), id_number(1)]
