"""Comparing an environment with the declaration: what is missing, and what stands in the way. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from syncline.dataverse import Column, NewColumn
from syncline.provisioning.environment_state import FoundTable, State
from syncline.provisioning.parts import Declaration, Key, Lookup, TablePart, logical
from syncline.provisioning.steps import (
    Finish,
    MakeColumn,
    MakeKey,
    MakeLookup,
    MakeOption,
    MakePublisher,
    MakeSolution,
    MakeTable,
    Step,
)


@dataclass(frozen=True)
class Clash:
    """Something of the same name that is not what is needed; it is never changed or removed for you."""

    what: str
    remedy: str


@dataclass(frozen=True)
class Plan:
    """What would be done, in order. With a clash nothing is done at all."""

    declaration: Declaration
    steps: tuple[Step, ...]
    clashes: tuple[Clash, ...]

    @property
    def is_provisioned(self) -> bool:
        return not self.steps and not self.clashes


def compare(declaration: Declaration, state: State) -> Plan:
    """The steps from `state` to the declaration. What is there already gives no step."""
    found = [*_publisher(declaration, state), *_solution(declaration, state)]
    parts = _possible(declaration, state)
    for part in parts:
        found += _table(part, state.tables.get(part.logical_name))
    steps = [entry for entry in found if not isinstance(entry, Clash)]
    if steps or not _is_finished(declaration, state):
        steps.append(Finish(declaration.solution, parts))
    if steps and state.solution is not None and state.solution.is_managed:
        found.append(_managed(declaration))
    return Plan(
        declaration,
        steps=tuple(steps),
        clashes=tuple(entry for entry in found if isinstance(entry, Clash)),
    )


def _possible(declaration: Declaration, state: State) -> tuple[TablePart, ...]:
    """What is declared, without optional tables that this environment lacks, and without lookups at them."""
    absent = {
        part.logical_name
        for part in declaration.tables
        if not part.required and part.make is None and part.logical_name not in state.tables
    }
    return tuple(
        replace(part, lookups=tuple(one for one in part.lookups if one.target not in absent))
        for part in declaration.tables
        if part.logical_name not in absent
    )


def _publisher(declaration: Declaration, state: State) -> Iterator[Step | Clash]:
    wanted = declaration.publisher
    if state.publisher is None:
        yield MakePublisher(wanted)
    elif state.publisher.prefix != wanted.prefix:
        yield Clash(
            f"The publisher {wanted.unique_name} has the prefix {state.publisher.prefix}_,"
            f" not {wanted.prefix}_",
            f"Set the publisher's prefix to {wanted.prefix}, or rename that publisher.",
        )


def _solution(declaration: Declaration, state: State) -> Iterator[Step | Clash]:
    wanted = declaration.solution
    if state.solution is None:
        yield MakeSolution(wanted)
    elif state.publisher is not None and state.solution.publisher_id != state.publisher.id:
        yield Clash(
            f"The solution {wanted.unique_name} belongs to another publisher",
            "Rename or remove that solution; Syncline's own has to belong to Syncline's publisher.",
        )


def _managed(declaration: Declaration) -> Clash:
    return Clash(
        f"The solution {declaration.solution.unique_name} is managed here, and older than Syncline needs",
        "Provision the environment that it was exported from, export it anew, and import that file here.",
    )


def _is_finished(declaration: Declaration, state: State) -> bool:
    present = state.solution
    return present is not None and _numbers(present.version) >= _numbers(declaration.solution.version)


def _table(part: TablePart, found: FoundTable | None) -> Iterator[Step | Clash]:
    if found is None and part.make is None:
        yield Clash(
            f"The environment has no table {part.logical_name}",
            "Install a Dynamics 365 app that brings marketing lists, such as Sales, into this environment.",
        )
        return
    if found is None and part.make is not None:
        yield MakeTable(part.make)
    elif found is not None:
        yield from _tracking(part, found)
    columns = found.columns if found else {}
    for column in part.columns:
        yield from _column(part.logical_name, column, columns.get(logical(column.schema_name)))
    for lookup in part.lookups:
        yield from _lookup(part.logical_name, lookup, columns.get(logical(lookup.column.schema_name)))
    for key in part.keys:
        yield from _key(part.logical_name, key, found)


def _tracking(part: TablePart, found: FoundTable) -> Iterator[Clash]:
    """Tracking cannot be turned off again, so it is not turned on for a table that is there without it."""
    if part.make is not None and part.make.track_changes and not found.change_tracking:
        yield Clash(
            f"Changes of the table {part.logical_name} are not tracked",
            "Turn on Track changes for this table in Power Apps (Tables, Properties), and publish.",
        )


def _column(table: str, wanted: NewColumn, present: Column | None) -> Iterator[Step | Clash]:
    if present is None:
        yield MakeColumn(table, wanted)
        return
    where, vendor_type = f"{table}.{present.logical_name}", _VENDOR_TYPES[wanted.kind]
    if present.type != vendor_type:
        yield _other_type(where, present.type, vendor_type)
    elif wanted.kind in ("text", "memo") and (present.max_length or 0) < wanted.max_length:
        yield Clash(
            f"The column {where} holds {present.max_length} characters, not {wanted.max_length}",
            f"Raise its maximum length to {wanted.max_length} in Power Apps, and publish.",
        )
    elif wanted.kind == "date_time" and present.date_behaviour not in ("", "UserLocal"):
        yield Clash(
            f"The column {where} keeps its times as {present.date_behaviour}, not as User local",
            "Set its time zone adjustment to User local in Power Apps, or rename that column.",
        )
    if wanted.kind == "choice" and present.type == vendor_type:
        yield from _options(table, wanted, present)


def _options(table: str, wanted: NewColumn, present: Column) -> Iterator[Step | Clash]:
    """A choice that has some of ours was made by an earlier version; one that has none is somebody else's."""
    there = {option.value for option in present.options}
    missing = [(value, label) for value, label in wanted.options if value not in there]
    if len(missing) < len(wanted.options):
        yield from (MakeOption(table, wanted, value, label) for value, label in missing)
        return
    names = ", ".join(f"{label} ({value})" for value, label in missing)
    yield Clash(
        f"The choice {table}.{present.logical_name} lacks {names}",
        "Add the missing choices in Power Apps, and publish.",
    )


