"""What a decision does to either side, as a set that two decisions can be compared by. Pure.

Only what is approved is written. A new kind of effect has to be told here, or a plan could not hold it: an
effect that is not in the plan keeps the person from being written at all.
"""

from typing import Any

from msgspec.structs import replace

from syncline.syncs.marketing_lists.decisions import Decision, Line, decode_decision, encode_decision

Effects = dict[tuple[str | int, ...], Any]
"""(side, what, target…) → what is written; for a value [old, new]."""


def effects(decision: Decision) -> Effects:
    return {**effects_in_dynamics(decision), **effects_in_dotdigital(decision)}


def effects_in_dynamics(decision: Decision) -> Effects:
    found: Effects = {}
    for change in decision.crm_changes:
        for column, values in change.columns.items():
            found["dynamics", "value", change.entity, change.record_id, column] = values
    for made in decision.crm_creates:
        for column, values in made.columns.items():
            found["dynamics", "create", made.entity, made.record_id, column] = values
    for join in decision.crm_joins:
        found["dynamics", "join", join.entity, join.record_id, join.list_id] = True
    for leave in decision.crm_leaves:
        found["dynamics", "leave", leave.entity, leave.record_id, leave.list_id] = True
    return found


def effects_in_dotdigital(decision: Decision) -> Effects:
    found: Effects = {}
    for label, value in decision.send.items():
        found["dotdigital", "value", label] = [decision.old.get(label), value]
    for list_id in decision.joins:
        found["dotdigital", "join", list_id] = True
    for list_id in decision.leaves:
        found["dotdigital", "leave", list_id] = True
    if decision.moved_from:
        found["dotdigital", "address"] = [decision.moved_from, decision.key]
    if found:
        # Which contact it is done to; None where one is made.
        found["dotdigital", "contact"] = decision.contact_id
    return found


def is_contained(wanted: Effects, approved: Effects) -> bool:
    return all(key in approved and approved[key] == value for key, value in wanted.items())


def as_stored(decision: Decision) -> Decision:
    """The decision as it comes back from the database, so that it compares equal with one that does."""
    return decode_decision(encode_decision(decision))


def keep_approved(decision: Decision, approved: Effects, agreed: dict[str, Any]) -> Decision:
    """What of a decision for Dotdigital was approved. The rest is left for the next run.

    `agreed`: the person's shadow as it is, for values that are not sent after all.
    """
    wanted = effects_in_dotdigital(decision)
    right_contact = is_contained(
        {key: value for key, value in wanted.items() if key[1] == "contact"}, approved
    )
    kept = {key for key, value in wanted.items() if right_contact and approved.get(key) == value}
    send = {label: new for label, new in decision.send.items() if ("dotdigital", "value", label) in kept}
    joins = [list_id for list_id in decision.joins if ("dotdigital", "join", list_id) in kept]
    leaves = [list_id for list_id in decision.leaves if ("dotdigital", "leave", list_id) in kept]
    moved_from = decision.moved_from if ("dotdigital", "address") in kept else ""
    imports = bool(send or joins or moved_from)
    lines = [line if _stays(line, imports, joins, leaves) else _later(line) for line in decision.lines]
    if lines == decision.lines and lines:
        lines = [*lines, _later(lines[0])]
    return replace(
        decision,
        send=send,
        joins=joins,
        leaves=leaves,
        moved_from=moved_from,
        agreed=_without_unsent(decision, send, agreed),
        lines=lines,
        comes_again=True,
        lost={label: value for label, value in decision.lost.items() if label in send},
    )


def _stays(line: Line, imports: bool, joins: list[int], leaves: list[int]) -> bool:
    match line.action:
        case "remove":
            return line.list_id in leaves
        case "create" | "update":
            return imports
        case _:
            return True


def _later(line: Line) -> Line:
    return replace(line, action="none", reason="follows_later", detail="")


def _without_unsent(decision: Decision, send: dict[str, Any], agreed: dict[str, Any]) -> dict[str, Any]:
    unsent = decision.send.keys() - send.keys()
    kept = {label: value for label, value in decision.agreed.items() if label not in unsent}
    return kept | {label: agreed[label] for label in unsent if label in agreed}
