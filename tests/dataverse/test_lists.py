"""Members of marketing lists, added and removed."""

from __future__ import annotations

from typing import Any

import pytest

from dataverse.conftest import new_contacts, new_list
from sandbox_process import Control
from syncline.dataverse import Dataverse, NotFound, Rejected

NOBODY = "00000000-0000-0000-0000-00000000beef"


def members(client: Dataverse, list_id: str) -> set[str]:
    return {row["_entityid_value"] for page in client.list_members(list_id) for row in page.rows}


def test_many_are_added_in_one_call(client: Dataverse, control: Control) -> None:
    ids, trail = new_contacts(client, 30), new_list(client)
    control.clear_journal()
    outcomes = client.add_list_members(trail, "contact", ids)
    assert [outcome.id for outcome in outcomes] == ids
    assert {outcome.state for outcome in outcomes} == {"done"}
    assert control.calls("POST /AddListMembersList") == 1
    assert members(client, trail) == set(ids)


@pytest.mark.parametrize("refused", [False, True])
def test_who_is_in_already_stays(client: Dataverse, control: Control, refused: bool) -> None:
    ids, trail = new_contacts(client, 3), new_list(client)
    client.add_list_members(trail, "contact", ids[:2])
    control.settings(readd_member_fails=refused)
    outcomes = client.add_list_members(trail, "contact", ids)
    assert [outcome.state for outcome in outcomes] == ["done"] * 3
    assert members(client, trail) == set(ids)


def test_one_who_cannot_be_added_costs_only_that_one(client: Dataverse) -> None:
    (alice, bob), trail = new_contacts(client, 2), new_list(client)
    outcomes = client.add_list_members(trail, "contact", [alice, NOBODY, bob])
    assert [outcome.state for outcome in outcomes] == ["done", "rejected", "done"]
    assert outcomes[1].code == "0x80040217"
    assert members(client, trail) == {alice, bob}


def test_members_of_another_table_are_refused_one_by_one(client: Dataverse) -> None:
    lead, trail = client.create("leads", {"lastname": "L", "subject": "S"}), new_list(client)
    (outcome,) = client.add_list_members(trail, "lead", [lead])
    assert (outcome.state, outcome.code) == ("rejected", "0x80040301")


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"lockstatus": True}, "0x80040302"),
        ({"statecode": 1, "statuscode": 1}, "0x8004033a"),
        ({"type": True, "query": "<fetch><entity name='contact'/></fetch>"}, "0x8004f701"),
    ],
)
def test_a_list_that_takes_no_changes_is_refused_as_a_list(
    client: Dataverse, columns: dict[str, Any], code: str
) -> None:
    (alice,) = new_contacts(client, 1)
    trail = new_list(client)
    if "type" in columns:
        trail = new_list(client, "Dynamic", **columns)
    else:
        client.update("lists", trail, columns)
    for change in (
        lambda: client.add_list_members(trail, "contact", [alice]),
        lambda: client.remove_list_members(trail, [alice]),
    ):
        with pytest.raises(Rejected) as caught:
            change()
        assert (caught.value.code, caught.value.record) == (code, f"lists({trail})")


def test_a_list_that_is_gone_is_not_found(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    with pytest.raises(NotFound):
        client.add_list_members(NOBODY, "contact", [alice])
    with pytest.raises(NotFound):
        client.remove_list_members(NOBODY, [alice])


@pytest.mark.parametrize("hidden", [[], ["RemoveMemberList"]])
def test_members_are_removed_by_action_or_without_it(
    client: Dataverse, control: Control, hidden: list[str]
) -> None:
    control.settings(hidden_actions=hidden)
    (alice, bob, carol), trail = new_contacts(client, 3), new_list(client)
    client.add_list_members(trail, "contact", [alice, bob])
    outcomes = client.remove_list_members(trail, [alice, carol, NOBODY])
    assert [outcome.state for outcome in outcomes] == ["done"] * 3
    assert members(client, trail) == {bob}
    assert client.remove_list_member(trail, alice).state == "done"


def test_an_action_that_vanished_after_set_up_is_done_without(client: Dataverse, control: Control) -> None:
    (alice, bob), trail = new_contacts(client, 2), new_list(client)
    client.add_list_members(trail, "contact", [alice, bob])
    assert client.remove_list_member(trail, alice).state == "done"
    control.settings(hidden_actions=["RemoveMemberList"])
    assert client.remove_list_member(trail, bob).state == "done"
    assert members(client, trail) == set()


def test_what_the_action_takes_is_asked_once(client: Dataverse, control: Control) -> None:
    (alice,), trail = new_contacts(client, 1), new_list(client)
    client.remove_list_member(trail, alice)
    client.remove_list_member(trail, alice)
    assert control.calls("GET /$metadata") == 1


def test_more_members_than_a_call_takes(client: Dataverse, control: Control) -> None:
    ids, trail = new_contacts(client, 1_100), new_list(client)
    control.clear_journal()
    outcomes = client.add_list_members(trail, "contact", ids)
    assert len(outcomes) == 1_100
    assert control.calls("POST /AddListMembersList") == 2
    assert len(members(client, trail)) == 1_100
