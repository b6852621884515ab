"""Why somebody is or is not synced: the same decision that a sync would make, told in words. Writes nothing.

It works for people who were never sent as well: what Syncline has not read yet is asked of Dynamics and
Dotdigital. Where one of them cannot be reached, the rest is told all the same.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from syncline.accounts.clients import dataverse_for_questions, dotdigital_for_questions
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.dotdigital import Dotdigital
from syncline.ledger.models import Held, Outcome
from syncline.people import store
from syncline.people.facts import CrmFacts, CrmFlag, PersonFacts, person_key
from syncline.syncs.consent.explain import explain_opt_in, explain_suppressions, explain_unsubscribers
from syncline.syncs.explain_parts import About
from syncline.syncs.marketing_lists.ask_vendors import ask_dotdigital, ask_dynamics
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.explain_gates import account_gate, consent_gates, first_shut, gate
from syncline.syncs.marketing_lists.explain_lists import (
    Lists,
    inward_lists,
    inward_values,
    membership_gate,
    outward_lists,
    outward_values,
)
from syncline.syncs.marketing_lists.explained import (
    Asked,
    Explanation,
    HeldTold,
    LastTold,
    ListVerdict,
    RecordTold,
    SyncTold,
    Target,
)
from syncline.syncs.marketing_lists.people_page import gather_rules
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.preferences.explain import explain_preferences
from syncline.syncs.reasons import REASONS, words
from syncline.syncs.scores.explain import explain_scoring

RECENT: Final = 10
"""Outcomes shown."""

INTO_RECORDS: Final[tuple[Callable[[About], SyncTold], ...]] = (
    explain_suppressions,
    explain_unsubscribers,
    explain_opt_in,
    explain_preferences,
    explain_scoring,
)
"""The syncs beside the list syncs, in the order in which they are told."""

_MARKS: Final = (
    (CrmFlag.DO_NOT_BULK_EMAIL, "Do Not Bulk Email"),
    (CrmFlag.DO_NOT_EMAIL, "Do Not Email"),
    (CrmFlag.INACTIVE, "not active"),
)


def explain(
    account: EmailAccount,
    address: str,
    dataverse: Callable[[EmailAccount], Dataverse] = dataverse_for_questions,
    dotdigital: Callable[[EmailAccount], Dotdigital] = dotdigital_for_questions,
) -> Explanation:
    """Everything that bears on one address. Asks a vendor only what has not been read yet, and no more than
    all questions together may.
    """
    key = person_key(address, "")
    setting = Setting(account)
    [person] = store.load(account.pk, setting.list_ids, [key])
    records_read, contact_read = bool(person.records), bool(person.status)
    unasked = [
        "" if records_read else ask_dynamics(person, setting, partial(dataverse, account)),
        "" if contact_read else ask_dotdigital(person, setting, partial(dotdigital, account)),
    ]
    decision, _ = decide(person, gather_rules(account, setting, [person]))
    lists = {row.pk: row for row in setting.lists}
    consent = consent_gates(person)
    about = About(account, setting, person, partial(dataverse, account))
    syncs = [
        _out(account, person, decision, consent, lists, unasked[0]),
        _in(account, person, decision, consent, lists, unasked[1]),
        *(tell(about) for tell in INTO_RECORDS),
    ]
    return Explanation(
        address=key,
        records=[_record(record, lists, was_read=records_read) for record in person.records],
        dotdigital=_contact(person, was_read=contact_read, could_ask=not unasked[1]),
        consent=consent,
        syncs=[replace(told, last=_last(account, told.key, key)) for told in syncs],
        becomes=decision.crm_creates[0].entity if decision.crm_creates else "",
        waits=store.is_touched(account.pk, key),
        held=[_held(row) for row in _held_rows(account, key)],
        recent=_recent(account, key),
        unasked=[words for words in unasked if words],
    )


def _out(
    account: EmailAccount,
    person: PersonFacts,
    decision: Decision,
    consent: list[Asked],
    lists: Lists,
    unasked: str,
) -> SyncTold:
    """The way of a member of a marketing list to Dotdigital."""
    is_known = gate(
        "not_in_dynamics",
        "Dynamics has a record with this address",
        bool(person.records),
        unasked or "No contact, lead or account has this address.",
        "Enter the address in Dynamics, or look for a spelling of it there.",
    )
    gates = [account_gate(account), is_known, *consent, membership_gate(person, lists)]
    told = outward_lists(account, person, decision, lists)
    conclusion = _conclusion(gates, told, "Synced: every gate is open.", unasked)
    return SyncTold("lists_out", conclusion, gates, told, outward_values(decision))


def _in(
    account: EmailAccount,
    person: PersonFacts,
    decision: Decision,
    consent: list[Asked],
    lists: Lists,
    unasked: str,
) -> SyncTold:
    """The way back: what Dotdigital holds of the person, into Dynamics."""
    is_known = gate(
        "not_in_dotdigital",
        "Dotdigital has a contact with this address",
        bool(person.status),
        unasked or "Dotdigital does not know this address.",
    )
    gates = [account_gate(account), is_known, *consent]
    told = inward_lists(account, person, decision, lists)
    values = inward_values(decision)
    nothing = "Nothing would come back: Dotdigital has no newer value, and no list to let the person into."
    would = "Would come back into Dynamics: see below." if values else nothing
    conclusion = _conclusion(gates, told, would, unasked)
    return SyncTold("lists_in", conclusion, gates, told, values)


def _conclusion(gates: list[Asked], told: list[ListVerdict], otherwise: str, unasked: str) -> str:
    shut = first_shut(gates)
    if shut is not None:
        return (
            f"Cannot be told for certain. {unasked}" if unasked == shut.words else f"Not synced. {shut.words}"
        )
    if told and not any(one.passes for one in told):
        return f"Left out. {told[0].list_name}: {told[0].reason}"
    if any(one.code in {"known_contact", "new_person"} for one in told):
        return "Would be let into a marketing list with the next sync."
    return otherwise


def _record(record: CrmFacts, lists: Lists, *, was_read: bool) -> RecordTold:
    return RecordTold(
        entity=record.entity,
        record_id=record.record_id,
        name=record.name,
        marks=[words for flag, words in _MARKS if record.flags & flag],
        lists=[lists[list_id].name for list_id in record.lists if list_id in lists],
        was_read=was_read,
    )


def _contact(person: PersonFacts, *, was_read: bool, could_ask: bool) -> str:
    if not person.status:
        return (
            "not known to Dotdigital"
            if could_ask
            else "not known to Syncline, and Dotdigital was not reached"
        )
    places = [place.status for place in person.places.values()]
    suppressed = f", suppressed: {person.suppressed_for}" if person.suppressed_for else ""
    read = "" if was_read else ", not read by a sync yet"
    lists = places.count("subscribed")
    return f"contact {person.contact_id}, {person.status}{suppressed}, in {lists} of our lists{read}"


def _held_rows(account: EmailAccount, key: str) -> list[Held]:
    return list(Held.objects.filter(account=account, person_key=key).select_related("run"))


def _held(row: Held) -> HeldTold:
    entry = REASONS.get(row.reason)
    run = Target("run", f"Run {row.run.pk}", str(row.run.key)) if row.run else None
    return HeldTold(
        sync_type=row.sync_type,
        reason=words(row.reason),
        remedy=entry.remedy if entry else "",
        detail="" if row.detail == words(row.reason) else row.detail,
        since=row.since,
        run=run,
    )


def _last(account: EmailAccount, sync_type: str, key: str) -> LastTold | None:
    rows = Outcome.objects.filter(run__account=account, run__sync_type=sync_type, person_key=key)
    row = rows.select_related("run").order_by("-pk").first()
    if row is None:
        return None
    detail = " ".join(filter(None, [words(row.reason) if row.reason else "", row.detail]))
    return LastTold(row.at, row.result, detail, Target("run", f"Run {row.run_id}", str(row.run.key)))


def _recent(account: EmailAccount, key: str) -> list[Outcome]:
    rows = Outcome.objects.filter(run__account=account, person_key=key)
    return list(rows.select_related("run", "part").order_by("-pk")[:RECENT])
