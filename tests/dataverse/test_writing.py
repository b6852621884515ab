"""Writing rows: one, many, and many of which one is bad."""

from __future__ import annotations

import uuid

import pytest

from dataverse.conftest import environment_of, new_contacts
from remote.stopped_clock import SandboxClock
from sandbox_process import Control, DataverseSandbox
from syncline.dataverse import (
    ComparedChange,
    Dataverse,
    Misconfigured,
    NotFound,
    Operation,
    Permanent,
    PreconditionFailed,
    Rejected,
    Retryable,
    RowChange,
)

NOBODY = "00000000-0000-0000-0000-00000000beef"
# One more character than `lastname` holds.
TOO_LONG = "x" * 51


def last_name(client: Dataverse, id_: str) -> str:
    return str(client.get("contacts", id_, select=["lastname"])["lastname"])


def test_a_row_is_made_changed_and_deleted(client: Dataverse) -> None:
    alice = client.create("contacts", {"lastname": "Ångström 🙂", "emailaddress1": "a@example.com"})
    assert last_name(client, alice) == "Ångström 🙂"
    client.update("contacts", alice, {"lastname": "B"})
    assert last_name(client, alice) == "B"
    assert client.delete("contacts", alice)
    assert not client.delete("contacts", alice)


def test_a_row_under_an_id_of_ours_is_made_once(client: Dataverse) -> None:
    alice = str(uuid.uuid4())
    assert client.create_once("contacts", alice, {"lastname": "First"})
    assert not client.create_once("contacts", alice, {"lastname": "Second"})
    assert last_name(client, alice) == "First"


def test_an_update_never_creates(client: Dataverse) -> None:
    with pytest.raises(NotFound):
        client.update("contacts", NOBODY, {"lastname": "X"})
    assert client.count("contacts") == 0


def compared(client: Dataverse, ids: list[str], name: str) -> list[ComparedChange]:
    """What would give each of these rows, as they are now, that last name."""
    rows = client.rows_of("contacts", "contactid", ids, select=["contactid"])
    etags = {row["contactid"]: row["@odata.etag"] for row in rows}
    return [ComparedChange(id_, etags[id_], {"lastname": name}) for id_ in ids]


def test_rows_are_read_by_their_ids_and_one_that_is_gone_is_left_out(
    client: Dataverse, control: Control
) -> None:
    people = new_contacts(client, 503)
    client.delete("contacts", people[7])
    control.clear_journal()
    rows = list(client.rows_of("contacts", "contactid", people, select=["lastname"]))
    assert {row["contactid"] for row in rows} == {*people} - {people[7]}
    assert all(row["@odata.etag"] for row in rows)
    assert control.calls("GET /contacts") == 2
    assert list(client.rows_of("contacts", "contactid", [], select=["lastname"])) == []


def test_many_rows_are_changed_and_none_that_changed_meanwhile(client: Dataverse, control: Control) -> None:
    people = new_contacts(client, 203)
    changes = compared(client, people, "Ours")
    changes[7] = ComparedChange(people[7], changes[7].etag, {"lastname": "poison"})
    client.update("contacts", people[3], {"lastname": "Someone else's"})
    client.delete("contacts", people[5])
    control.fault("reject_record", match="poison", times=None)
    control.clear_journal()

    outcomes = client.update_unchanged("contacts", changes)

    assert [one.id for one in outcomes] == people
    others = {number: one for number, one in enumerate(outcomes) if one.state != "done"}
    assert {number: one.state for number, one in others.items()} == {
        3: "deferred",
        5: "rejected",
        7: "rejected",
    }
    assert others[3].after_s == 0.0
    assert last_name(client, people[3]) == "Someone else's"
    assert last_name(client, people[202]) == "Ours"
    assert control.calls("POST /$batch") == 2


def test_an_answer_that_was_lost_leaves_open_who_changed_a_row(client: Dataverse, control: Control) -> None:
    people = new_contacts(client, 2)
    changes = compared(client, people, "Ours")
    control.fault("lost_answer", route="POST /$batch")
    assert [one.state for one in client.update_unchanged("contacts", changes)] == ["deferred"] * 2
    assert {last_name(client, one) for one in people} == {"Ours"}


