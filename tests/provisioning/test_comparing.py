"""What a plan says about each state of an environment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncline.dataverse import AlternateKey, Column, NewColumn, Option
from syncline.provisioning.comparing import Plan, compare
from syncline.provisioning.declaration import (
    DECLARATION,
    MEMBERSHIP_ACTIONS,
    Declaration,
    TablePart,
    logical,
)
from syncline.provisioning.environment_state import FoundPublisher, FoundSolution, FoundTable, State
from syncline.provisioning.steps import Finish, MakeColumn, MakeOption

VENDOR_TYPES = {
    "text": "String",
    "memo": "Memo",
    "yes_no": "Boolean",
    "whole_number": "Integer",
    "decimal": "Decimal",
    "choice": "Picklist",
    "date_time": "DateTime",
}


def as_found(wanted: NewColumn) -> Column:
    return Column(
        logical_name=logical(wanted.schema_name),
        schema_name=wanted.schema_name,
        type=VENDOR_TYPES[wanted.kind],
        label=wanted.label,
        valid_for_read=True,
        valid_for_create=True,
        valid_for_update=True,
        max_length=wanted.max_length,
        options=tuple(Option(value, label) for value, label in wanted.options),
        date_behaviour="UserLocal" if wanted.kind == "date_time" else "",
    )


def complete(part: TablePart) -> FoundTable:
    columns = [as_found(column) for column in part.columns]
    for lookup in part.lookups:
        pointer = as_found(lookup.column)
        columns.append(Column(**{**_fields(pointer), "type": "Lookup", "targets": (lookup.target,)}))
    return FoundTable(
        columns={column.logical_name: column for column in columns},
        keys={key.logical_name: AlternateKey(key.logical_name, key.columns, "Active") for key in part.keys},
    )


def _fields(column: Column) -> dict[str, object]:
    return {name: getattr(column, name) for name in column.__struct_fields__}


def with_column(state: State, table: str, name: str, **changes: object) -> State:
    found = state.tables[table]
    changed = Column(**{**_fields(found.columns[name]), **changes})
    return replace(
        state, tables={**state.tables, table: replace(found, columns={**found.columns, name: changed})}
    )


def untracked(state: State, table: str) -> State:
    found = replace(state.tables[table], change_tracking=False)
    return replace(state, tables={**state.tables, table: found})


DONE = State(
    publisher=FoundPublisher("p", "syncline"),
    solution=FoundSolution("s", DECLARATION.solution.version, "p"),
    tables={part.logical_name: complete(part) for part in DECLARATION.tables},
)
BARE = State(tables={name: FoundTable({}, {}) for name in ("list", "contact", "lead")})


def planned(state: State, declaration: Declaration = DECLARATION) -> Plan:
    return compare(declaration, state)


def test_a_complete_environment_needs_nothing() -> None:
    assert planned(DONE).is_provisioned


def test_a_bare_one_needs_everything_in_an_order_that_works() -> None:
    plan = planned(BARE)
    assert not plan.clashes
    words = [step.words for step in plan.steps]
    assert words[0].startswith("Make the publisher")
    assert words[1].startswith("Make the solution")
    assert words.index("Make the table Sync Note (syncline_syncnote)") < words.index(
        "Add the column Run (syncline_runid, text) to syncline_syncnote"
    )
    assert words.index("Add the column Run (syncline_runid, text) to syncline_syncnote") < words.index(
        "Make the key Run and list (syncline_runid, syncline_listid) on syncline_syncnote"
    )
    assert words.index("Make the table Preference Category (syncline_preferencecategory)") < words.index(
        "Add the column Category (syncline_category, lookup of syncline_preferencecategory)"
        " to syncline_preference"
    )
    assert words[-1] == "Publish, and mark the solution Syncline as 0.7.0.0"
    assert "Add the column Activated for Email (syncline_activated, yes/no) to list" in words


def test_one_missing_column_is_one_step_and_a_publication() -> None:
    found = DONE.tables["list"]
    fewer = {name: column for name, column in found.columns.items() if name != "syncline_account"}
    plan = planned(replace(DONE, tables={**DONE.tables, "list": replace(found, columns=fewer)}))
    kinds = [type(step) for step in plan.steps]
    assert kinds == [MakeColumn, Finish]


def test_an_option_that_was_declared_later_is_added_to_the_choice() -> None:
    older = tuple(Option(value, label) for value, label in MEMBERSHIP_ACTIONS[:3])
    plan = planned(with_column(DONE, "list", "syncline_membershipaction", options=older))
    assert [type(step) for step in plan.steps] == [MakeOption, Finish]
    assert plan.steps[0].words == "Add the option Allow new people to list.syncline_membershipaction"


def test_a_set_up_that_ended_before_it_was_published_is_finished() -> None:
    plan = planned(replace(DONE, solution=FoundSolution("s", "0.0.0.1", "p")))
    assert [type(step) for step in plan.steps] == [Finish]


def test_versions_are_compared_as_numbers() -> None:
    newer = replace(DECLARATION, solution=replace(DECLARATION.solution, version="0.10.0.0"))
    assert not planned(replace(DONE, solution=FoundSolution("s", "0.9.0.0", "p")), newer).is_provisioned
    assert planned(replace(DONE, solution=FoundSolution("s", "0.10.0.0", "p")), newer).is_provisioned


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (
            with_column(DONE, "list", "syncline_account", type="Memo"),
            "list.syncline_account is there already",
        ),
        (with_column(DONE, "list", "syncline_account", max_length=20), "holds 20 characters, not 100"),
        (with_column(DONE, "list", "syncline_membershipaction", options=()), "lacks Ignore"),
        (with_column(DONE, "syncline_syncnote", "syncline_list", targets=("account",)), "points at account"),
        (
            with_column(DONE, "syncline_syncnote", "syncline_list", type="String"),
            "as String and not as Lookup",
        ),
        (replace(DONE, publisher=FoundPublisher("p", "sync")), "prefix sync_"),
        (replace(DONE, solution=FoundSolution("s", "0.1.0.0", "other")), "belongs to another publisher"),
        (replace(DONE, tables={n: t for n, t in DONE.tables.items() if n != "list"}), "no table list"),
        (
            with_column(DONE, "syncline_suppression", "syncline_suppressedon", date_behaviour="DateOnly"),
            "keeps its times as DateOnly",
        ),
        (untracked(DONE, "syncline_suppressedemail"), "syncline_suppressedemail are not tracked"),
    ],
)
def test_what_stands_in_the_way_is_named_with_its_remedy(state: State, says: str) -> None:
    (clash,) = planned(state).clashes
    assert says in clash.what
    assert clash.remedy


def test_nothing_is_added_to_a_solution_that_came_as_a_file() -> None:
    managed = FoundSolution("s", "0.2.0.0", "p", is_managed=True)
    (clash,) = planned(replace(DONE, solution=managed)).clashes
    assert "managed here" in clash.what
    assert "import that file" in clash.remedy
    assert planned(replace(DONE, solution=replace(managed, version="0.7.0.0"))).is_provisioned


def test_a_key_over_other_columns_or_without_an_index_stands_in_the_way() -> None:
    note = DONE.tables["syncline_syncnote"]
    for key in (
        AlternateKey("syncline_runandlist", ("syncline_runid",), "Active"),
        AlternateKey("syncline_runandlist", ("syncline_runid", "syncline_listid"), "Failed"),
    ):
        broken = replace(note, keys={key.logical_name: key})
        (clash,) = planned(replace(DONE, tables={**DONE.tables, "syncline_syncnote": broken})).clashes
        assert "syncline_RunAndList" in clash.what


def test_every_name_of_ours_bears_our_prefix() -> None:
    names = [column.schema_name for part in DECLARATION.tables for column in part.columns]
    names += [key.schema_name for part in DECLARATION.tables for key in part.keys]
    names += [lookup.column.schema_name for part in DECLARATION.tables for lookup in part.lookups]
    assert all(name.startswith("syncline_") for name in names)


def test_an_environment_without_leads_gets_what_does_not_need_them() -> None:
    without = {name: table for name, table in BARE.tables.items() if name != "lead"}
    plan = planned(replace(BARE, tables=without))
    assert not plan.clashes
    words = " ".join(step.words for step in plan.steps)
    assert "lookup of contact) to syncline_suppression" in words
    assert "lead" not in words
    finish = plan.steps[-1]
    assert isinstance(finish, Finish)
    assert "lead" not in {part.logical_name for part in finish.tables}


def test_keys_are_over_numbers_and_ids_of_ours_never_over_addresses() -> None:
    """`+`, `%` and `&` break the URLs of keys, and addresses may hold them."""
    keyed = {column for part in DECLARATION.tables for key in part.keys for column in key.columns}
    numbers = {"form", "response", "question", "line", "option", ""}
    assert keyed == {
        "syncline_runid",
        "syncline_listid",
        "syncline_account",
        *(f"syncline_dotdigital{of}id" for of in numbers),
    }


def test_a_table_is_declared_behind_those_that_its_lookups_point_at() -> None:
    seen: set[str] = set()
    for part in DECLARATION.tables:
        seen.add(part.logical_name)
        assert {lookup.target for lookup in part.lookups} <= seen


def test_relationships_have_names_of_their_own() -> None:
    names = [lookup.relationship for part in DECLARATION.tables for lookup in part.lookups]
    assert len(set(names)) == len(names)
