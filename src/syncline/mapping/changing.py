"""Making, changing and removing mappings and labels. Each change is one transaction with its entry in the
admin log.

A change takes effect with the next sync: everybody whose record the mapping is about is looked at again.
"""

from __future__ import annotations

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.details import Problem
from syncline.accounts.models import EmailAccount
from syncline.mapping.canonical import READERS
from syncline.mapping.labels import normal_name
from syncline.mapping.models import ConflictRule, Direction, FieldMapping, Label
from syncline.mapping.specs import FieldSpec
from syncline.mapping.wanted import (
    MappingRefusedError,
    WantedLabel,
    WantedMapping,
    field_wanted,
    label_problems,
    mapping_problems,
    rule_to_store,
    with_table,
)


@transaction.atomic
def save_mapping(
    account: EmailAccount, wanted: WantedMapping, *, by: Actor, replaces: FieldMapping | None = None
) -> FieldMapping:
    """Make a mapping, or change the one that it `replaces`. Raises MappingRefusedError."""
    wanted = with_table(account, wanted)
    if problems := list(mapping_problems(account, wanted, replaces)):
        raise MappingRefusedError(problems)
    field = field_wanted(account, wanted)
    assert isinstance(field, FieldSpec)
    before = shown(replaces) if replaces is not None else {}
    mapping = replaces or FieldMapping(account=account)
    mapping.entity, mapping.crm_field = wanted.entity, wanted.crm_field
    mapping.through, mapping.through_table = wanted.through, wanted.through_table if wanted.through else ""
    mapping.label, mapping.direction = normal_name(wanted.label), wanted.direction
    mapping.conflict_rule = rule_to_store(field, wanted)
    mapping.blank_overwrites = wanted.blank_overwrites
    mapping.save()
    if before != (after := shown(mapping)):
        record_change(by, account, "mapping changed" if before else "mapping added", before, after)
    return mapping


@transaction.atomic
def delete_mapping(mapping: FieldMapping, *, by: Actor) -> None:
    """Remove a mapping. What it has written stays on both sides."""
    before = shown(mapping)
    account = mapping.account
    mapping.delete()
    record_change(by, account, "mapping removed", before, {})


@transaction.atomic
def create_label(account: EmailAccount, wanted: WantedLabel, *, by: Actor) -> Label:
    """Make a label here; the label sync carries it over to Dotdigital. Raises MappingRefusedError."""
    if problems := list(label_problems(account, wanted)):
        raise MappingRefusedError(problems)
    label = Label.objects.create(
        account=account,
        name=normal_name(wanted.name),
        type=wanted.type,
        private=wanted.private,
        default_value=READERS[wanted.type](wanted.default_value),
        description=wanted.description.strip(),
    )
    about = f"{label.get_type_display()}, {'private' if label.private else 'public'}"
    record_change(by, account, "label added", {}, {f"label {label.name}": about})
    return label


@transaction.atomic
def describe_label(label: Label, description: str, *, by: Actor) -> None:
    """Say for the people here what the label is for; Dotdigital keeps no description."""
    description = description.strip()
    if description != label.description:
        before = {f"label {label.name}": label.description}
        label.description = description
        label.save(update_fields=["description"])
        record_change(by, label.account, "label described", before, {f"label {label.name}": description})


@transaction.atomic
def delete_label(label: Label, *, by: Actor) -> None:
    """Remove a label that was made here and is not in Dotdigital. Raises MappingRefusedError."""
    if problem := _why_kept(label):
        raise MappingRefusedError([Problem("name", problem)])
    about = {f"label {label.name}": str(label.get_type_display())}
    account = label.account
    label.delete()
    record_change(by, account, "label removed", about, {})


def _why_kept(label: Label) -> str:
    """Why a label may not be removed here; empty where it may."""
    if label.in_dotdigital:
        return (
            f"{label.name} is a data field of Dotdigital. Delete it there; the label sync then removes the "
            "label here."
        )
    users = FieldMapping.objects.filter(account=label.account_id, label=label.name)
    tables = sorted(users.values_list("entity", flat=True))
    if tables:
        return f"{label.name} is mapped for {' and '.join(tables)}. Remove those mappings first."
    return ""


def shown(mapping: FieldMapping) -> dict[str, object]:
    """A mapping for the admin log: which one it is, and what it does, in words."""
    source = f"{mapping.through} → {mapping.through_table}." if mapping.through else ""
    words = [f"{source}{mapping.crm_field}", Direction(mapping.direction).label]
    if mapping.direction == Direction.BOTH:
        words.append(ConflictRule(mapping.conflict_rule).label)
    if mapping.blank_overwrites:
        words.append("blank overwrites")
    return {f"{mapping.entity} {mapping.label}": ", ".join(map(str, words))}
