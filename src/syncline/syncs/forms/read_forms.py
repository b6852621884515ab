"""Reads which forms were changed or answered, and once a day which there are at all.

The first costs a call for 500 forms, and no form a call of its own; it does not tell which were deleted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from syncline.dotdigital import Form as Told
from syncline.dotdigital import NotFound
from syncline.forms.models import Form
from syncline.ledger import cursors
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.campaigns.reading import go_on, moment_of, next_page, note_beginning
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.forms.rows import form_columns
from syncline.syncs.marketing_lists.setting import Setting

SOURCE: Final = "dotdigital:forms"
"""Up to when it is known which forms were changed or answered."""

LISTED: Final = "dotdigital:forms:listed"
"""When the list of all forms was last read."""

LIST_EVERY: Final = timedelta(days=1)

_ACTIVITY: Final = (
    "syncline_changedon",
    "syncline_lastresponseon",
    "syncline_completeresponses",
    "syncline_incompleteresponses",
)
"""Columns of a form that differ once it was changed or answered."""


def begin(context: RunContext, setting: Setting) -> Next | None:
    del setting
    note_beginning(context, SOURCE)
    listed = cursors.token(context.account, LISTED)
    began = moment_of(context, "began")
    # What is read first is everything anyway.
    due = bool(listed) and not (began - LIST_EVERY < datetime.fromisoformat(listed) <= began)
    context.save_position(list_due=due, listed=listed if listed and not due else began.isoformat())
    return None


def read_active(context: RunContext, setting: Setting) -> Next | None:
    """One page of the forms that were changed or answered since the last run."""
    del setting
    skip = context.position.get("active", 0)
    since = moment_of(context, "happened_since")
    page = next_page(context, "active", context.dotdigital.forms_active_since(since, skip=skip))
    if page is None:
        return None
    with context.storing():
        _keep(context, page.rows)
        _ask_about(context, [one.id for one in page.rows])
        go_on(context, "active", page.next_skip)
    context.show("Reading forms from Dotdigital", skip + len(page.rows))
    return More()


def read_list(context: RunContext, setting: Setting) -> Next | None:
    """One page of all forms, where that was not read for a day."""
    del setting
    if not context.position["list_due"]:
        return None
    page = next_page(context, "list", context.dotdigital.forms(skip=context.position.get("list", 0)))
    if page is None:
        return None
    with context.storing():
        missed = _missed(context, page.rows)
        _keep(context, page.rows)
        _ask_about(context, missed)
        go_on(context, "list", page.next_skip)
    return More()


def _missed(context: RunContext, told: Sequence[Told]) -> list[int]:
    """Forms that were changed or answered without the page of active ones having shown them: where rows move
    between two of its pages, one may slip through.
    """
    rows = Form.objects.filter(account=context.account, form_id__in=[one.id for one in told])
    known = {row.form_id: row.header for row in rows}
    return [one.id for one in told if _activity(known.get(one.id, {})) != _activity(form_columns(one))]


def _activity(columns: Mapping[str, Any]) -> list[Any]:
    return [columns.get(name) for name in _ACTIVITY]


def _ask_about(context: RunContext, form_ids: Sequence[int]) -> None:
    known = Form.objects.filter(account=context.account, form_id__in=form_ids)
    known.update(active_at=moment_of(context, "began"))


def look_for_missing(context: RunContext, setting: Setting) -> Next | None:
    """One form that the list did not show: a row may have slipped between two pages, so it is asked for by
    itself before it counts as deleted.
    """
    del setting
    if not context.position["list_due"]:
        return None
    known = Form.objects.filter(account=context.account, deleted=False)
    missing = known.exclude(seen_in=context.run.pk).order_by("pk").first()
    if missing is None:
        return None
    try:
        found = context.dotdigital.get_form(missing.form_id)
    except NotFound:
        with context.storing():
            delete_form(missing)
        return More()
    with context.storing():
        _keep(context, [found])
    return More()


def _keep(context: RunContext, told: Sequence[Told]) -> None:
    these = [one.id for one in told]
    rows = Form.objects.filter(account=context.account, form_id__in=these)
    known = {row.form_id: row for row in rows}
    for one in told:
        row = known.get(one.id) or Form(account=context.account, form_id=one.id)
        row.header = form_columns(one)
        row.name, row.deleted = row.header["syncline_name"], False
        _store(row)
    Form.objects.filter(account=context.account, form_id__in=these).update(seen_in=context.run.pk)


def delete_form(row: Form) -> None:
    """It is no longer in Dotdigital. One that Dynamics was never told of leaves no trace."""
    if not row.told_digest:
        row.delete()
        return
    row.deleted = True
    _store(row)


def _store(row: Form) -> None:
    digest = digest_of(row.columns)
    if row.pk is None:
        row.digest = digest
        row.save()
    elif row.digest != digest:
        row.digest = digest
        row.save(update_fields=["name", "header", "deleted", "digest"])
