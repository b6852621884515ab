"""Carries out what a consent sync decides in Dynamics: a page of people a step."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from syncline.consent import in_dynamics, ledger, suppressions
from syncline.consent.in_dynamics import Written
from syncline.people import store
from syncline.people.facts import CrmFlag
from syncline.syncs.consent.changes import Change, Decision, Kind
from syncline.syncs.consent.facts import on_same_environment
from syncline.syncs.consent.pages import Page, decide_page
from syncline.syncs.consent.rows import SUPPRESSED_EMAIL_TABLE
from syncline.syncs.consent.settling import Told, count_unchanged, keep_plan, tell_answers, tell_left_out
from syncline.syncs.consent.telling import entry_of
from syncline.syncs.consent.write_dynamics import WRITES, write
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.marketing_lists.parts import Parts, let_go
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 1000
"""People a step."""


def write_dynamics(context: RunContext, setting: Setting) -> Next | None:
    """One page of people: what Dynamics has to be told about each."""
    page = decide_page(context, setting, context.position.get("inward_after", ""), PAGE)
    if not page.keys:
        return None
    parts = Parts(context, {row.pk: row.name for row in setting.lists})
    if context.run.plan_only:
        keep_plan(context, parts, page)
        return More()
    owed = [(one.key, change) for one in page.decisions for change in one.changes if change.kind in WRITES]
    told = write(context, setting, owed)
    wait_s = max((answer.after_s or 5.0 for _, _, answer in told if answer.state == "deferred"), default=0.0)
    with context.storing():
        _settle(context, parts, told)
        if not wait_s:
            _end_page(context, parts, page, told)
        context.show("Telling Dynamics", context.run.progress_done + len(page.keys))
    # What was put off is decided again when the page is done once more.
    return Wait(wait_s) if wait_s else More()


def _end_page(context: RunContext, parts: Parts, page: Page, told: Told) -> None:
    account_id, sync_type = context.account.pk, context.run.sync_type
    count_unchanged(context, page.decisions)
    left_out = tell_left_out(context, parts, page)
    in_dynamics.mark_told(account_id, sorted(suppressions.among(account_id, page.keys)))
    store.settle_due(account_id, sync_type, [key for key in page.keys if key not in left_out])
    let_go(context, sync_type, _through(page.decisions, told))
    context.save_position(inward_after=page.keys[-1])


def _through(decisions: Iterable[Decision], told: Told) -> list[str]:
    """Those of whom nothing is owed to either side any more. What Dotdigital was owed went before this."""
    refused = {key for key, _, answer in told if answer.state == "rejected"}
    return [
        one.key
        for one in decisions
        if one.key not in refused and all(change.kind in WRITES for change in one.changes)
    ]


def _settle(context: RunContext, parts: Parts, told: Told) -> None:
    done = [(key, change) for key, change, answer in told if answer.state == "done"]
    _remember(context, done)
    ledger.record(change for key, one in done for change in entry_of(context, key, one))
    tell_answers(context, parts, told)


def _remember(context: RunContext, done: Sequence[tuple[str, Change]]) -> None:
    """Keep what Dynamics holds by now, so that a second run has nothing to do."""
    account_id = context.account.pk
    _keep_written(context, [(key, one) for key, one in done if one.kind in {Kind.MARK, Kind.RECORD}])
    for key, change in done:
        match change.kind:
            case Kind.UNMARK:
                in_dynamics.clear_marks(on_same_environment(context.account), [change.record_id])
            case Kind.STRIKE:
                in_dynamics.strike(account_id, key, change.record_id, change.list_id)
            case Kind.LEAVE:
                store.drop_member(change.list_id, change.record_id)
    entered = [
        (derived_id(context.account, SUPPRESSED_EMAIL_TABLE, key), key, True)
        for key, one in done
        if one.kind == Kind.ENTER
    ]
    in_dynamics.keep_entries(account_id, entered, context.run.pk, told=True)
    in_dynamics.drop_entries(account_id, [one.record_id for _, one in done if one.kind == Kind.RELEASE])
    _mirror_marks(context, done)


def _keep_written(context: RunContext, done: Sequence[tuple[str, Change]]) -> None:
    keys = sorted({key for key, _ in done})
    list_ids = {change.list_id for _, change in done}
    known = {
        (row.person_key, row.record_id, row.list_id): row
        for row in in_dynamics.written_about(context.account.pk, keys, list_ids)
    }
    for key, change in done:
        at = (key, change.record_id, change.list_id)
        before = known.get(at)
        known[at] = Written(
            *at,
            entity=change.entity,
            reason=change.reason,
            since=datetime.fromisoformat(change.since) if change.since else context.now(),
            recorded=change.kind == Kind.RECORD or bool(before and before.recorded),
            marked=change.kind == Kind.MARK or bool(before and before.marked),
        )
    written = {(key, change.record_id, change.list_id) for key, change in done}
    in_dynamics.keep_written(context.account.pk, [known[at] for at in written])


def _mirror_marks(context: RunContext, done: Sequence[tuple[str, Change]]) -> None:
    """The mark counts from this moment on, also for the lists, and its echo is no change."""
    for kind in (Kind.MARK, Kind.UNMARK):
        rows = [(change.entity, change.record_id) for _, change in done if change.kind == kind]
        store.set_mark(context.account.pk, rows, CrmFlag.DO_NOT_BULK_EMAIL, on=kind == Kind.MARK)
    store.touch(
        context.account.pk,
        {key for key, change in done if change.kind in {Kind.MARK, Kind.UNMARK, Kind.LEAVE}},
    )
