"""The mapping of a form, ready to use: which answers go into which column, as Dynamics takes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncline.accounts.models import EmailAccount
from syncline.forms.mapping import column_problem
from syncline.forms.models import Form
from syncline.mapping.choices import SEPARATOR
from syncline.mapping.conversion import ConversionError, compile_reverse
from syncline.mapping.models import CrmField
from syncline.mapping.pairs import LABEL_TYPE_FOR
from syncline.mapping.specs import FieldSpec, Kind, LabelSpec

Answers = Mapping[tuple[int, int], Sequence[str]]
"""(question, line) → what was said, in words."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    question: tuple[int, int]
    column: str
    joined_by: str
    """Stands between several answers to the question."""
    convert: Callable[[Any], Any]
    """Words → value as Dynamics takes it. Raises ConversionError."""


@dataclass(frozen=True, slots=True)
class FormRules:
    creates: str
    """`contact`, `lead` or empty."""
    columns: Mapping[str, Sequence[ColumnRule]]
    """By table."""
    broken: Mapping[str, Sequence[str]]
    """By table: why columns cannot be written as things are."""

    def values(self, table: str, answers: Answers) -> dict[str, Any]:
        """Column → value, of what was answered. Raises ConversionError."""
        found = {}
        for rule in self.columns.get(table, ()):
            if said := [words for words in answers.get(rule.question, ()) if words.strip()]:
                found[rule.column] = rule.convert(rule.joined_by.join(said))
        return {column: value for column, value in found.items() if value is not None}


NO_RULES: Final = FormRules("", {}, {})


def rules_of(account: EmailAccount, form_keys: Sequence[int]) -> dict[int, FormRules]:
    """Three queries, whatever the number of forms."""
    forms = Form.objects.filter(pk__in=form_keys).prefetch_related("fields")
    names = {field.crm_field for form in forms for field in form.fields.all()}
    known = CrmField.objects.filter(account=account, entity__in=("contact", "lead"), logical_name__in=names)
    fields = {(row.entity, row.logical_name): row for row in known}
    return {form.pk: _rules(form, fields) for form in forms}


def _rules(form: Form, fields: Mapping[tuple[str, str], CrmField]) -> FormRules:
    columns: dict[str, list[ColumnRule]] = {}
    broken: dict[str, list[str]] = {}
    for mapped in form.fields.all():
        row = fields.get((mapped.entity, mapped.crm_field))
        problem = (
            column_problem(row) if row else f"{mapped.entity} has no column {mapped.crm_field} any more."
        )
        if row is None or problem:
            broken.setdefault(mapped.entity, []).append(problem)
            continue
        columns.setdefault(mapped.entity, []).append(
            _rule((mapped.question_id, mapped.line_id), FieldSpec.of(row))
        )
    return FormRules(form.creates, columns, broken)


def _rule(question: tuple[int, int], field: FieldSpec) -> ColumnRule:
    label = LabelSpec(name="", type=LABEL_TYPE_FOR[field.kind])
    joined_by = SEPARATOR if field.kind is Kind.CHOICES else ", "
    return ColumnRule(question, field.logical_name, joined_by, compile_reverse(field, label))


__all__ = ["NO_RULES", "Answers", "ColumnRule", "ConversionError", "FormRules", "rules_of"]
