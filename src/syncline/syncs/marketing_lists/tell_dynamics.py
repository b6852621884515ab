"""Tells Dynamics how a list fared: its last result, and a sync note, for each list that there is news of."""

from typing import Any, Final

from syncline.dataverse import RowChange, RowOutcome, bind
from syncline.ledger.models import RunPart, RunStatus
from syncline.lists.models import MarketingList
from syncline.provisioning.declaration import option
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next, Wait
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.marketing_lists.setting import Setting

NOTES: Final = "syncline_syncnotes"
NOTE_TABLE: Final = "syncline_syncnote"
LONGEST_TEXT: Final = 4000
"""Characters that the columns for results and messages hold."""

_STATUSES: Final = {
    RunStatus.COMPLETED: option(1),
    RunStatus.FAILED: option(2),
    RunStatus.COMPLETED_WITH_ERRORS: option(3),
}


def tell_dynamics(context: RunContext, setting: Setting) -> Next | None:
    """Write results and notes. The notes' ids are derived, so telling twice is harmless.

    What Dynamics does not take is noted with the list: it is no reason to fail a run that has done its work.
    """
    lists = {row.pk: row for row in setting.lists}
    told = {
        lists[part.reference].list_id: part
        for part in context.run.parts.filter(pk__in=context.position["news"])
        if part.reference in lists
    }
    if not told:
        return None
    by_id = {row.list_id: row for row in lists.values()}
    results = context.dataverse.update_isolated(
        "lists",
        "list",
        [RowChange(id_, {"syncline_lastresult": words(part)[:LONGEST_TEXT]}) for id_, part in told.items()],
    )
    notes = context.dataverse.upsert_isolated(
        NOTES,
        NOTE_TABLE,
        [RowChange(_note_id(context, part), _note(context, part, by_id[id_])) for id_, part in told.items()],
    )
    deferred = [one.after_s or 5.0 for one in (*results, *notes) if one.state == "deferred"]
    if deferred:
        return Wait(max(deferred))
    for part, result, note in zip(told.values(), results, notes, strict=True):
        _keep_refusals(part, result, note)
    return None


def words(part: RunPart) -> str:
    """How a list fared, in one line."""
    if part.status == RunStatus.FAILED:
        return part.message
    if not part.read:
        return NOTHING
    told = [
        f"{number} {word}"
        for word in ("created", "updated", "removed", "unchanged", "skipped", "rejected")
        if (number := getattr(part, word))
    ]
    return f"{part.read}{_READ}" + ", ".join(told)


NOTHING: Final = "No new objects to sync"
_READ: Final = " read: "


def is_news(part: RunPart, last_result: str) -> bool:
    """Whether something happened to the list. A problem is news when it comes and when it goes."""
    if part.status == RunStatus.FAILED:
        return words(part) != last_result
    was_well = last_result in ("", NOTHING) or last_result.partition(_READ)[0].isdigit()
    return not was_well or bool(part.created or part.updated or part.removed or part.rejected)


def _keep_refusals(part: RunPart, *outcomes: RowOutcome) -> None:
    refusals = [f"Dynamics was not told: {one.reason}" for one in outcomes if one.state == "rejected"]
    if refusals:
        part.notes = "\n".join([*filter(None, [part.notes]), *refusals])
        part.save(update_fields=["notes"])


def _note_id(context: RunContext, part: RunPart) -> str:
    return derived_id(context.account, NOTE_TABLE, f"{context.run.key}:{part.reference}")


def _note(context: RunContext, part: RunPart, marketing_list: MarketingList) -> dict[str, Any]:
    started = context.run.started_at or context.now()
    return {
        "syncline_name": f"{marketing_list.name}: {started:%Y-%m-%d %H:%M} UTC"[:200],
        "syncline_runid": str(context.run.key),
        "syncline_listid": marketing_list.list_id,
        "syncline_List@odata.bind": bind("lists", marketing_list.list_id),
        "syncline_account": str(context.account.connector_key),
        "syncline_started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "syncline_ended": f"{context.now():%Y-%m-%dT%H:%M:%SZ}",
        "syncline_status": _STATUSES[RunStatus(part.status)],
        "syncline_read": part.read,
        "syncline_created": part.created,
        "syncline_updated": part.updated,
        "syncline_unchanged": part.unchanged,
        "syncline_skipped": part.skipped,
        "syncline_rejected": part.rejected,
        "syncline_message": words(part)[:LONGEST_TEXT],
    }
