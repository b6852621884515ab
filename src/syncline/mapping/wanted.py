"""What somebody asks for when they make or change a mapping or a label, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from syncline.accounts.details import Problem
from syncline.accounts.models import EmailAccount
from syncline.mapping.labels import default_problem, name_problem, normal_name
from syncline.mapping.models import ConflictRule, CrmField, Direction, Entity, FieldMapping, Label, LabelType
from syncline.mapping.pairs import conflict_rules_for, rule_problem, why_not
from syncline.mapping.specs import KINDS, FieldSpec, Kind, LabelSpec

LONGEST_DESCRIPTION = 500


@dataclass(frozen=True, kw_only=True)
class WantedMapping:
    """A mapping as a form or a command line gives it."""

    entity: Entity
    crm_field: str
    label: str
    direction: Direction = Direction.BOTH
    conflict_rule: ConflictRule = ConflictRule.DYNAMICS_WINS
    """Without effect where only one side ever writes."""
    blank_overwrites: bool = False
    through: str = ""
    """The entity's lookup column, for a column of the row that it points at; else empty."""
    through_table: str = ""
    """The table of that row; may be empty where the lookup points at one table only."""


@dataclass(frozen=True, kw_only=True)
class WantedLabel:
    """A label as a form or a command line gives it."""

    name: str
    type: LabelType
    private: bool = True
    default_value: str | int | float | bool | None = None
    """As text or already of the label's type; blank for none."""
    description: str = ""


class MappingRefusedError(Exception):
    """A mapping or a label cannot be accepted as it is. Each problem names the field of the form."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def mapping_problems(
    account: EmailAccount, wanted: WantedMapping, replaced: FieldMapping | None
) -> Iterator[Problem]:
    """`replaced` is the mapping that is being changed; its own label and column are free to it.

    Expects what `with_table` returns.
    """
    field = field_wanted(account, wanted)
    label = Label.objects.filter(account=account, name=normal_name(wanted.label)).first()
    if isinstance(field, Problem):
        yield field
    if label is None:
        yield Problem(
            "label", f"There is no label {wanted.label}; create it, or run Data field labels if it is new."
        )
    others = FieldMapping.objects.filter(account=account, entity=wanted.entity)
    if replaced is not None:
        others = others.exclude(pk=replaced.pk)
    if label is not None:
        yield from _label_taken(others.filter(label=label.name).first())
    if isinstance(field, FieldSpec) and label is not None:
        yield from _pair_problems(field, LabelSpec.of(label), wanted)
        if wanted.direction is not Direction.TO_DOTDIGITAL:
            yield from _column_taken(field, others)


def with_table(account: EmailAccount, wanted: WantedMapping) -> WantedMapping:
    """The same with the looked-up table filled in, where the lookup points at one table only."""
    if not wanted.through or wanted.through_table:
        return wanted
    lookup = _lookup(account, wanted)
    targets = lookup.targets if lookup is not None else []
    if len(targets) != 1:
        return wanted
    return replace(wanted, through_table=targets[0])


def field_wanted(account: EmailAccount, wanted: WantedMapping) -> FieldSpec | Problem:
    """The column that the mapping reads, or why there is none."""
    if wanted.through and (problem := _lookup_problem(account, wanted)):
        return problem
    table = wanted.through_table or wanted.entity
    row = CrmField.objects.filter(account=account, entity=table, logical_name=wanted.crm_field).first()
    if row is None:
        return Problem(
            "crm_field",
            f"{table} has no column {wanted.crm_field} that is known here; refresh the CRM fields if it was "
            "added lately.",
        )
    return FieldSpec.of(row, wanted.through)


def _lookup(account: EmailAccount, wanted: WantedMapping) -> CrmField | None:
    row = CrmField.objects.filter(account=account, entity=wanted.entity, logical_name=wanted.through).first()
    return row if row is not None and KINDS.get(row.type) is Kind.LOOKUP else None


def _lookup_problem(account: EmailAccount, wanted: WantedMapping) -> Problem | None:
    lookup = _lookup(account, wanted)
    if lookup is None:
        return Problem("through", f"{wanted.entity} has no lookup column {wanted.through}.")
    if not wanted.through_table:
        return Problem(
            "through_table",
            f"{lookup.display_name} may point at {' or '.join(lookup.targets)}; say which of them is meant.",
        )
    if wanted.through_table not in lookup.targets:
        return Problem(
            "through_table",
            f"{lookup.display_name} never points at {wanted.through_table}, but at "
            f"{' or '.join(lookup.targets)}.",
        )
    return None


def _label_taken(other: FieldMapping | None) -> Iterator[Problem]:
    if other is not None:
        yield Problem(
            "label",
            f"The label {other.label} is mapped to {other.crm_field} already; a label has one source for "
            "each table. Change or remove that mapping first.",
        )


def _column_taken(field: FieldSpec, others: QuerySet[FieldMapping]) -> Iterator[Problem]:
    """Two labels that both write one column would overwrite each other with every sync."""
    for other in others.filter(crm_field=field.logical_name, through=""):
        if other.direction != Direction.TO_DOTDIGITAL:
            yield Problem(
                "crm_field",
                f"{field.title} is written from the label {other.label} already; only one label may write "
                "it. Map this one to Dotdigital only.",
            )


def _pair_problems(field: FieldSpec, label: LabelSpec, wanted: WantedMapping) -> Iterator[Problem]:
    if problem := why_not(field, label, Direction.TO_DOTDIGITAL):
        yield Problem("label", problem)
    elif problem := why_not(field, label, wanted.direction):
        yield Problem("direction", problem)
    elif problem := rule_problem(field, wanted.direction, wanted.conflict_rule):
        yield Problem("conflict_rule", problem)


def rule_to_store(field: FieldSpec, wanted: WantedMapping) -> ConflictRule:
    """The wanted rule where there can be conflicts; else the one that every mapping begins with."""
    return wanted.conflict_rule if conflict_rules_for(field, wanted.direction) else ConflictRule.DYNAMICS_WINS


def label_problems(account: EmailAccount, wanted: WantedLabel) -> Iterator[Problem]:
    if problem := name_problem(wanted.name.strip()):
        yield Problem("name", problem)
    elif Label.objects.filter(account=account, name=normal_name(wanted.name)).exists():
        yield Problem("name", f"There is a label {normal_name(wanted.name)} already; choose another name.")
    if problem := default_problem(wanted.type, wanted.default_value):
        yield Problem("default_value", problem)
    if len(wanted.description) > LONGEST_DESCRIPTION:
        yield Problem(
            "description",
            f"The description has {len(wanted.description)} characters; at most {LONGEST_DESCRIPTION} "
            "are kept.",
        )
