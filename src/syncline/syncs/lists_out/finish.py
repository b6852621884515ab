"""The end of a run: everything read has been settled, so the cursors move, and each list is told how it
went.
"""

from typing import Any, Final

from syncline.dataverse import RowChange
from syncline.ledger import cursors
from syncline.ledger.models import RunPart, RunStatus
from syncline.lists.models import MarketingList
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.lists_out.parts import IN, OUT
from syncline.syncs.lists_out.set_aside import source
from syncline.syncs.lists_out.setting import Setting
from syncline.syncs.messages import tell

NOTES: Final = "syncline_syncnotes"
NOTE_TABLE: Final = "syncline_syncnote"


def finish(context: RunContext, setting: Setting) -> Next | None:
    """Move the cursors, close the parts, then tell Dynamics how each list went."""
    if not context.position.get("closed"):
        with context.storing():
            problems = _close_parts(context, setting)
            if not context.run.plan_only:
                _move_cursors(context, setting)
                _note_results(context, setting)
            context.save_position(closed=True, problems=problems)
        return More()
    if context.account.provisioned and not context.run.plan_only:
        _tell_dynamics(context, setting)
    return None


def _move_cursors(context: RunContext, setting: Setting) -> None:
    set_aside = {source(row) for row in setting.lists if row.problem}
    for name, (token, fingerprint) in context.position.get("tokens", {}).items():
        if name not in set_aside:
            cursors.move(context.account, name, token, fingerprint)
    for marketing_list in setting.lists:
        mark = context.position.get("unsubscriber_marks", {}).get(str(marketing_list.pk))
        if mark:
            marketing_list.unsubscribed_since = mark
            marketing_list.save(update_fields=["unsubscribed_since"])


def _close_parts(context: RunContext, setting: Setting) -> int:
    """Every activated list has its row in the audit, also one about which there was nothing to do."""
    problems = 0
    for marketing_list in setting.lists:
        part, _ = RunPart.objects.get_or_create(
            run=context.run,
            audit_type=OUT,
            reference=marketing_list.pk,
            defaults={"name": marketing_list.name},
        )
        if marketing_list.problem:
            problems += 1
            part.message_code, part.message = "list_problem", marketing_list.problem
    for part in context.run.parts.filter(audit_type__in=(OUT, IN)):
        told = next((row for row in setting.lists if row.pk == part.reference), None)
        if told is not None and told.problem:
            part.status, part.message_code, part.message = RunStatus.FAILED, "list_problem", told.problem
        elif part.rejected:
            message = tell("some_rejected", part.rejected, part.read)
            part.status, part.message_code, part.message = (
                RunStatus.COMPLETED_WITH_ERRORS,
                message.code,
                message.text,
            )
        else:
            part.status = RunStatus.COMPLETED
            if not part.read:
                message = tell("nothing_new")
                part.message_code, part.message = message.code, message.text
        part.notes = "\n".join([*_broken_mappings(setting), *context.position.get("notes", [])])
        part.save(update_fields=["status", "message_code", "message", "notes"])
    return problems


def _broken_mappings(setting: Setting) -> list[str]:
    return [
        f"Mapping {one.entity}.{one.crm_field} ↔ {one.label} was left out: {one.reason}"
        for one in setting.broken
    ]


def _note_results(context: RunContext, setting: Setting) -> None:
    now = context.now()
    for part in context.run.parts.filter(audit_type=OUT, reference__isnull=False):
        MarketingList.objects.filter(pk=part.reference or 0).update(
            last_synced_at=now, last_result=_words(part)
        )


def _words(part: RunPart) -> str:
    if part.message_code == "list_problem":
        return part.message
    if not part.read:
        return "No new objects to sync"
    told = [
        f"{number} {word}"
        for word in ("created", "updated", "removed", "unchanged", "skipped", "rejected")
        if (number := getattr(part, word))
    ]
    return f"{part.read} read: " + ", ".join(told)


def _tell_dynamics(context: RunContext, setting: Setting) -> None:
    """A last result and a note for each list that something happened to. The ids are derived, so telling
    twice is harmless.
    """
    told = [part for part in context.run.parts.filter(audit_type=OUT) if _has_news(part)]
    lists = {row.pk: row for row in setting.lists}
    changes = [
        RowChange(lists[part.reference].list_id, {"syncline_lastresult": _words(part)[:4000]})
        for part in told
        if part.reference in lists
    ]
    if changes:
        context.dataverse.update_isolated("lists", "list", changes)
        context.dataverse.upsert_isolated(
            NOTES,
            NOTE_TABLE,
            [
                RowChange(_note_id(context, part), _note(context, part, lists[part.reference]))
                for part in told
                if part.reference in lists
            ],
        )


def _has_news(part: RunPart) -> bool:
    return bool(
        part.created or part.updated or part.removed or part.rejected or part.status == RunStatus.FAILED
    )


def _note_id(context: RunContext, part: RunPart) -> str:
    return derived_id(context.account, NOTE_TABLE, f"{context.run.key}:{part.reference}")


def _note(context: RunContext, part: RunPart, marketing_list: MarketingList) -> dict[str, Any]:
    started = context.run.started_at or context.now()
    return {
        "syncline_name": f"{marketing_list.name}: {started:%Y-%m-%d %H:%M} UTC"[:200],
        "syncline_runid": str(context.run.key),
        "syncline_listid": marketing_list.list_id,
        "syncline_account": str(context.account.connector_key),
        "syncline_started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "syncline_ended": f"{context.now():%Y-%m-%dT%H:%M:%SZ}",
        "syncline_read": part.read,
        "syncline_created": part.created,
        "syncline_updated": part.updated,
        "syncline_unchanged": part.unchanged,
        "syncline_skipped": part.skipped,
        "syncline_rejected": part.rejected,
        "syncline_message": _words(part)[:4000],
    }
