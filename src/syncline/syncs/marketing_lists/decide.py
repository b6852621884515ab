"""The decision about one person. Pure: no I/O and no clock, so a preview can never differ from what is
done.
"""

from syncline.consent.gate import Permit, Standing, permit
from syncline.people.facts import CrmFacts, CrmFlag, PersonFacts
from syncline.syncs.marketing_lists.decisions import Action, CrmChange, CrmJoin, Decision, Line
from syncline.syncs.marketing_lists.merge import merge
from syncline.syncs.marketing_lists.newcomers import TABLES, Refusal, newcomer
from syncline.syncs.marketing_lists.rules import ListRule, Rules


def standing(person: PersonFacts) -> Standing:
    """What the consent gate needs to know. Marks count from every Dynamics record with this address, in a
    list or not.
    """
    marks = 0
    for record in person.records:
        marks |= record.flags
    return Standing(
        address=person.key,
        do_not_bulk_email=bool(marks & CrmFlag.DO_NOT_BULK_EMAIL),
        do_not_email=bool(marks & CrmFlag.DO_NOT_EMAIL),
        status=person.status.lower(),
        suppressed_for=person.suppressed_for,
        opted_out_as=person.opted_out_as,
        erased=person.erased,
        on_crm_list=person.on_crm_list,
    )


def decide(person: PersonFacts, rules: Rules) -> tuple[Decision, Permit | None]:
    """What is to happen to this person on both sides, and the permit without which nothing is imported."""
    decision = Decision(person.key, person.contact_id, lines=[])
    members = _members(person, rules)
    verdict = permit(standing(person))
    if isinstance(verdict, Permit):
        _decide_permitted(decision, person, members, rules)
    else:
        _decide_stopped(decision, person, members, verdict, rules)
    if person.places:
        _decide_departures(decision, person, members, verdict, rules)
    return decision, verdict if isinstance(verdict, Permit) else None


def _members(person: PersonFacts, rules: Rules) -> list[tuple[ListRule, CrmFacts]]:
    """The person's memberships in lists that can be synced, in synchronisation order, the deciding record
    first.
    """
    pairs = [
        (rules.lists[list_id], record)
        for record in person.records
        for list_id in record.lists
        if list_id in rules.lists and rules.lists[list_id].usable
    ]
    if len(pairs) > 1:
        pairs.sort(key=lambda pair: (pair[0].order, rules.rank(pair[1])))
    return pairs


def _decide_stopped(
    decision: Decision,
    person: PersonFacts,
    members: list[tuple[ListRule, CrmFacts]],
    reason: str,
    rules: Rules,
) -> None:
    """Nothing is sent. Do Not (Bulk) Email also takes the person out of the lists they are in."""
    takes_out = reason in {"do_not_bulk_email", "do_not_email"}
    detail = (
        person.suppressed_for or (person.status if reason == "not_subscribed" else "") or person.opted_out_as
    )
    for rule, record in members:
        place = person.places.get(rule.list_id)
        leaves = takes_out and place is not None and place.status == "subscribed"
        if leaves and rule.list_id not in decision.leaves:
            decision.leaves = [*decision.leaves, rule.list_id]
        decision.lines.append(_line(rule, record, "remove" if leaves else "none", reason, detail))


def _decide_permitted(
    decision: Decision, person: PersonFacts, members: list[tuple[ListRule, CrmFacts]], rules: Rules
) -> None:
    eligible: list[tuple[ListRule, CrmFacts]] = []
    for pair in members:
        if rules.only_open_and_active and pair[1].flags & CrmFlag.INACTIVE:
            decision.lines.append(_line(*pair, "none", "not_active"))
        elif rules.only_open_and_active and pair[1].flags & CrmFlag.REOPENED:
            decision.lines.append(_line(*pair, "none", "reopened"))
        else:
            eligible.append(pair)
    if not eligible:
        return
    if person.left_behind:
        detail = f"The contact of {person.left_behind} is still there."
        decision.lines.extend(
            _line(rule, record, "none", "second_contact", detail) for rule, record in eligible
        )
        return
    chosen = eligible[0][1] if len(eligible) == 1 else min((record for _, record in eligible), key=rules.rank)
    merged = merge(chosen, person, rules)
    if merged.problems:
        detail = "; ".join(merged.problems)
        decision.lines.extend(_line(rule, record, "none", "conversion", detail) for rule, record in eligible)
        return
    decision.send, decision.old, decision.agreed = merged.send, merged.old, merged.agreed
    decision.lost = merged.lost
    if merged.take:
        decision.crm_changes = [
            CrmChange(
                chosen.entity, chosen.record_id, chosen.name, merged.take, merged.taken, merged.lost_inward
            )
        ]
    decision.moved_from = person.known_as
    _decide_lists(decision, person, eligible, chosen, "; ".join(merged.conflicts))


