"""Taking records out of static marketing lists of Dynamics: those who left the Dotdigital list by themselves,
and whom an undone run had let in.
"""

from collections.abc import Sequence
from itertools import groupby

from syncline.dataverse import NotFound, RowOutcome
from syncline.ledger import outcomes
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.people import store
from syncline.remote import Misconfigured, Rejected
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.decisions import CrmJoin
from syncline.syncs.marketing_lists.parts import IN, LIST_CLOSED, Parts, refused
from syncline.syncs.marketing_lists.setting import Setting

Leaves = Sequence[tuple[str, CrmJoin]]
"""(person's key, which record is to leave which list)."""


def write_leaves(context: RunContext, setting: Setting, leaves: Leaves) -> list[RowOutcome]:
    """Outcomes in the order of `leaves`. Taking out somebody who is out already is done."""
    lists = {row.pk: row.list_id for row in setting.lists}
    found: dict[tuple[int, str], RowOutcome] = {}
    for list_id, group in groupby(sorted((leave for _, leave in leaves), key=_of_list), key=_of_list):
        ids = [leave.record_id for leave in group]
        for outcome in _remove(context, lists[list_id], ids):
            found[list_id, outcome.id] = outcome
    return [found[leave.list_id, leave.record_id] for _, leave in leaves]


def _of_list(leave: CrmJoin) -> int:
    return leave.list_id


def _remove(context: RunContext, list_guid: str, ids: list[str]) -> list[RowOutcome]:
    """A list that lets nobody go (locked, inactive, gone) costs those who were to leave it."""
    try:
        return context.dataverse.remove_list_members(list_guid, ids)
    except (Rejected, NotFound) as error:
        return [RowOutcome(id_, "rejected", LIST_CLOSED, str(error)) for id_ in ids]
    except Misconfigured as error:
        return [RowOutcome(id_, "rejected", error.code, f"{error} {error.what_to_do}") for id_ in ids]


def settle_leaves(context: RunContext, parts: Parts, leaves: Leaves, told: list[RowOutcome]) -> None:
    """The membership is forgotten, and in Dotdigital's list they are again what they were: there without our
    doing.
    """
    rows: list[OutcomeRow] = []
    places: list[tuple[int, str, str, bool, int]] = []
    for (key, leave), outcome in zip(leaves, told, strict=True):
        if outcome.state == "done":
            store.drop_member(leave.list_id, leave.record_id)
            rows.append(leave_row(parts, key, leave, "removed"))
            place = store.places([leave.list_id], [key]).get((leave.list_id, key))
            if place is not None and place.status == "subscribed":
                places.append((leave.list_id, key, place.status, False, context.run.pk))
        elif outcome.state == "rejected":
            rows.append(refused(leave_row(parts, key, leave, "rejected"), outcome))
    store.save_places(places)
    outcomes.record(context.run, rows, context.now())


def leave_row(parts: Parts, key: str, leave: CrmJoin, result: str) -> OutcomeRow:
    return OutcomeRow(
        part_id=parts.part_id(IN, leave.list_id),
        person_key=key,
        name=leave.name,
        entity=leave.entity,
        record_id=leave.record_id,
        side="dynamics",
        result=result,
        action="remove",
        reason=leave.reason,
        membership="" if result == "rejected" else "left",
        counts_as="removed" if result == PLANNED else result,
    )
