"""Data field labels: new Dotdigital data fields become labels, and labels made here become data fields.

First both sides are compared, in one step and one transaction. Then the labels that are new here go over, a
few a step, each in a transaction of its own. One that Dotdigital refuses is told with its reason; the rest go
on.
"""

from collections import Counter
from functools import partial
from typing import Any, Final

import msgspec

from syncline.dotdigital import DataField
from syncline.dotdigital.data_fields import FieldType
from syncline.ledger import outcomes
from syncline.ledger.models import Purpose
from syncline.ledger.outcomes import OutcomeRow
from syncline.mapping.labels import LONGEST_NAME, default_problem, name_problem, normal_name, type_clash
from syncline.mapping.models import FieldMapping, Label, LabelType
from syncline.remote import Rejected, Retryable
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.ending import words_on_left_out
from syncline.syncs.messages import tell
from syncline.syncs.proposals import Proposal, approved_keys, is_approved, left_out, settle
from syncline.syncs.undo_labels import undo_labels

AT_A_TIME: Final = 10
"""Labels that one step carries over."""
_TYPE_WORDS: Final[dict[LabelType, FieldType]] = {
    LabelType.TEXT: "String",
    LabelType.NUMERIC: "Numeric",
    LabelType.DATE: "Date",
    LabelType.YES_NO: "Boolean",
}
TAKEN: Final = "ERROR_NON_UNIQUE_DATAFIELD"


def step(context: RunContext) -> Next:
    if context.run.purpose == Purpose.UNDO:
        undo_labels(context)
        return Done()
    if "to_make" not in context.position:
        _compare_sides(context)
        return More()
    to_make: list[int] = context.position["to_make"]
    if not to_make:
        _close(context)
        return Done()
    for place, pk in enumerate(to_make[:AT_A_TIME], start=1):
        _carry_over(context, pk, rest=to_make[place:])
    return More()


def _compare_sides(context: RunContext) -> None:
    """Bring the labels up to date with Dotdigital's data fields, and list what has to be made there."""
    context.show("Reading the data fields of Dotdigital")
    fields = {field.name: field for field in context.dotdigital.data_fields()}
    if not fields:
        # Every account has built-in fields. Believing this would throw all labels away.
        raise Retryable("Dotdigital listed no data fields, not even its built-in ones")
    with context.storing():
        labels = {normal_name(row.name): row for row in context.account.labels.all()}
        proposals = [_met(context, field, labels.get(name)) for name, field in fields.items()]
        proposals += [_gone(row) for name, row in labels.items() if row.in_dotdigital and name not in fields]
        rows = settle(context, proposals)
        missing = {
            name: row.pk for name, row in labels.items() if not row.in_dotdigital and name not in fields
        }
        planned = approved_keys(context)
        if planned is not None:
            missing = {name: pk for name, pk in missing.items() if name in planned}
            _count_settled_meanwhile(context, planned - {one.key for one in proposals} - missing.keys())
        _record(context, rows)
        context.save_position(to_make=list(missing.values()), lost=_lost_mappings(context, rows))


def _count_settled_meanwhile(context: RunContext, names: set[str]) -> None:
    """What was planned about labels that are no longer there on either side: both agree by now."""
    outcomes.count(context.run, Counter({(None, "unchanged"): len(names)}))


