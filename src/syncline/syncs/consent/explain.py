"""Why? for the consent syncs: what the next one would do about somebody, by the decision that the sync itself
makes, and what leaves it nothing to do.
"""

from collections.abc import Sequence
from typing import Final

from syncline.people import store
from syncline.people.facts import MAILED, PersonFacts
from syncline.provisioning.consent_tables import OPT_IN_LABELS
from syncline.remote import RemoteError
from syncline.syncs.consent.changes import Change, Kind
from syncline.syncs.consent.decide import (
    Facts,
    Rules,
    decide_opt_in,
    decide_suppression,
    decide_unsubscriber,
    is_told_opt_in,
)
from syncline.syncs.consent.facts import facts_about, rules_of
from syncline.syncs.consent.opt_in_columns import held_in
from syncline.syncs.consent.rows import in_words
from syncline.syncs.consent.telling import CHOICES, IN_DOTDIGITAL
from syncline.syncs.explain_parts import (
    About,
    erased_gate,
    provisioned_gate,
    record_gate,
    record_words,
    told,
)
from syncline.syncs.marketing_lists.explain_gates import account_target, gate
from syncline.syncs.marketing_lists.explain_lists import list_target
from syncline.syncs.marketing_lists.explained import Asked, ListVerdict, SyncTold, ValueTold

_WRITTEN: Final[dict[Kind, tuple[str, object, object]]] = {
    Kind.MARK: ("Do Not Bulk Email", "No", "Yes"),
    Kind.UNMARK: ("Do Not Bulk Email", "Yes", "No"),
    Kind.RECORD: ("Suppression record", None, None),
    Kind.STRIKE: ("Suppression record", "kept", None),
    Kind.LEAVE: ("Member of the marketing list", "Yes", "No"),
    Kind.ENTER: ("On the CRM suppression list", "No", "Yes"),
    Kind.RELEASE: ("On the CRM suppression list", "Yes", "No"),
    Kind.SUPPRESS: ("Suppressed", "No", "Yes"),
}
"""Each change for people: what is written, before and after. Of a suppression record the reason is told."""


def explain_suppressions(about: About) -> SyncTold:
    tables = _tables_gate(about, store.SUPPRESSIONS)
    rules = rules_of(about.account, about.setting, has_tables=tables.is_open)
    [facts] = facts_about(about.account, [about.person])
    decision = decide_suppression(facts, rules)
    is_concerned = bool(about.person.suppressed_for or facts.entries or facts.written or facts.marked)
    target = [account_target(about.account)]
    gates = [
        record_gate(about),
        gate(
            "marks_off",
            "Do Not Bulk Email follows a suppression",
            rules.marks,
            "The setting Update Do Not Bulk Email preference on Unsubscribers is off.",
            "Switch it on if contacts and leads should be marked.",
            target,
        ),
        gate(
            "crm_list_off",
            "The CRM suppression list takes part",
            rules.keeps_crm_list,
            "The setting Add Global Unsubscribers to CRM Suppression List is off.",
            "Switch it on if addresses should go to that list, and come from it.",
            target,
        ),
        tables,
        _elsewhere_gate(facts),
    ]
    nowhere = "Neither Dotdigital's suppression list nor that of Dynamics has this address, as far as read."
    values = values_told(about, decision.changes)
    return told(about, store.SUPPRESSIONS, gates, values, unconcerned="" if is_concerned else nowhere)


def _elsewhere_gate(facts: Facts) -> Asked:
    """Only who would otherwise be given back their mark or their place off the list is kept by it."""
    keeps = facts.suppressed_elsewhere and not facts.person.suppressed_for
    return gate(
        "suppressed_elsewhere",
        "No other account on this environment suppresses the address",
        not keeps,
        "Another account on the same environment suppresses the address, so Do Not Bulk Email and the CRM "
        "suppression list stay as they are.",
    )


def explain_unsubscribers(about: About) -> SyncTold:
    tables = _tables_gate(about, store.UNSUBSCRIBERS)
    rules = rules_of(about.account, about.setting, has_tables=tables.is_open)
    [facts] = facts_about(about.account, [about.person], about.setting.list_ids)
    decision = decide_unsubscriber(facts, rules)
    left = {list_id for list_id, place in about.person.places.items() if place.status == "suppressed"}
    gates = [record_gate(about), tables]
    lists = [_list_verdict(about, rules, decision.changes, list_id) for list_id in sorted(left)]
    values = values_told(about, decision.changes)
    unconcerned = (
        "" if left or values else "They have left none of the lists that are synced, as far as read."
    )
    return told(about, store.UNSUBSCRIBERS, gates, values, lists, unconcerned=unconcerned)


