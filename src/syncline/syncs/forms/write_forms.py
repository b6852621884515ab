"""Tells Dynamics of forms: what they are, and what came of them."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet

from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome
from syncline.forms.models import IS_OWED, Form
from syncline.ledger import outcomes
from syncline.ledger.models import RunStatus
from syncline.people.store import to_json
from syncline.syncs.campaigns.closed_tables import closed, remedy_for
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next, Wait
from syncline.syncs.ending import end
from syncline.syncs.forms.parts import fail_part, id_in_dynamics, outcome_of, part_of
from syncline.syncs.forms.rows import FORM
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import Told, tell

PAGE: Final = 1000
REFUSED: Final = "form_refused"


def write_forms(context: RunContext, setting: Setting) -> Next | None:
    """One page of forms of which Dynamics knows otherwise, or nothing."""
    del setting
    owed = list(_owed(context)[:PAGE])
    if not owed:
        return None
    changes = [RowChange(id_in_dynamics(one), _columns(context, one)) for one in owed]
    answers = context.dataverse.upsert_isolated(
        FORM.entity_set, FORM.table, changes, at_a_time=MOST_ROWS_A_MESSAGE
    )
    if shut := closed(answers):
        told = tell("no_form_tables")
        end(context.run, RunStatus.FAILED, Told(told.code, told.text, remedy_for(shut, FORM.table)))
        return Done()
    with context.storing():
        _settle(context, owed, answers)
    waits = [answer.after_s or 5.0 for answer in answers if answer.state == "deferred"]
    return Wait(max(waits)) if waits else More()


def _owed(context: RunContext) -> QuerySet[Form]:
    """That this run has not been refused yet."""
    rows = Form.objects.filter(IS_OWED, account=context.account).exclude(refused_in=context.run.pk)
    return rows.select_related("account").order_by("pk")


def _columns(context: RunContext, form: Form) -> dict[str, Any]:
    return {
        **form.columns,
        "syncline_account": str(context.account.connector_key),
        "syncline_dotdigitalid": form.form_id,
    }


def _settle(context: RunContext, owed: Sequence[Form], answers: Sequence[RowOutcome]) -> None:
    rows = []
    for form, answer in zip(owed, answers, strict=True):
        action = "update" if form.told_digest else "create"
        part = part_of(context, form)
        if answer.state == "done":
            rows.append(outcome_of(form, part, f"{action}d", action, fields=_fields(form)))
            form.told, form.told_digest, form.problem = form.columns, form.digest, ""
        elif answer.state == "rejected":
            form.problem, form.refused_in = answer.reason, context.run.pk
            fail_part(context, form, "Form", answer.reason)
            refused = outcome_of(form, part, "rejected", action)
            rows.append(refused._replace(reason=REFUSED, detail=answer.reason, vendor_code=answer.code[:64]))
        form.save(update_fields=["told", "told_digest", "problem", "refused_in"])
    outcomes.record(context.run, rows, context.now())


def _fields(form: Form) -> str:
    """Column → [as it was told, as it is told now], of what differs."""
    before, now = form.told, form.columns
    return to_json({name: [before.get(name), new] for name, new in now.items() if before.get(name) != new})
