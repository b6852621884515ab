"""What people answered, form by form, some pages at a time.

Only forms that were changed or answered since they were last read to the end are asked about. A form's
questions go first, for answers point at them; where they do not come through, the responses do all the same
and their answers follow with the next run.
"""

from typing import Any, Final

from django.db.models import F, Q, QuerySet

from syncline.dotdigital import MOST_FORM_ROWS, FormResponse, NotFound
from syncline.forms.models import Form
from syncline.syncs.campaigns.reading import ask, moment_of
from syncline.syncs.campaigns.write_rows import DataSetFailedError
from syncline.syncs.context import CLOCKS_DIFFER_BY, RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.forms.parts import fail_part, part_of
from syncline.syncs.forms.queue_answers import queue_answers
from syncline.syncs.forms.read_forms import delete_form
from syncline.syncs.forms.structure import read_structure, rows_of, tell_structure
from syncline.syncs.forms.write_responses import Page, make
from syncline.syncs.marketing_lists.setting import Setting

ENOUGH: Final = 2 * MOST_FORM_ROWS - 100
"""Responses after which a step reads no further page: two pages fill one message to Dynamics."""


def sync_responses(context: RunContext, setting: Setting) -> Next | None:
    """One piece of one form: its questions, or some pages of its responses."""
    del setting
    at = context.position.get("at")
    form = _ready(context).filter(pk=at["form"]).first() if at else None
    if at is None or form is None:
        return _next_form(context)
    try:
        if not at["questions"]:
            return _questions(context, form, at)
        return _responses(context, form, at)
    except NotFound as error:
        return _form_gone(context, form, error)


def _ready(context: RunContext) -> QuerySet[Form]:
    """Forms that Dynamics knows."""
    rows = Form.objects.filter(account=context.account, deleted=False).exclude(told_digest="")
    return rows.select_related("account")


def _next_form(context: RunContext) -> Next | None:
    after = context.position.get("form_after", 0)
    behind = Q(read_to=None) | Q(read_to__lt=F("active_at"))
    form = _ready(context).filter(behind, active_at__isnull=False, pk__gt=after).order_by("pk").first()
    if form is None:
        return None
    at = {"form": form.pk, "questions": False, "skip": 0, "problems": []}
    context.save_position(at=at, form_after=form.pk)
    context.show(f"Reading what people answered to {form.name}"[:200], context.run.progress_done)
    return More()


def _questions(context: RunContext, form: Form, at: dict[str, Any]) -> Next:
    try:
        read_structure(context, form)
        wait_s = tell_structure(context, form)
    except DataSetFailedError as error:
        with context.storing():
            _note(context, form, at, "Questions", str(error))
            context.save_position(at={**at, "questions": True})
        return More()
    if wait_s is not None:
        return Wait(wait_s)
    context.save_position(at={**at, "questions": True})
    return More()


def _responses(context: RunContext, form: Form, at: dict[str, Any]) -> Next:
    try:
        found, next_skip = _read(context, form, at["skip"])
        rows = rows_of(form)
        page = Page(context, form, rows, make(context, rows, found), with_answers=not at["problems"])
        page.write()
    except DataSetFailedError as error:
        with context.storing():
            _note(context, form, at, "Responses", str(error))
            _close(context, form, at)
        return More()
    shut = page.write_answers()
    with context.storing():
        if found:
            queue_answers(context, form, page.settle())
        if shut:
            _note(context, form, at, "Answers", shut)
        if page.wait_s is None:
            _move_on(context, form, at, next_skip)
    context.show(context.run.progress_text, context.run.progress_done + len(found))
    return More() if page.wait_s is None else Wait(page.wait_s)


def _read(context: RunContext, form: Form, skip: int) -> tuple[list[FormResponse], int | None]:
    """Some pages, and where the next one begins; None behind the last."""
    since = form.read_to - CLOCKS_DIFFER_BY if form.read_to else None
    pages = context.dotdigital.form_responses(form.form_id, since, skip=skip)
    found: list[FormResponse] = []
    next_skip: int | None = skip
    while next_skip is not None and len(found) < ENOUGH:
        page = ask(context, lambda: next(pages))
        found += page.rows
        next_skip = page.next_skip
    return found, next_skip


def _move_on(context: RunContext, form: Form, at: dict[str, Any], next_skip: int | None) -> None:
    if next_skip is not None:
        context.save_position(at={**at, "skip": next_skip})
    else:
        _close(context, form, at)


def _close(context: RunContext, form: Form, at: dict[str, Any]) -> None:
    """The form is behind for as long as anything of it did not come through."""
    if not at["problems"]:
        form.read_to = moment_of(context, "began")
    form.problem = " ".join(at["problems"])
    form.synced_at = context.now()
    form.save(update_fields=["read_to", "problem", "synced_at"])
    context.save_position(at=None)


def _note(context: RunContext, form: Form, at: dict[str, Any], what: str, why: str) -> None:
    fail_part(context, form, what, why)
    at["problems"] = [*at["problems"], f"{what}: {why}"]


def _form_gone(context: RunContext, form: Form, error: NotFound) -> Next:
    """Deleted in Dotdigital since the run began; or only this call does not know it."""
    try:
        context.dotdigital.get_form(form.form_id)
    except NotFound:
        with context.storing():
            delete_form(form)
            context.save_position(at=None)
        return More()
    at = context.position["at"]
    with context.storing():
        part_of(context, form)
        _note(context, form, at, "Responses", str(error))
        _close(context, form, at)
    return More()