def _met(context: RunContext, field: DataField, label: Label | None) -> Proposal:
    """A field that Dotdigital has, and the label of its name where there is one."""
    kept = _kept(field)
    if kept is None:
        detail = (
            f"A data field of a name or type ({field.type}) that Syncline does not know; it cannot be mapped."
        )
        return Proposal(field.name, _outcome(field.name, "skipped", "none", "dynamics", detail), None)
    if label is None:
        row = _outcome(
            field.name, "created", "create", "dynamics", "New in Dotdigital: it can be mapped now."
        )
        return Proposal(field.name, row, kept, partial(_add, context, field.name, kept))
    if not label.in_dotdigital and label.type != kept["type"]:
        reason = type_clash(field.name, LabelType(label.type), kept["type"])
        row = _refused(label, reason, TAKEN)
        return Proposal(field.name, row, None, partial(_note_refusal, label, reason))
    changes = _changes(label, {"name": field.name, "in_dotdigital": True, "error": "", **kept})
    if not changes:
        return Proposal(field.name, _outcome(field.name, "unchanged", "none", "dynamics", ""), None)
    detail = (
        "Changed in Dotdigital."
        if label.in_dotdigital
        else "Dotdigital has this field already; the two are one now."
    )
    row = _outcome(field.name, "updated", "update", "dynamics", detail, changes)
    return Proposal(field.name, row, changes, partial(_store, label, changes))


def _add(context: RunContext, name: str, kept: dict[str, Any]) -> None:
    Label.objects.create(account=context.account, name=name, in_dotdigital=True, **kept)


def _gone(label: Label) -> Proposal:
    """A label whose field was deleted in Dotdigital. It is not made there again: somebody meant it to go."""
    detail = "Deleted in Dotdigital. Mappings to it are out of use; map their columns to another label."
    row = _outcome(label.name, "removed", "remove", "dynamics", detail)
    return Proposal(normal_name(label.name), row, None, partial(_delete, label))


def _delete(label: Label) -> None:
    Label.objects.filter(pk=label.pk).delete()


def _carry_over(context: RunContext, pk: int, rest: list[int]) -> None:
    """Make one label in Dotdigital, or say why it cannot be."""
    label = Label.objects.filter(pk=pk).first()
    changed = label is not None and not _may_be_made(context, label)
    made = _make(context, label) if label is not None and not changed else None
    with context.storing():
        if label is not None:
            proposal = _proposal(label, made)
            rows = [left_out(proposal.row)] if changed else settle(context, [proposal])
            _record(context, rows)
        context.save_position(to_make=rest)


def _wish(label: Label) -> dict[str, Any]:
    """What the label is to be in Dotdigital: what an approval of making it rests on."""
    return {"type": label.type, "private": label.private, "default_value": label.default_value}


def _may_be_made(context: RunContext, label: Label) -> bool:
    return is_approved(context, normal_name(label.name), "dotdigital", "create", _wish(label))


def _make(context: RunContext, label: Label) -> DataField | Rejected | str:
    """The field as it now is in Dotdigital, or why it is not: Dotdigital's refusal, or our own words."""
    label_type = LabelType(label.type)
    problem = name_problem(label.name) or default_problem(label_type, label.default_value)
    if problem:
        return problem
    context.show(f"Making the data field {label.name}")
    if context.run.plan_only:
        return DataField(name=normal_name(label.name), type=label.type, visibility="Private")
    try:
        return context.dotdigital.create_data_field(
            label.name,
            _TYPE_WORDS[label_type],
            visibility="Private" if label.private else "Public",
            default_value=label.default_value,
        )
    except Rejected as refusal:
        if refusal.code != TAKEN:
            return refusal
        # An earlier attempt lost the answer, or somebody else was quicker: both are fine if it fits.
        return _found(context, label) or refusal


def _found(context: RunContext, label: Label) -> DataField | str | None:
    name = normal_name(label.name)
    field = next((field for field in context.dotdigital.data_fields() if field.name == name), None)
    if field is None or field.type == label.type:
        return field
    kept = _kept(field)
    return type_clash(name, LabelType(label.type), kept["type"]) if kept else None


def _proposal(label: Label, made: DataField | Rejected | str | None) -> Proposal:
    """What became of a label that was to be made in Dotdigital, or in a plan would become of it."""
    key = normal_name(label.name)
    if not isinstance(made, DataField):
        reason, code = (made.reason, made.code) if isinstance(made, Rejected) else (made or _SILENT, "")
        return Proposal(key, _refused(label, reason, code), None, partial(_note_refusal, label, reason))
    changes: dict[str, list[Any]] = {
        "name": [label.name, made.name],
        "in_dotdigital": [False, True],
        "error": [label.error, ""],
    }
    row = _outcome(made.name, "created", "create", "dotdigital", "Made in Dotdigital.")
    return Proposal(key, row, _wish(label), partial(_store, label, changes))


