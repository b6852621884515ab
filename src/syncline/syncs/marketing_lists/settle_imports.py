"""What became of each import: its report is read, and every record in it gets its outcome.

`Finished` does not mean that every row was taken. An import refused as a whole is halved until only the bad
records are left.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from syncline.dotdigital import ImportFailure, ImportReport, NotFound
from syncline.ledger import batches, outcomes
from syncline.ledger.models import Batch
from syncline.ledger.outcomes import OutcomeRow
from syncline.people import store
from syncline.syncs import read_ahead
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.decisions import Decision, decode_decisions, encode_decisions
from syncline.syncs.marketing_lists.parts import (
    Parts,
    fields_of,
    hold,
    let_go,
    lost_of,
    membership_of,
    result_of_idle,
    settled_keys,
)
from syncline.syncs.marketing_lists.read_contacts import forget_contacts
from syncline.syncs.marketing_lists.setting import Setting

MOST_NARROWINGS: Final = 15
"""Halving 10,000 rows down to one takes 14 rounds."""

MOST_IMPORTS_FOR_NARROWING: Final = 200
"""A run stops narrowing after so many extra imports, and holds what is left: a list that is bad throughout
must not cost a call a record."""

SYNC_TYPE: Final = "lists_out"

_LIST_FAULTS: Final = frozenset({"invalidaddressbookids"})
_UNKNOWN_CONTACT: Final = frozenset({"invalidcontactid"})
_SIDE_FAULTS: Final = frozenset({"consentrecordsnotapplied"}) | _LIST_FAULTS
"""Faults of what came with a contact; the contact itself was stored."""


def look_ahead(context: RunContext, under_way: list[Batch]) -> None:
    """Begin to read the reports that are due, while something else is decided."""
    now = context.now()
    for batch in under_way:
        if batch.next_look_at and batch.next_look_at <= now:
            read_ahead.start(context.account.pk, batch.remote_id, context.dotdigital.import_report)


def settle_due(context: RunContext, setting: Setting, under_way: list[Batch]) -> Next:
    """Look at the import whose turn it is, or wait until one is due."""
    now = context.now()
    wait_s = batches.seconds_until_look(under_way, now)
    if wait_s > 0:
        return Wait(wait_s)
    batch = batches.next_to_look_at(under_way)
    try:
        fetch = context.dotdigital.import_report
        report = read_ahead.page_at(context.account.pk, batch.remote_id, fetch, lambda _: None)
    except NotFound:
        # Dotdigital has forgotten the import. Sending it again is harmless, not knowing its outcome is not.
        batches.send_again(batch)
        return More()
    if not report.finished:
        batches.look_later(batch, now)
        return More()
    with context.storing():
        _settle(context, setting, batch, report)
    return More()


def _settle(context: RunContext, setting: Setting, batch: Batch, report: ImportReport) -> None:
    decisions = decode_decisions(bytes(batch.payload))
    match report.status:
        case "Finished":
            _settle_rows(context, setting, batch, decisions, report)
        case "ExceedsAllowedContactLimit":
            _settle_over_limit(context, setting, batch, decisions)
        case _:
            _narrow(context, setting, batch, decisions, report.status)
    batches.settle(batch)
    context.show_settled("Dotdigital is working through the imports")


def _narrow(
    context: RunContext, setting: Setting, batch: Batch, decisions: list[Decision], status: str
) -> None:
    """Halve an import that was refused as a whole, or hold what cannot be halved any more."""
    spent = context.position.get("narrowings", 0)
    if len(decisions) == 1 or batch.narrowing >= MOST_NARROWINGS or spent >= MOST_IMPORTS_FOR_NARROWING:
        reason = "refused_as_a_whole" if status == "RejectedByWatchdog" else "refused_by_dotdigital"
        _reject(context, setting, decisions, reason, f"Import {batch.remote_id} ended as {status}.", status)
        return
    middle = len(decisions) // 2
    for half in (decisions[:middle], decisions[middle:]):
        batches.store(
            context.run, batch.kind, encode_decisions(half), len(half), narrowing=batch.narrowing + 1
        )
    context.save_position(narrowings=spent + 2)


def _settle_over_limit(
    context: RunContext, setting: Setting, batch: Batch, decisions: list[Decision]
) -> None:
    """New contacts have no room; those that Dotdigital knows already are sent again by themselves."""
    known = [decision for decision in decisions if decision.contact_id is not None]
    fresh = [decision for decision in decisions if decision.contact_id is None]
    if not fresh:
        _reject(context, setting, known, "contact_limit", "", "ExceedsAllowedContactLimit")
        return
    _reject(context, setting, fresh, "contact_limit", "", "ExceedsAllowedContactLimit")
    if known:
        batches.store(context.run, batch.kind, encode_decisions(known), len(known))


def _reject(
    context: RunContext, setting: Setting, decisions: list[Decision], reason: str, detail: str, code: str
) -> None:
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    rows = [row for decision in decisions for row in _rejected_rows(parts, decision, reason, detail, code)]
    outcomes.record(context.run, rows, context.now())
    hold(context, SYNC_TYPE, rows)
    store.untouch(context.account.pk, settled_keys(decisions))


def _rejected_rows(
    parts: Parts, decision: Decision, reason: str, detail: str, code: str
) -> Iterable[OutcomeRow]:
    fields, lost = fields_of(decision), lost_of(decision)
    for line in decision.lines:
        if line.action in {"create", "update"}:
            row = parts.outcome(decision.key, line, "rejected", reason=reason, detail=detail, code=code)
            yield row._replace(fields=fields, lost=lost)
        elif line.action == "none":
            yield parts.outcome(decision.key, line, result_of_idle(line))


def _settle_rows(
    context: RunContext, setting: Setting, batch: Batch, decisions: list[Decision], report: ImportReport
) -> None:
    fates = Fates(report)
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    rows: list[OutcomeRow] = []
    delivered: list[tuple[Decision, Fate]] = []
    deleted: list[Decision] = []
    for decision in decisions:
        fate = fates.of(decision)
        if fate.contact_id is not None:
            rows.extend(_stored_rows(parts, decision, fate))
            delivered.append((decision, fate))
            continue
        reason = "refused_by_dotdigital" if fate.fault else "not_in_report"
        if fate.fault is not None and _has_fault(fate.fault, _UNKNOWN_CONTACT):
            reason = "deleted_there"
            deleted.append(decision)
        detail = fate.fault.words if fate.fault else f"Import {batch.remote_id}."
        rows.extend(_rejected_rows(parts, decision, reason, detail, _code(fate.fault)))
    _remember(context, delivered)
    forget_contacts(context, [decision.key for decision in deleted])
    outcomes.record(context.run, rows, context.now())
    hold(context, SYNC_TYPE, rows)
    store.untouch(context.account.pk, settled_keys(decisions))
    let_go(context, SYNC_TYPE, [decision.key for decision, _ in delivered if not decision.is_owed])


class Fate(NamedTuple):
    """What an import's report says of one row."""

    contact_id: int | None
    """None where the contact was not stored."""
    created: bool
    fault: ImportFailure | None


