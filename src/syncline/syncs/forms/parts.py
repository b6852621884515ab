"""The audit's row for each form of a run, and what it says where something went wrong."""

from syncline.forms.models import Form
from syncline.ledger.models import RunPart, RunStatus
from syncline.ledger.outcomes import OutcomeRow
from syncline.syncs.context import RunContext
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.forms.rows import FORM
from syncline.syncs.messages import MESSAGES, Told, tell

AUDIT_TYPE = "Forms"
ENTITY = "form"
"""How the audit names a form's own row."""


def part_of(context: RunContext, form: Form) -> RunPart:
    part, _ = RunPart.objects.get_or_create(
        run=context.run, audit_type=AUDIT_TYPE, reference=form.pk, defaults={"name": form.name[:200]}
    )
    return part


def id_in_dynamics(form: Form) -> str:
    return derived_id(form.account, FORM.table, str(form.form_id))


def fail_part(context: RunContext, form: Form, what: str, why: str) -> None:
    """`what` of the form (Questions, Responses, Answers) did not come through; the rest of it may have."""
    part, told = part_of(context, form), tell("form_failed", what)
    part.status, part.message_code = RunStatus.COMPLETED_WITH_ERRORS, told.code
    lines = part.message.splitlines()
    if told.text not in lines:
        part.message = "\n".join([*lines, told.text])
        part.notes = "\n".join([*part.notes.splitlines(), f"{what}: {why}"])
    part.save(update_fields=["status", "message_code", "message", "notes"])


def outcome_of(form: Form, part: RunPart, result: str, action: str, *, fields: str = "{}") -> OutcomeRow:
    """Of the form's own row."""
    return OutcomeRow(
        part_id=part.pk,
        person_key=form.name[:320],
        name=form.name[:200],
        entity=ENTITY,
        record_id=id_in_dynamics(form),
        side="dynamics",
        result=result,
        action=action,
        fields=fields,
    )


def failures(context: RunContext) -> Told | None:
    """The message of the run where anything failed: that of the first form that has one."""
    part = RunPart.objects.filter(run=context.run).exclude(message_code="").order_by("pk").first()
    if part is None:
        return None
    return Told(part.message_code, part.message.splitlines()[0], MESSAGES[part.message_code].remedy)