_SILENT: Final = "Dotdigital did not say why."


def _note_refusal(label: Label, reason: str) -> None:
    Label.objects.filter(pk=label.pk).update(error=reason)


def _refused(label: Label, reason: str, code: str) -> OutcomeRow:
    detail = f"{tell('datafield_invalid', label.name).text}: {reason}"
    row = _outcome(label.name, "rejected", "create", "dotdigital", detail)
    return row._replace(reason="refused_by_dotdigital", vendor_code=code)


def _kept(field: DataField) -> dict[str, Any] | None:
    """What Syncline keeps of a field; None where it breaks Dotdigital's own rules for names and types."""
    if field.type not in LabelType.values or len(field.name) > LONGEST_NAME:
        return None
    return {
        "type": LabelType(field.type),
        "private": field.visibility != "Public",
        "default_value": field.default_value,
    }


def _changes(label: Label, kept: dict[str, Any]) -> dict[str, list[Any]]:
    changes = {name: [getattr(label, name), new] for name, new in kept.items() if getattr(label, name) != new}
    if kept["default_value"] is None:
        # Dotdigital may keep a default value to itself, so none is no news.
        changes.pop("default_value", None)
    return changes


def _store(label: Label, changes: dict[str, list[Any]]) -> None:
    Label.objects.filter(pk=label.pk).update(**{name: new for name, (_, new) in changes.items()})
    if "name" in changes:
        # Mappings go by the name, which Dotdigital writes in upper case.
        mappings = FieldMapping.objects.filter(account=label.account_id, label=label.name)
        mappings.update(label=changes["name"][1])


def _lost_mappings(context: RunContext, rows: list[OutcomeRow]) -> list[str]:
    """Labels that are gone and that a mapping uses."""
    gone = {row.person_key for row in rows if row.result == "removed"}
    mapped = FieldMapping.objects.filter(account=context.account).values_list("label", flat=True)
    return sorted(gone.intersection(mapped))


def _outcome(
    name: str,
    result: str,
    action: str,
    side: str,
    detail: str,
    changes: dict[str, list[Any]] | None = None,
) -> OutcomeRow:
    return OutcomeRow(
        part_id=None,
        person_key=name,
        name=name,
        entity="",
        record_id="",
        side=side,
        result=result,
        action=action,
        detail=detail,
        fields=msgspec.json.encode(changes or {}).decode(),
        counts_as=result,
    )


def _record(context: RunContext, rows: list[OutcomeRow]) -> None:
    """One outcome for each label about which there is something to tell; the unchanged are only counted."""
    telling = [row for row in rows if row.result != "unchanged"]
    outcomes.record(context.run, telling, context.now())
    if unchanged := len(rows) - len(telling):
        outcomes.count(context.run, Counter({(None, "unchanged"): unchanged}))


def _close(context: RunContext) -> None:
    """The message: labels that were refused, else mapped ones that are gone, else that nothing is new."""
    run = context.run
    run.refresh_from_db()
    lost = context.position.get("lost", [])
    if run.rejected:
        refused = (
            run.outcomes.filter(result="rejected").order_by("person_key").values_list("person_key", flat=True)
        )
        told = tell("datafield_invalid", ", ".join(refused))
    elif left_out_words := words_on_left_out(run):
        told = left_out_words
    elif lost:
        told = tell("metadata_changed", f"Mapped labels were deleted in Dotdigital: {', '.join(lost)}")
    elif run.created or run.updated or run.removed:
        return
    else:
        told = tell("nothing_new")
    with context.storing():
        run.message_code, run.message, run.remedy = told.code, told.text, told.remedy
        run.save(update_fields=["message_code", "message", "remedy"])