def _list_verdict(about: About, rules: Rules, changes: Sequence[Change], list_id: int) -> ListVerdict:
    """What becomes of one list that the person has left."""
    row = next(row for row in about.setting.lists if row.pk == list_id)
    kinds = {change.kind for change in changes if change.list_id == list_id}
    code, verdict, reason = "agreed", "in step", ""
    if list_id not in rules.lists:
        code, verdict = "list_left_out", "left as it is"
        reason = row.problem or "The list is left out of the sync at the moment."
    elif Kind.LEAVE in kinds:
        code, verdict = "leaves", "would be taken out of the marketing list"
    elif row.dynamic:
        code, verdict = "dynamic", "stays in the marketing list"
        reason = (
            "Who is in a dynamic list is decided by its query. The suppression record says that they left."
        )
    return ListVerdict(
        row.name, "", row.entity, verdict, list_id in rules.lists, code, reason, "",
        [list_target(row)],
    )  # fmt: skip


def explain_opt_in(about: About) -> SyncTold:
    person = about.person
    column = provisioned_gate(about, store.OPT_IN, "Dynamics has the column Opt-in Type", "no_opt_in_column")
    gates = [
        erased_gate(about),
        record_gate(about),
        column,
    ]
    facts = Facts(person)
    unsure = ""
    if not _no_opt_in(person) and all(one.is_open for one in gates):
        try:
            rows = [(record.entity, record.record_id) for record in about.records]
            facts.held = held_in(about.dataverse(), MAILED, rows)
        except RemoteError as error:
            unsure = f"Dynamics could not be asked what it holds: {error}."
    decision = decide_opt_in(facts, rules_of(about.account, about.setting, has_tables=True))
    agreed = f"It is only ever raised, and Dynamics holds {'; '.join(_holds(about, facts))}."
    return told(
        about,
        store.OPT_IN,
        gates,
        values_told(about, decision.changes),
        unconcerned=_no_opt_in(person),
        agreed=agreed if facts.held else "",
        unsure=unsure,
    )


def _no_opt_in(person: PersonFacts) -> str:
    """Why there is no opt-in type to carry over; empty where there is."""
    if person.contact_id is None:
        return "Dotdigital has no contact with this address that is known."
    if is_told_opt_in(person):
        return ""
    if person.opt_in:
        return f"The column has no value for Dotdigital's opt-in type {person.opt_in}."
    return "Dotdigital has told no opt-in type that Syncline has read."


def _holds(about: About, facts: Facts) -> list[str]:
    return [
        f"{OPT_IN_LABELS.get(now.opt_in, now.opt_in)} on {record_words(one.entity, one.name, one.record_id)}"
        for one in about.records
        if (now := facts.held.get(one.record_id))
    ]


def _tables_gate(about: About, key: str) -> Asked:
    return provisioned_gate(about, key, "Dynamics has the tables of suppressions", "no_consent_tables")


def values_told(about: About, changes: Sequence[Change]) -> list[ValueTold]:
    names = {row.pk: row.name for row in about.setting.lists}
    return [_value(change, names.get(change.list_id, "")) for change in changes]


def _value(change: Change, list_name: str) -> ValueTold:
    where = "Dotdigital" if change.kind in IN_DOTDIGITAL else "Dynamics"
    if change.entity:
        where = record_words(change.entity, change.name, change.record_id)
    if list_name:
        where = f"{where}, {list_name}"
    if change.kind == Kind.RAISE:
        return ValueTold("Opt-in Type", OPT_IN_LABELS.get(change.before), OPT_IN_LABELS[change.after], where)
    if change.kind in {Kind.CHOOSE, Kind.KEEP}:
        return ValueTold(change.label, CHOICES[change.before], CHOICES[change.after], where)
    field, old, new = _WRITTEN[change.kind]
    return ValueTold(field, old, in_words(change.reason) if change.kind == Kind.RECORD else new, where)
