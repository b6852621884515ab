"""Tells Dotdigital what was chosen in Dynamics: a no by bulk import, a yes one by one.

A no that arrives late or twice does no harm. Before a yes both sides are asked once more what was chosen,
and the person is decided about by what they say then.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from syncline.consent import ledger
from syncline.dotdigital import IMPORT_MAX_ROWS, ImportReport, ImportRow, NotFound, PreferenceChoice, Rejected
from syncline.ledger import batches, outcomes
from syncline.ledger.models import Batch
from syncline.people import store
from syncline.people.store import choices
from syncline.people.store.choices import NO, WORDS, YES, Chosen
from syncline.syncs.consent.changes import Change, Decision, Kind
from syncline.syncs.consent.decide import mailed
from syncline.syncs.consent.imports import Carried, carry, keep, not_refused_before
from syncline.syncs.consent.pages import decide_about, decide_page
from syncline.syncs.consent.suppress import why
from syncline.syncs.consent.telling import outcome_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.parts import Parts, hold
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.preferences.read_choices import stage_choices
from syncline.syncs.preferences.read_rows import read_rows_of

YESES: Final = "choose_yes"
"""A batch for each person."""


class Owed(msgspec.Struct, frozen=True):
    """What one contact is to have chosen."""

    key: str
    contact_id: int
    address: str
    """The one that Dotdigital has."""
    changes: tuple[Change, ...]
    tried: bool = False
    """It may have arrived already."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Owed).decode


def choose_in_dotdigital(context: RunContext, setting: Setting) -> Next | None:
    """A plan sends nothing: it holds these changes with the others."""
    if context.run.plan_only:
        return None
    unsent = batches.first(context.run, YESES, batches.INTENDED)
    if unsent is not None:
        _choose_yes(context, setting, unsent)
        return More()
    return carry(context, setting, CHOOSING_NO)


def _gather(context: RunContext, setting: Setting) -> bool:
    page = decide_page(context, setting, context.position.get("outward_after", ""), IMPORT_MAX_ROWS)
    if not page.keys:
        return False
    free = set(not_refused_before(context, [one.key for one in page.decisions]))
    wanted = [one for one in page.decisions if one.key in free]
    noes, yeses = _owed(context, wanted, NO), _owed(context, wanted, YES)
    with context.storing():
        keep(context, CHOOSING_NO, noes)
        for one in yeses:
            batches.store(context.run, YESES, _encode(one), 1)
        context.save_position(outward_after=page.keys[-1])
    return True


def _owed(context: RunContext, decisions: Iterable[Decision], value: int) -> list[Owed]:
    found = {one.key: chosen for one in decisions if (chosen := _chosen(one, value))}
    persons = store.persons(context.account.pk, list(found))
    return [Owed(key, persons[key][0], persons[key][1] or key, chosen) for key, chosen in found.items()]


def _chosen(decision: Decision, value: int) -> tuple[Change, ...]:
    return tuple(one for one in decision.changes if one.kind == Kind.CHOOSE and one.after == value)


def _rows(context: RunContext, payload: Sequence[Any]) -> list[ImportRow]:
    del context
    return [
        ImportRow(
            contact_id=one.contact_id,
            match="contactId",
            preferences=[(change.preference, False) for change in one.changes],
        )
        for one in _all(payload)
    ]


def _settle(context: RunContext, payload: Sequence[Any], report: ImportReport) -> None:
    """A contact may be among the updated and still have failed with what it chose."""
    faults = {fault.contact_id: fault for fault in report.failures}
    taken = {row.contact_id for row in (*report.created, *report.updated)} if report.succeeded else set()
    done = [one for one in _all(payload) if one.contact_id in taken and one.contact_id not in faults]
    refused = {
        one: why(faults.get(one.contact_id), report.status) for one in _all(payload) if one not in done
    }
    _remember(context, done)
    _hold(context, refused)


def _all(payload: Sequence[Any]) -> list[Owed]:
    return msgspec.convert(payload, list[Owed])


def _choose_yes(context: RunContext, setting: Setting, batch: Batch) -> None:
    """One person. What is not sent here is decided about by the next run."""
    owed = _decode(bytes(batch.payload))
    now = _choices_now(context, owed)
    with context.storing():
        stage_choices(context, now or [])
    (person,) = store.load(context.account.pk, [], [owed.key])
    read_rows_of(context, mailed(person))
    said = {one.preference for one in now or [] if one.contact_id == owed.contact_id and one.chosen}
    arrived = tuple(one for one in owed.changes if owed.tried and one.preference in said)
    (fresh,) = decide_about(context, setting, [owed.key])
    asked = {one.preference for one in owed.changes}
    wanted = tuple(one for one in _chosen(fresh, YES) if one.preference in asked and now is not None)
    refusal = _send(context, batch, replace(owed, changes=wanted)) if wanted else ""
    with context.storing():
        _tell(context, [replace(owed, changes=arrived)])
        if refusal:
            _hold(context, {replace(owed, changes=wanted): refusal})
        else:
            _remember(context, [replace(owed, changes=wanted)])
        batches.settle(batch)
        context.show("Telling Dotdigital what people chose")


def _choices_now(context: RunContext, owed: Owed) -> list[PreferenceChoice] | None:
    """None: Dotdigital no longer has the contact."""
    try:
        return context.dotdigital.choices_of(owed.address)
    except NotFound:
        return None


def _send(context: RunContext, batch: Batch, owed: Owed) -> str:
    """Why it was refused; empty where it went through. That it is tried is stored before, for its answer may
    be lost.
    """
    with context.storing():
        batch.payload = _encode(replace(owed, tried=True))
        batch.save(update_fields=["payload"])
    try:
        context.dotdigital.choose(owed.contact_id, [(one.preference, True) for one in owed.changes])
    except (Rejected, NotFound) as error:
        return str(error)
    return ""


def _remember(context: RunContext, done: Sequence[Owed]) -> None:
    """From this moment on Dotdigital says so, here as well. What follows in Dynamics is decided next."""
    at = context.now()
    rows = [(one.key, change) for one in done for change in one.changes]
    choices.save_told(
        context.account.pk,
        [Chosen(key, change.preference, change.after, int(at.timestamp() * 1000)) for key, change in rows],
    )
    ledger.record(
        ledger.Change(
            context.account.pk,
            key,
            at,
            ledger.What.PREFERENCE,
            WORDS[change.before],
            WORDS[change.after],
            ledger.Source.SYNC,
            evidence={"preference": change.preference},
            run_id=context.run.pk,
        )
        for key, change in rows
    )
    _tell(context, done)


def _tell(context: RunContext, done: Sequence[Owed]) -> None:
    parts = Parts(context, {})
    rows = [outcome_of(parts, one.key, change) for one in done for change in one.changes]
    outcomes.record(context.run, rows, context.now())


def _hold(context: RunContext, refused: Mapping[Owed, str]) -> None:
    """They are not tried again before something about them changes, or somebody replays them."""
    parts = Parts(context, {})
    rows = [
        outcome_of(parts, one.key, change, "rejected", detail=words)._replace(reason="refused_by_dotdigital")
        for one, words in refused.items()
        for change in one.changes
    ]
    outcomes.record(context.run, rows, context.now())
    hold(context, context.run.sync_type, rows)
    store.settle_due(context.account.pk, context.run.sync_type, [one.key for one in refused])


CHOOSING_NO: Final = Carried("choose_no", "Telling Dotdigital what people chose", _gather, _rows, _settle)
