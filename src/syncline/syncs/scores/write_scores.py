"""Gives contacts and leads their scores: a page of people a step.

A write is the same when repeated, so a page whose worker died is simply decided and written once more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from syncline.dataverse import RowOutcome
from syncline.ledger import outcomes, plans
from syncline.ledger.models import Purpose
from syncline.ledger.outcomes import PLANNED, OutcomeRow
from syncline.people import store
from syncline.people.store.scores import keep_scores_written, scores, scores_written
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.approved import CHANGED
from syncline.syncs.marketing_lists.parts import hold, let_go, refused
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.record_updates import RecordUpdate, update_records
from syncline.syncs.scores.decide import Change, Decision, decide

PAGE: Final = 1000
"""People a step."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Decision).decode
_columns = msgspec.json.Decoder(dict[str, Any]).decode

Told = Sequence[tuple[str, Change, RowOutcome]]


class Page(NamedTuple):
    keys: list[str]
    decisions: list[Decision]
    left_out: Sequence[Decision] = ()
    """What a plan held for people whose scores or records have changed since: told, and not written."""


def write_scores(context: RunContext, setting: Setting) -> Next | None:
    """One page."""
    del setting
    page = _page(context, context.position.get("inward_after", ""))
    if not page.keys:
        return None
    if context.run.plan_only:
        _keep_plan(context, page)
        return More()
    told = _write(context, [(one.key, change) for one in page.decisions for change in one.changes])
    wait_s = max((answer.after_s or 5.0 for _, _, answer in told if answer.state == "deferred"), default=0.0)
    with context.storing():
        _settle(context, told)
        if not wait_s:
            _end_page(context, page, told)
        context.show("Giving contacts and leads their scores", context.run.progress_done + len(page.keys))
    # What was put off is decided again when the page is done once more.
    return Wait(wait_s) if wait_s else More()


def _page(context: RunContext, after: str) -> Page:
    """The next people. A run that carries out a plan lets through only what was approved."""
    run = context.run
    if run.purpose != Purpose.EXECUTE or run.subject is None:
        keys = store.due_page(run.account_id, run.sync_type, after, PAGE)
        return Page(keys, _decide(context, keys))
    planned = {key: _decode(payload) for key, payload in plans.items_after(run.subject, after, PAGE)}
    fresh = _decide(context, list(planned))
    kept = [one for one in fresh if _as_approved(one).items() <= _as_approved(planned[one.key]).items()]
    within = {one.key for one in kept}
    return Page(list(planned), kept, [one for key, one in planned.items() if key not in within])


def _as_approved(decision: Decision) -> dict[str, str]:
    """Record → what it would be given. Whatever else has changed in it, its name say, may have."""
    return {change.record_id: _text(change.columns) for change in decision.changes}


def _decide(context: RunContext, keys: Sequence[str]) -> list[Decision]:
    account_id = context.account.pk
    people = {person.key: person for person in store.load(account_id, [], keys)}
    scored = scores(account_id, keys)
    ids = [record.record_id for person in people.values() for record in person.records]
    written = {record_id: _columns(text) for record_id, text in scores_written(account_id, ids).items()}
    tables = context.position["our_tables"]
    return [decide(people[key], scored.get(key), written, tables) for key in keys]


def _keep_plan(context: RunContext, page: Page) -> None:
    rows = [_outcome(one.key, change, PLANNED) for one in page.decisions for change in one.changes]
    with context.storing():
        outcomes.record(context.run, rows, context.now())
        _count_unchanged(context, page.decisions)
        plans.store_items(context.run, [(one.key, _encode(one)) for one in page.decisions if one.changes])
        context.save_position(inward_after=page.keys[-1])


def _count_unchanged(context: RunContext, decisions: Sequence[Decision]) -> None:
    outcomes.count(context.run, Counter({(None, "unchanged"): sum(not one.changes for one in decisions)}))


def _write(context: RunContext, owed: Sequence[tuple[str, Change]]) -> Told:
    updates = [RecordUpdate(change.entity, change.record_id, change.columns) for _, change in owed]
    answers = update_records(context, updates)
    return [(key, change, answer) for (key, change), answer in zip(owed, answers, strict=True)]


def _settle(context: RunContext, told: Told) -> None:
    done = [(key, change) for key, change, answer in told if answer.state == "done"]
    rejected = [
        refused(_outcome(key, change, "rejected"), answer)
        for key, change, answer in told
        if answer.state == "rejected"
    ]
    keep_scores_written(
        context.account.pk, [(change.record_id, key, _text(change.columns)) for key, change in done]
    )
    outcomes.record(
        context.run, [*(_outcome(key, change, "updated") for key, change in done), *rejected], context.now()
    )
    hold(context, context.run.sync_type, rejected)


def _text(columns: Mapping[str, Any]) -> str:
    return _encode(columns).decode()


def _end_page(context: RunContext, page: Page, told: Told) -> None:
    account_id, sync_type = context.account.pk, context.run.sync_type
    _count_unchanged(context, page.decisions)
    outcomes.record(context.run, [_left_out(one.key, one.changes[0]) for one in page.left_out], context.now())
    left_out = {one.key for one in page.left_out}
    store.make_due(account_id, sync_type, left_out)
    settled = [key for key in page.keys if key not in left_out]
    store.settle_due(account_id, sync_type, settled)
    rejected = {key for key, _, answer in told if answer.state == "rejected"}
    let_go(context, sync_type, [key for key in settled if key not in rejected])
    context.save_position(inward_after=page.keys[-1])


def _left_out(key: str, change: Change) -> OutcomeRow:
    return _outcome(key, change, "skipped")._replace(action="none", reason=CHANGED)


def _outcome(key: str, change: Change, result: str) -> OutcomeRow:
    fields = {column: [change.before.get(column), new] for column, new in change.columns.items()}
    return OutcomeRow(
        part_id=None,
        person_key=key,
        name=change.name,
        entity=change.entity,
        record_id=change.record_id,
        side="dynamics",
        result=result,
        action="update",
        fields=_text({column: both for column, both in fields.items() if both[0] != both[1]}),
        counts_as="updated" if result == PLANNED else result,
    )