class Fates:
    """A report's rows by address and by contact id: a row may be named by either."""

    def __init__(self, report: ImportReport) -> None:
        self._created = {row.email: row.contact_id for row in report.created}
        self._updated = {row.email: row.contact_id for row in report.updated}
        self._updated_ids = {row.contact_id for row in report.updated}
        self._faults = {fault.email: fault for fault in report.failures if fault.email}
        self._faults_by_id = {fault.contact_id: fault for fault in report.failures if fault.contact_id}

    def of(self, decision: Decision) -> Fate:
        key, contact_id = decision.key, decision.contact_id
        fault = self._faults.get(key) or self._faults_by_id.get(contact_id or 0)
        if fault is not None and not _was_stored(fault):
            return Fate(None, created=False, fault=fault)
        if key in self._created:
            return Fate(self._created[key], created=True, fault=fault)
        known = contact_id if contact_id in self._updated_ids else self._updated.get(key)
        return Fate(known, created=False, fault=fault)


def _stored_rows(parts: Parts, decision: Decision, fate: Fate) -> Iterable[OutcomeRow]:
    if fate.fault is not None and _has_fault(fate.fault, _LIST_FAULTS):
        # The contact was stored, the list was gone: nobody is in it.
        decision.joins = []
        return _rejected_rows(parts, decision, "book_gone", fate.fault.words, _code(fate.fault))
    return _delivered_rows(parts, decision, fate.created)


def _was_stored(fault: ImportFailure) -> bool:
    return all(reason.code.lower() in _SIDE_FAULTS for reason in fault.reasons)


def _has_fault(fault: ImportFailure, codes: frozenset[str]) -> bool:
    return any(reason.code.lower() in codes for reason in fault.reasons)


def _code(fault: ImportFailure | None) -> str:
    return fault.reasons[0].code if fault and fault.reasons else ""


def _delivered_rows(parts: Parts, decision: Decision, was_created: bool) -> Iterable[OutcomeRow]:
    """One outcome a line. The values are shown with the first line that carries them."""
    fields, lost = fields_of(decision), lost_of(decision)
    for line in decision.lines:
        if line.action in {"create", "update"}:
            result, joined = "created" if was_created else "updated", membership_of(decision, line)
            yield parts.outcome(decision.key, line, result, fields=fields, membership=joined, lost=lost)
            fields = lost = "{}"
        elif line.action == "none":
            yield parts.outcome(decision.key, line, result_of_idle(line))


def _remember(context: RunContext, delivered: list[tuple[Decision, Fate]]) -> None:
    """What Dotdigital now holds, and what both sides therefore agree on."""
    account_id, run_id = context.account.pk, context.run.pk
    known = store.persons(account_id, [decision.key for decision, _ in delivered])
    people: list[tuple[Any, ...]] = []
    places: list[tuple[int, str, str, bool, int]] = []
    for decision, fate in delivered:
        person = known.get(decision.key)
        agreed = store.to_json(dict(sorted(decision.agreed.items())))
        if person is None and decision.agreed == decision.send:
            remote, status = agreed, "subscribed" if fate.created else ""
        else:
            remote, status = _remote_after(decision, person, fate.created)
        people.append((account_id, decision.key, fate.contact_id, "", status, remote, agreed))
        places += [
            (list_id, decision.key, "subscribed", True, run_id)
            for list_id in (*decision.joins, *decision.confirmed)
        ]
    store.save_persons(people)
    store.save_places(places)


def _remote_after(decision: Decision, person: tuple[Any, ...] | None, was_created: bool) -> tuple[str, str]:
    values = msgspec.json.decode(person[3]) if person and person[3] != "{}" else {}
    values |= decision.send
    kept = {label: value for label, value in sorted(values.items()) if value is not None}
    status = person[2] if person and person[2] else ("subscribed" if was_created else "")
    return store.to_json(kept), status
