"""What undoing a run means for one person. Pure: no I/O and no clock.

A value is put back only where the one that the run wrote still stands; whoever was let into a list leaves it
only if they are there by our doing; and nobody comes back into a list past the consent gate, or where consent
was why they were taken out. Undoing never undoes an opt-out.
"""

from typing import Any, Final, NamedTuple

from syncline.consent.gate import Permit, permit
from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decide import standing
from syncline.syncs.marketing_lists.decisions import CrmJoin, Decision, Line
from syncline.syncs.marketing_lists.deeds import Deeds, PlaceDeed, ValueDeed
from syncline.syncs.marketing_lists.rules import Rules
from syncline.syncs.marketing_lists.undo_values import undo_values

NOT_FOR_CONSENT: Final = frozenset(
    {"left_marketing_list", "not_in_marketing_list", "undone", "made_by_the_run"}
)
"""Reasons for taking somebody out of a list that say nothing about what they want. Any other, also one that
is not known here, is taken for an opt-out."""


class _Case(NamedTuple):
    """One person whose part of a run is to be undone, and the decision as it grows."""

    deeds: Deeds
    person: PersonFacts
    rules: Rules
    verdict: Permit | str
    decision: Decision

    def tell(self, deed: PlaceDeed | ValueDeed, reason: str, detail: str = "") -> None:
        """Say why something that the run did is left as it is."""
        line = Line(deed.list_id, deed.entity, deed.record_id, deed.name, "none", reason, detail)
        self.decision.lines.append(line)


def undo_decide(deeds: Deeds, person: PersonFacts, rules: Rules) -> tuple[Decision, Permit | None]:
    """What is to be taken back on both sides, and the permit without which nothing is imported."""
    verdict = permit(standing(person))
    # Whatever else is to be synced about them is for the next run, so they are not settled by this one.
    decision = Decision(person.key, person.contact_id, lines=[], comes_again=True)
    case = _Case(deeds, person, rules, verdict, decision)
    for deed in deeds.places:
        match deed.side, deed.joined:
            case "dotdigital", True:
                _leave_book(case, deed)
            case "dotdigital", False:
                _return_to_book(case, deed)
            case _, True:
                _leave_marketing_list(case, deed)
            case _:
                _return_to_marketing_list(case, deed)
    _undo_values(case)
    return decision, verdict if isinstance(verdict, Permit) else None


def _is_synced(case: _Case, deed: PlaceDeed) -> bool:
    rule = case.rules.lists.get(deed.list_id)
    if rule is not None and rule.usable:
        return True
    case.tell(deed, "list_not_synced")
    return False


def _leave_book(case: _Case, deed: PlaceDeed) -> None:
    place = case.person.places.get(deed.list_id)
    if place is None or not _is_synced(case, deed):
        return
    if place.status != "subscribed" or not place.agreed:
        case.tell(deed, "changed_since_run", f"Their place in the list is “{place.status}” by now.")
        return
    reason = "made_by_the_run" if case.deeds.made_contact else "undone"
    case.decision.leaves = [*case.decision.leaves, deed.list_id]
    case.decision.lines.append(Line(deed.list_id, deed.entity, deed.record_id, deed.name, "remove", reason))


def _return_to_book(case: _Case, deed: PlaceDeed) -> None:
    person, place = case.person, case.person.places.get(deed.list_id)
    if place is not None and place.status == "subscribed":
        return
    if deed.reason not in NOT_FOR_CONSENT:
        case.tell(deed, "opt_out_stands")
    elif not isinstance(case.verdict, Permit):
        case.tell(deed, case.verdict)
    elif place is not None:
        case.tell(deed, "removed_there" if place.status == "removed" else "left_list")
    elif person.contact_id is None:
        case.tell(deed, "changed_since_run", "Dotdigital no longer has the contact.")
    elif _is_synced(case, deed) and deed.list_id not in case.decision.joins:
        case.decision.joins = [*case.decision.joins, deed.list_id]
        case.decision.lines.append(
            Line(deed.list_id, deed.entity, deed.record_id, deed.name, "update", "undone")
        )


def _leave_marketing_list(case: _Case, deed: PlaceDeed) -> None:
    if _is_member(case, deed) and _is_static(case, deed):
        reason = "made_by_the_run" if deed.record_id in case.deeds.made_records else "undone"
        leave = CrmJoin(deed.list_id, deed.entity, deed.record_id, deed.name, reason)
        case.decision.crm_leaves = [*case.decision.crm_leaves, leave]


def _return_to_marketing_list(case: _Case, deed: PlaceDeed) -> None:
    """Back into a marketing list, only with whoever is in its Dotdigital list still."""
    record = next((one for one in case.person.records if one.record_id == deed.record_id), None)
    if _is_member(case, deed):
        return
    if deed.reason not in NOT_FOR_CONSENT:
        case.tell(deed, "opt_out_stands")
    elif not isinstance(case.verdict, Permit):
        case.tell(deed, case.verdict)
    elif record is None:
        case.tell(deed, "changed_since_run", "Dynamics no longer has the record with this address.")
    elif (place := case.person.places.get(deed.list_id)) is None or place.status != "subscribed":
        case.tell(deed, "changed_since_run", "They are no longer in the Dotdigital list.")
    elif _is_static(case, deed):
        join = CrmJoin(deed.list_id, deed.entity, deed.record_id, deed.name)
        case.decision.crm_joins = [*case.decision.crm_joins, join]


def _is_member(case: _Case, deed: PlaceDeed) -> bool:
    return any(one.record_id == deed.record_id and deed.list_id in one.lists for one in case.person.records)


def _is_static(case: _Case, deed: PlaceDeed) -> bool:
    """A list that is synced, and whose members are not found by a query."""
    return _is_synced(case, deed) and not case.rules.lists[deed.list_id].dynamic


def _undo_values(case: _Case) -> None:
    found = undo_values(case.deeds, case.person, case.rules)
    decision = case.decision
    for deed, reason, detail in found.left:
        case.tell(deed, reason, detail)
    if not isinstance(case.verdict, Permit):
        for deed in found.put_back:
            case.tell(deed, case.verdict, f"{deed.field} stays as the run wrote it.")
        return
    decision.crm_changes = found.crm_changes
    decision.send, decision.old = found.send, found.old
    if decision.imports:
        decision.agreed = _without_blanks({**case.person.agreed, **found.send})
    if found.send and not decision.joins:
        first = next(deed for deed in found.put_back if deed.side == "dotdigital")
        decision.lines.insert(
            0, Line(first.list_id, first.entity, first.record_id, first.name, "update", "undone")
        )


def _without_blanks(values: dict[str, Any]) -> dict[str, Any]:
    return {label: value for label, value in values.items() if value is not None}