def _decide_lists(
    decision: Decision,
    person: PersonFacts,
    eligible: list[tuple[ListRule, CrmFacts]],
    chosen: CrmFacts,
    conflicts: str,
) -> None:
    """Which lists the person joins. The first line carries the values; a person's values are sent once."""
    joins: list[int] = []
    confirmed: list[int] = []
    values_told = False
    for rule, record in eligible:
        place = person.places.get(rule.list_id)
        reason = "" if record is chosen else "shared_address"
        action: Action = "none"
        if place is None and rule.list_id not in joins:
            action = "create" if not person.status else "update"
            joins.append(rule.list_id)
        elif place is None:
            reason = "shared_address"
        elif place.status == "subscribed":
            if not place.agreed:
                confirmed.append(rule.list_id)
        else:
            reason = "removed_there" if place.status == "removed" else "left_list"
        if (decision.send or decision.moved_from) and not values_told and action == "none":
            action = "create" if not person.status else "update"
        values_told = values_told or action != "none"
        decision.lines.append(_line(rule, record, action, reason, conflicts if record is chosen else ""))
    decision.joins, decision.confirmed = joins, confirmed


def _decide_departures(
    decision: Decision,
    person: PersonFacts,
    members: list[tuple[ListRule, CrmFacts]],
    verdict: Permit | str,
    rules: Rules,
) -> None:
    """Places in Dotdigital lists that no membership in Dynamics stands behind."""
    held = {rule.list_id for rule, _ in members}
    places = [
        (rules.lists[list_id], place)
        for list_id, place in person.places.items()
        if list_id in rules.lists and list_id not in held and place.status == "subscribed"
    ]
    for rule, place in sorted(places, key=lambda pair: pair[0].order):
        if not rule.usable:
            continue
        record = min((r for r in person.records if r.entity == rule.entity), key=rules.rank, default=None)
        if place.agreed or (rule.action == "remove" and not rule.dynamic):
            decision.leaves = [*decision.leaves, rule.list_id]
            reason = "left_marketing_list" if place.agreed else "not_in_marketing_list"
            decision.lines.append(_line_of(rule, record, "remove", reason))
        elif rule.lets_in and record is not None:
            _let_in(decision, rule, record, verdict, rules)
        elif rule.action == "allow_new" and rule.lets_in and rule.entity in TABLES:
            _let_new_in(decision, person, rule, verdict, rules)
        else:
            decision.lines.append(_line_of(rule, record, "none", "not_in_marketing_list"))


def _let_in(
    decision: Decision, rule: ListRule, record: CrmFacts, verdict: Permit | str, rules: Rules
) -> None:
    """A known record enters the marketing list, as its membership action says."""
    if not isinstance(verdict, Permit):
        decision.lines.append(_line(rule, record, "none", verdict))
    elif rules.only_open_and_active and record.flags & CrmFlag.INACTIVE and not rules.readmit_inactive:
        decision.lines.append(_line(rule, record, "none", "not_active"))
    else:
        join = CrmJoin(rule.list_id, record.entity, record.record_id, record.name)
        decision.crm_joins = [*decision.crm_joins, join]


def _let_new_in(
    decision: Decision, person: PersonFacts, rule: ListRule, verdict: Permit | str, rules: Rules
) -> None:
    """Somebody whom Dynamics does not know becomes a record, of the kind that the first such list has."""
    others = [record.entity for record in person.records] + [made.entity for made in decision.crm_creates]
    if not isinstance(verdict, Permit):
        decision.lines.append(_line_of(rule, None, "none", verdict))
    elif person.was_anothers:
        # Their record may say what this address cannot: that they do not want mail.
        decision.lines.append(_line_of(rule, None, "none", "former_address"))
    elif any(entity != rule.entity for entity in others):
        decision.lines.append(_line_of(rule, None, "none", "other_kind"))
    else:
        try:
            made = decision.crm_creates[0] if decision.crm_creates else newcomer(person, rule, rules)
        except Refusal as refusal:
            decision.lines.append(_line_of(rule, None, "none", refusal.reason, refusal.detail))
            return
        decision.crm_creates = [made]
        join = CrmJoin(rule.list_id, made.entity, made.record_id, made.name)
        decision.crm_joins = [*decision.crm_joins, join]


def _line(rule: ListRule, record: CrmFacts, action: Action, reason: str, detail: str = "") -> Line:
    return Line(rule.list_id, record.entity, record.record_id, record.name, action, reason, detail)


def _line_of(rule: ListRule, record: CrmFacts | None, action: Action, reason: str, detail: str = "") -> Line:
    """The line of somebody who may have no record for this list."""
    if record is not None:
        return _line(rule, record, action, reason, detail)
    return Line(rule.list_id, rule.entity, "", "", action, reason, detail)
