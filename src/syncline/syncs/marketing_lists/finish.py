"""The end of a run: everything read has been settled, so the cursors move, and each list is told how it
went.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from syncline.ledger import cursors
from syncline.ledger.models import RunPart, RunStatus, Trigger
from syncline.lists.models import MarketingList
from syncline.lists.use import put_to_rest
from syncline.people import store
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.parts import IN, OUT, audit_type_of, writes_out
from syncline.syncs.marketing_lists.set_aside import source
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.marketing_lists.tell_dynamics import is_news, tell_dynamics, words
from syncline.syncs.messages import Told, tell

LARGE: Final = 10_000
"""Members from which counting a list's audience, 4 µs of CPU each, may cost as much as the rest of a run."""
AUDIENCE_STANDS_FOR: Final = timedelta(days=1)


def finish(context: RunContext, setting: Setting) -> Next | None:
    """Move the cursors, close the parts, then tell Dynamics how each list went."""
    if not context.position.get("closed"):
        with context.storing():
            _close_parts(context, setting)
            _say_what_is_wrong(context)
            news: list[int] = []
            if not context.run.plan_only:
                move_cursors(context, setting)
                news = _note_results(context, setting)
                _put_to_rest(context)
                if context.position.get("entered"):
                    store.forget_entered(context.account.pk)
            context.save_position(closed=True, news=news, audiences=_with_news(context, setting))
        return More()
    if context.position.get("audiences"):
        _count_audience(context, setting, context.position["audiences"][0])
        return More()
    if context.account.provisioned and not context.run.plan_only:
        return tell_dynamics(context, setting)
    return None


def move_cursors(context: RunContext, setting: Setting) -> None:
    set_aside = {source(row) for row in setting.lists if row.problem}
    for name, (token, fingerprint) in context.position.get("tokens", {}).items():
        if name not in set_aside:
            cursors.move(context.account, name, token, fingerprint)
    for marketing_list in setting.lists:
        mark = context.position.get("unsubscriber_marks", {}).get(str(marketing_list.pk))
        if mark:
            marketing_list.unsubscribed_since = mark
            marketing_list.save(update_fields=["unsubscribed_since"])


def _close_parts(context: RunContext, setting: Setting) -> None:
    """Every activated list has its row in the audit, also one about which there was nothing to do."""
    for marketing_list in setting.lists:
        if not setting.is_in_scope(marketing_list.pk):
            continue
        RunPart.objects.get_or_create(
            run=context.run,
            audit_type=audit_type_of(context.run),
            reference=marketing_list.pk,
            defaults={"name": marketing_list.name},
        )
    problems = {row.pk: row.problem for row in setting.lists if row.problem}
    notes = "\n".join([*_broken_mappings(setting), *context.position.get("notes", [])])
    # A list that is no longer there has been told about already.
    for part in context.run.parts.filter(audit_type__in=(OUT, IN)).exclude(status=RunStatus.FAILED):
        part.status, told = _end_of(part, problems.get(part.reference or 0, ""))
        if part.reference in setting.resting and told is not None and not part.read:
            told = tell("manual_only")
        if told is not None:
            part.message_code, part.message = told.code, told.text
        part.notes = notes
        part.save(update_fields=["status", "message_code", "message", "notes"])


def _end_of(part: RunPart, problem: str) -> tuple[RunStatus, Told | None]:
    if problem:
        return RunStatus.FAILED, Told("list_problem", problem, "")
    if part.rejected:
        return RunStatus.COMPLETED_WITH_ERRORS, tell("some_rejected", part.rejected, part.read)
    return RunStatus.COMPLETED, None if part.read else tell("nothing_new")


def _say_what_is_wrong(context: RunContext) -> None:
    """With lists that could not be synced the run says so; what was rejected is told by its counts."""
    failed = context.run.parts.filter(audit_type=audit_type_of(context.run), status=RunStatus.FAILED)
    first = failed.first()
    if first is None:
        return
    others = failed.count() - 1
    text = f"{first.name}: {first.message}" + (f" (and {others} more lists)" if others else "")
    told = tell("list_problem", text, "Open the run: each list says what is wrong with it.")
    run = context.run
    run.message_code, run.message, run.remedy = told.code, told.text, told.remedy
    run.save(update_fields=["message_code", "message", "remedy"])


def _broken_mappings(setting: Setting) -> list[str]:
    return [
        f"Mapping {one.entity}.{one.crm_field} ↔ {one.label} was left out: {one.reason}"
        for one in setting.broken
    ]


def _with_news(context: RunContext, setting: Setting) -> list[int]:
    """Lists whose audience may have changed, and those where it was never counted."""
    if context.run.plan_only:
        return []
    told = set(context.run.parts.filter(read__gt=0).values_list("reference", flat=True))
    return [
        row.pk
        for row in setting.lists
        if not _was_counted_lately(context, row)
        and (row.pk in told or row.audience.get("members") != store.count_members(row.pk))
    ]


def _was_counted_lately(context: RunContext, marketing_list: MarketingList) -> bool:
    """A large list is counted once a day at most, for what a run costs is to follow what has changed; but at
    once where somebody started the run, and will look.
    """
    counted: dict[str, Any] = marketing_list.audience
    if (
        context.run.trigger == Trigger.MANUAL
        or counted.get("members", 0) < LARGE
        or "counted_at" not in counted
    ):
        return False
    return context.now() - datetime.fromisoformat(counted["counted_at"]) < AUDIENCE_STANDS_FOR


def _count_audience(context: RunContext, setting: Setting, list_id: int) -> None:
    """Count one list: how many of its members would be mailed, and why the others not."""
    account = context.account
    row = next((one for one in setting.lists if one.pk == list_id), None)
    with context.storing():
        if row is not None:
            counts = store.audience(
                account.pk, row.pk, row.entity, only_open_and_active=account.only_open_and_active
            )
            told = {**counts, "counted_at": context.now().isoformat()}
            MarketingList.objects.filter(pk=row.pk).update(audience=told)
        context.save_position(audiences=context.position["audiences"][1:])


def _put_to_rest(context: RunContext) -> None:
    """Lists that nobody used for long: from now on only by hand. The list's row says so, and the run."""
    resting = put_to_rest(context.account, context.now())
    if not resting:
        return
    for row in resting:
        note = f"Not used since {row.used_at:%Y-%m-%d}: Manual Sync Only from now on."
        for part in context.run.parts.filter(reference=row.pk):
            part.notes = "\n".join(filter(None, [part.notes, note]))
            part.save(update_fields=["notes"])
    run = context.run
    if not run.message_code:
        told = tell("turned_manual", ", ".join(f"“{row.name}”" for row in resting))
        run.message_code, run.message, run.remedy = told.code, told.text, told.remedy
        run.save(update_fields=["message_code", "message", "remedy"])


def _note_results(context: RunContext, setting: Setting) -> list[int]:
    """Keep each list's last result. Returns the parts that there is news of.

    An in-run without news leaves the last result as it is: it would only hide what was last written.
    """
    news = []
    parts = context.run.parts.filter(audit_type=audit_type_of(context.run), reference__isnull=False)
    last = dict(
        MarketingList.objects.filter(pk__in=parts.values("reference")).values_list("pk", "last_result")
    )
    for part in parts:
        if part.reference in setting.resting or not setting.is_in_scope(part.reference or 0):
            continue
        if is_news(part, last.get(part.reference or 0, "")):
            news.append(part.pk)
        elif not writes_out(context.run):
            continue
        MarketingList.objects.filter(pk=part.reference or 0).update(
            last_synced_at=context.now(), last_result=words(part)
        )
    return news