def test_an_update_of_a_row_that_changed_meanwhile_is_refused(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    etag = client.get("contacts", alice)["@odata.etag"]
    client.update("contacts", alice, {"lastname": "Someone else's"})
    with pytest.raises(PreconditionFailed):
        client.update("contacts", alice, {"lastname": "Ours"}, etag=etag)
    with pytest.raises(PreconditionFailed):
        client.delete("contacts", alice, etag=etag)
    assert last_name(client, alice) == "Someone else's"


def test_an_upsert_does_both(client: Dataverse) -> None:
    alice = str(uuid.uuid4())
    for name in ("First", "Second"):
        client.upsert("contacts", alice, {"lastname": name})
        assert last_name(client, alice) == name


def test_a_refused_value_names_the_row_and_the_reason(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    with pytest.raises(Rejected, match="lastname") as caught:
        client.update("contacts", alice, {"lastname": TOO_LONG})
    assert caught.value.code == "0x80044331"
    assert caught.value.record == f"contacts({alice})"


@pytest.mark.parametrize("kind", ["cut", "lost_answer"])
def test_an_update_is_tried_again(client: Dataverse, control: Control, kind: str) -> None:
    (alice,) = new_contacts(client, 1)
    control.fault(kind, route="PATCH *")
    client.update("contacts", alice, {"lastname": "B"})
    assert last_name(client, alice) == "B"


def test_a_create_whose_answer_was_lost_is_not(client: Dataverse, control: Control) -> None:
    control.fault("lost_answer", route="POST /contacts*", match="Only once")
    control.fault("lost_answer", route="POST /{set}*", match="Only once")
    with pytest.raises(Retryable) as caught:
        client.create("contacts", {"lastname": "Only once"})
    assert caught.value.outcome_unknown
    assert client.count("contacts") == 1


# Many at once


def test_many_rows_go_in_one_call(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 150)
    control.clear_journal()
    outcomes = client.update_isolated(
        "contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    )
    assert [outcome.id for outcome in outcomes] == ids
    assert {outcome.state for outcome in outcomes} == {"done"}
    routes = control.journal()["routes"]
    assert [route for route in routes if "UpdateMultiple" in route]
    assert sum(tally["calls"] for route, tally in routes.items() if "UpdateMultiple" in route) == 1
    assert client.count("contacts", filter="lastname eq 'B'") == 150


@pytest.mark.parametrize("bad", [0, 7, 119])
def test_one_bad_row_costs_one_row(client: Dataverse, bad: int) -> None:
    ids = new_contacts(client, 120)
    changes = [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    changes[bad] = RowChange(ids[bad], {"lastname": TOO_LONG})
    outcomes = client.update_isolated("contacts", "contact", changes)
    refused = [outcome for outcome in outcomes if outcome.state == "rejected"]
    assert [outcome.id for outcome in refused] == [ids[bad]]
    assert refused[0].code == "0x80044331"
    assert "lastname" in refused[0].reason
    assert len([outcome for outcome in outcomes if outcome.state == "done"]) == 119
    assert client.count("contacts", filter="lastname eq 'B'") == 119


def test_rows_that_are_gone_are_rejected_and_not_made_again(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    changes = [RowChange(NOBODY, {"lastname": "B"}), RowChange(alice, {"lastname": "B"})]
    outcomes = client.update_isolated("contacts", "contact", changes)
    assert [outcome.state for outcome in outcomes] == ["rejected", "done"]
    assert outcomes[0].code == "0x80040217"
    assert client.count("contacts") == 1


def test_without_the_bulk_message_it_goes_by_batch(client: Dataverse, control: Control) -> None:
    control.settings(no_bulk_messages=["contact"])
    ids = new_contacts_one_by_one(client, 3)
    assert not client.supports("contact", "UpdateMultiple")
    control.clear_journal()
    outcomes = client.update_isolated(
        "contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    )
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert control.calls("POST /$batch") == 1


def new_contacts_one_by_one(client: Dataverse, count: int) -> list[str]:
    return [client.create("contacts", {"lastname": f"P{number}"}) for number in range(count)]


def test_a_message_that_vanished_after_it_was_probed_is_done_without(
    client: Dataverse, control: Control
) -> None:
    ids = new_contacts(client, 2)
    assert client.supports("contact", "UpdateMultiple")
    control.settings(no_bulk_messages=["contact"])
    outcomes = client.update_isolated(
        "contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    )
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert not client.supports("contact", "UpdateMultiple")


def bulk_calls(control: Control) -> int:
    routes = control.journal()["routes"]
    return sum(tally["calls"] for route, tally in routes.items() if "UpdateMultiple" in route)


def test_a_message_that_is_too_large_is_sent_in_halves(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 100)
    control.clear_journal()
    control.fault("status", route="*UpdateMultiple*", status=413)
    outcomes = client.update_isolated(
        "contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    )
    assert [outcome.id for outcome in outcomes] == ids
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert (bulk_calls(control), control.calls("POST /$batch")) == (3, 0)


def test_a_message_that_takes_too_long_is_sent_in_halves(
    dataverse: DataverseSandbox, client: Dataverse, control: Control, clock: SandboxClock
) -> None:
    ids = new_contacts(client, 100)
    control.clear_journal()
    control.fault("latency", route="*UpdateMultiple*", latency_s=2)
    with Dataverse(environment_of(dataverse), clock=clock, read_timeout_s=0.5) as hurried:
        changes = [RowChange(id_, {"lastname": "B"}) for id_ in ids]
        outcomes = hurried.update_isolated("contacts", "contact", changes)
    assert {outcome.state for outcome in outcomes} == {"done"}
    # The call that was given up is not in the journal: the connection was gone before its answer.
    assert (bulk_calls(control), control.calls("POST /$batch")) == (2, 0)


def test_the_probe_is_made_once(client: Dataverse, control: Control) -> None:
    for _ in range(3):
        assert client.supports("contact", "UpsertMultiple")
    routes = control.journal()["routes"]
    assert (
        sum(tally["calls"] for route, tally in routes.items() if "{set}" in route or "sdkmessage" in route)
        == 1
    )


def test_rows_under_ids_of_ours_are_made_or_changed(client: Dataverse) -> None:
    ids = [str(uuid.uuid4()) for _ in range(3)]
    for name in ("First", "Second"):
        outcomes = client.upsert_isolated(
            "contacts", "contact", [RowChange(id_, {"lastname": name}) for id_ in ids]
        )
        assert {outcome.state for outcome in outcomes} == {"done"}
    assert client.count("contacts") == 3
    assert last_name(client, ids[0]) == "Second"


def test_rows_under_ids_of_ours_are_made_by_one_call(client: Dataverse, control: Control) -> None:
    changes = [RowChange(str(uuid.uuid4()), {"lastname": "New"}) for _ in range(150)]
    assert client.supports("contact", "CreateMultiple")
    control.clear_journal()
    outcomes = client.create_isolated("contacts", "contact", changes)
    assert [outcome.id for outcome in outcomes] == [change.id for change in changes]
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert sum(tally["calls"] for tally in control.journal()["routes"].values()) == 1
    assert last_name(client, changes[0].id) == "New"


def test_a_row_that_is_there_already_is_left_as_it_is_and_counts_as_made(
    client: Dataverse, control: Control
) -> None:
    (alice,) = new_contacts(client, 1)
    before = last_name(client, alice)
    fresh, bad = str(uuid.uuid4()), str(uuid.uuid4())
    changes = [
        RowChange(alice, {"lastname": "New"}),
        RowChange(fresh, {"lastname": "New"}),
        RowChange(bad, {"lastname": TOO_LONG}),
    ]
    outcomes = client.create_isolated("contacts", "contact", changes)
    assert [outcome.state for outcome in outcomes] == ["done", "done", "rejected"]
    assert (last_name(client, alice), last_name(client, fresh)) == (before, "New")


def test_rows_whose_making_was_answered_by_nobody_are_made_once(client: Dataverse, control: Control) -> None:
    changes = [RowChange(str(uuid.uuid4()), {"lastname": "New"}) for _ in range(3)]
    assert client.supports("contact", "CreateMultiple")
    control.clear_journal()
    control.fault("lost_answer", route="*CreateMultiple*")
    outcomes = client.create_isolated("contacts", "contact", changes)
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert client.count("contacts") == 3
    assert client.supports("contact", "CreateMultiple")
    assert control.calls("POST /$batch") == 1


def test_what_throttling_put_off_is_told_as_put_off(
    client: Dataverse, control: Control, clock: SandboxClock
) -> None:
    ids = new_contacts(client, 450)
    control.fault("rate_limit", route="*UpdateMultiple*", times=None, after=1, retry_after_s=1000)
    outcomes = client.update_isolated(
        "contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    )
    assert [outcome.state for outcome in outcomes] == ["done"] * 200 + ["deferred"] * 250
    assert outcomes[-1].after_s == 1000
    # The wait is longer than a call's patience, so nothing was waited for here.
    assert clock.slept_s == []


def test_a_missing_privilege_stops_the_whole(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 3)
    control.settings(denied=["prvWriteContact"])
    outcomes = client.update_isolated(
        "contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids]
    )
    assert {outcome.state for outcome in outcomes} == {"rejected"}
    assert "prvWriteContact" in outcomes[0].reason
    assert "security role" in outcomes[0].reason


# Batches


def test_each_operation_of_a_batch_has_its_own_answer(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    results = client.batch(
        [
            Operation("GET", f"contacts({alice})?$select=lastname"),
            Operation("PATCH", f"contacts({NOBODY})", {"lastname": "X"}, {"If-Match": "*"}, record=NOBODY),
            Operation("PATCH", f"contacts({alice})", {"lastname": TOO_LONG}, record=alice),
            Operation("PATCH", f"contacts({alice})", {"lastname": "Søn"}, record=alice),
        ]
    )
    assert [result.status for result in results] == [200, 404, 400, 204]
    assert b'"P0"' in results[0].body
    assert [type(result.error) for result in results] == [type(None), NotFound, Rejected, type(None)]
    assert last_name(client, alice) == "Søn"


def test_a_batch_whose_answer_was_lost_is_sent_again_if_that_is_harmless(
    client: Dataverse, control: Control
) -> None:
    (alice,) = new_contacts(client, 1)
    control.fault("lost_answer", route="POST /$batch")
    client.batch([Operation("PATCH", f"contacts({alice})", {"lastname": "Y"})])
    assert control.calls("POST /$batch") == 2
    control.fault("lost_answer", route="POST /$batch")
    with pytest.raises(Retryable):
        client.batch([Operation("POST", "contacts", {"lastname": "Once"})])
    assert control.calls("POST /$batch") == 3
    assert client.count("contacts", filter="lastname eq 'Once'") == 1


def test_a_batch_can_stop_at_the_first_failure(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    results = client.batch(
        [
            Operation("PATCH", f"contacts({NOBODY})", {"lastname": "X"}, {"If-Match": "*"}),
            Operation("PATCH", f"contacts({alice})", {"lastname": "Y"}),
        ],
        continue_on_error=False,
    )
    assert [result.status for result in results] == [404]
    assert last_name(client, alice) == "P0"


def test_a_batch_of_nothing_or_of_too_much_is_not_sent(client: Dataverse, control: Control) -> None:
    assert client.batch([]) == []
    with pytest.raises(Permanent):
        client.batch([Operation("GET", "contacts")] * 1_001)
    assert control.calls("POST /$batch") == 0


def test_nothing_is_written_where_the_log_in_is_refused(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 2)
    control.settings(has_role=False)
    with pytest.raises(Misconfigured):
        client.update_isolated("contacts", "contact", [RowChange(id_, {"lastname": "B"}) for id_ in ids])