def _lookup(table: str, wanted: Lookup, present: Column | None) -> Iterator[Step | Clash]:
    if present is None:
        yield MakeLookup(table, wanted)
    elif present.type != "Lookup":
        yield _other_type(f"{table}.{present.logical_name}", present.type, "Lookup")
    elif wanted.target not in present.targets:
        yield Clash(
            f"The lookup {table}.{present.logical_name} points at {', '.join(present.targets)},"
            f" not {wanted.target}",
            "Rename or remove that column; nothing of yours is changed by Syncline.",
        )


def _other_type(where: str, present: str, wanted: str) -> Clash:
    return Clash(
        f"The column {where} is there already, as {present} and not as {wanted}",
        "Remove that column, or move its data to one with another name; Syncline does not change it.",
    )


def _key(table: str, wanted: Key, found: FoundTable | None) -> Iterator[Step | Clash]:
    present = found.keys.get(wanted.logical_name) if found else None
    if present is None:
        yield MakeKey(table, wanted)
    elif set(present.columns) != set(wanted.columns):
        yield Clash(
            f"The key {wanted.schema_name} on {table} is over {', '.join(present.columns)},"
            f" not {', '.join(wanted.columns)}",
            "Remove that key in Power Apps, then provision again.",
        )
    elif present.index_status == "Failed":
        yield Clash(
            f"The index of the key {wanted.schema_name} on {table} could not be built",
            "Remove rows of that table with the same run and list, and reactivate the key in Power Apps.",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


_VENDOR_TYPES = {
    "text": "String",
    "memo": "Memo",
    "yes_no": "Boolean",
    "whole_number": "Integer",
    "decimal": "Decimal",
    "choice": "Picklist",
    "date_time": "DateTime",
}
