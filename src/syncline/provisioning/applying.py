"""Doing what a plan says, so that it may be interrupted anywhere and begun again."""

from __future__ import annotations

from collections.abc import Callable

from syncline.dataverse import Dataverse, bind
from syncline.provisioning import environment_state as state
from syncline.provisioning.comparing import Plan
from syncline.provisioning.parts import Declaration, TablePart, logical
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
from syncline.remote import Clock, Misconfigured, RemoteError, Retryable, SystemClock

INDEX_PATIENCE_S = 600.0
INDEX_POLL_S = 2.0
# The solution's version until everything in it is made and published.
BEGUN = "0.0.0.1"

Making = MakePublisher | MakeSolution | MakeTable | MakeColumn | MakeOption | MakeLookup | MakeKey


def apply(
    client: Dataverse,
    plan: Plan,
    *,
    on_step: Callable[[Step], None] = lambda step: None,
    clock: Clock | None = None,
    index_patience_s: float = INDEX_PATIENCE_S,
) -> list[Step]:
    """Do the steps of `plan`; those that were really needed, in order.

    Each step looks again before it writes, so that a plan grown old, or half done by an earlier attempt, does
    no harm. Raises `Misconfigured` for a clash, before anything is written.
    """
    if plan.clashes:
        clash = plan.clashes[0]
        raise Misconfigured(clash.what, clash.remedy)
    done: list[Step] = []
    for step in plan.steps:
        on_step(step)
        if isinstance(step, Finish):
            _finish(client, step, clock or SystemClock(), index_patience_s)
            done.append(step)
        elif _make(client, plan.declaration, step):
            done.append(step)
    return done


def _finish(client: Dataverse, step: Finish, clock: Clock, index_patience_s: float) -> None:
    """The version comes last: where it is old, an earlier attempt may have ended before it had published."""
    _await_indexes(client, step.tables, clock, index_patience_s)
    client.publish([part.logical_name for part in step.tables])
    found = state.read_solution(client, step.solution.unique_name)
    if found is not None and found.version != step.solution.version:
        client.update("solutions", found.id, {"version": step.solution.version})


def _make(client: Dataverse, declaration: Declaration, step: Making) -> bool:
    """Whether the step had to be done."""
    if _is_there(client, step):
        return False
    try:
        _do(client, declaration, step)
    except RemoteError as error:
        # The answer was lost, or someone else was quicker: what counts is whether it is there now.
        lost = isinstance(error, Retryable) and error.outcome_unknown
        if not (lost or error.status in (400, 409, 412)) or not _is_there(client, step):
            raise
    return True


def _is_there(client: Dataverse, step: Making) -> bool:
    match step:
        case MakePublisher(publisher):
            return state.read_publisher(client, publisher.unique_name) is not None
        case MakeSolution(solution):
            return state.read_solution(client, solution.unique_name) is not None
        case MakeTable(table):
            return state.read_table(client, logical(table.schema_name)) is not None
        case MakeColumn(table_name, column):
            return client.has_column(table_name, logical(column.schema_name))
        case MakeOption(table_name, column, value, _):
            return state.has_option(client, table_name, logical(column.schema_name), value)
        case MakeLookup(table_name, lookup):
            return client.has_column(table_name, logical(lookup.column.schema_name))
        case MakeKey(table_name, key):
            return any(found.logical_name == key.logical_name for found in client.keys(table_name))


def _do(client: Dataverse, declaration: Declaration, step: Making) -> None:
    solution_name = declaration.solution.unique_name
    match step:
        case MakePublisher(publisher):
            client.create(
                "publishers",
                {
                    "uniquename": publisher.unique_name,
                    "friendlyname": publisher.friendly_name,
                    "customizationprefix": publisher.prefix,
                    "customizationoptionvalueprefix": publisher.option_prefix,
                },
            )
        case MakeSolution(solution):
            owner = state.read_publisher(client, declaration.publisher.unique_name)
            if owner is None:
                raise Misconfigured(
                    f"The publisher {declaration.publisher.unique_name} is gone", "Provision again."
                )
            client.create(
                "solutions",
                {
                    "uniquename": solution.unique_name,
                    "friendlyname": solution.friendly_name,
                    "version": BEGUN,
                    "publisherid@odata.bind": bind("publishers", owner.id),
                },
            )
        case MakeTable(table):
            client.create_table(table, solution=solution_name)
        case MakeColumn(table_name, column):
            client.create_column(table_name, column, solution=solution_name)
        case MakeOption(table_name, column, value, label):
            name = logical(column.schema_name)
            client.insert_option(table_name, name, value, label, solution=solution_name)
        case MakeLookup(table_name, lookup):
            client.create_lookup(
                table_name,
                lookup.column,
                target=lookup.target,
                target_key=lookup.target_key,
                relationship=lookup.relationship,
                solution=solution_name,
            )
        case MakeKey(table_name, key):
            client.create_key(table_name, key.schema_name, key.label, key.columns, solution=solution_name)


def _await_indexes(client: Dataverse, tables: tuple[TablePart, ...], clock: Clock, patience_s: float) -> None:
    """Wait until the index of every declared key is built; a key is of no use before."""
    for part in tables:
        waited_s = 0.0
        for key in part.keys:
            while (status := _index_status(client, part.logical_name, key.logical_name)) != "Active":
                if status == "Failed":
                    raise Misconfigured(
                        f"The index of the key {key.schema_name} on {part.logical_name} could not be built",
                        "Remove rows of that table with the same key, and reactivate the key in Power Apps.",
                    )
                if waited_s >= patience_s:
                    raise Retryable(
                        f"The index of the key {key.schema_name} is still being built; provision again later"
                    )
                clock.sleep(INDEX_POLL_S)
                waited_s += INDEX_POLL_S


def _index_status(client: Dataverse, table: str, key: str) -> str:
    found = [entry.index_status for entry in client.keys(table) if entry.logical_name == key]
    return found[0] if found else ""
