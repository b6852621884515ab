"""What the form of a mapping offers: labels, directions and conflict rules that fit the column, and why
others do not.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncline.accounts.models import EmailAccount
from syncline.console.mapping_rows import described
from syncline.mapping.models import ConflictRule, Direction, Entity, FieldMapping, Label
from syncline.mapping.pairs import LABEL_TYPE_FOR, conflict_rules_for, directions_for, labels_for, why_not
from syncline.mapping.restrictive import is_consent
from syncline.mapping.specs import FieldSpec, LabelSpec

DIRECTION_HINTS = {
    Direction.BOTH: "Whichever side changes, the other follows.",
    Direction.TO_DOTDIGITAL: "Dynamics fills the label. What is typed in Dotdigital is overwritten.",
    Direction.TO_DYNAMICS: "Dotdigital fills the column. What is typed in Dynamics is overwritten.",
}
"""In the order of the page: the first that a column allows is the one that a new mapping begins with."""
RULE_HINTS = {
    ConflictRule.DYNAMICS_WINS: "The value in Dynamics stands.",
    ConflictRule.DOTDIGITAL_WINS: "The value in Dotdigital stands.",
    ConflictRule.NEWEST_WINS: "The value of whichever record was changed last stands.",
    ConflictRule.MOST_RESTRICTIVE_WINS: "Of Yes and No, the one that allows less stands.",
}


@dataclass(frozen=True)
class LabelChoice:
    """A label of the right type; one that is mapped from another column already cannot be chosen."""

    name: str
    taken_by: str
    """The column that has it; empty where it is free."""


@dataclass(frozen=True)
class Choice:
    """One direction or rule, with what it means."""

    value: str
    words: str
    hint: str


@dataclass(frozen=True)
class Offered:
    """Everything that the form of one column offers."""

    field: FieldSpec
    labels: tuple[LabelChoice, ...]
    directions: tuple[Choice, ...]
    rules: tuple[Choice, ...]
    """Empty where the column cannot go both ways, so that there is no conflict."""
    why_not_others: str
    """Why not every direction is offered; empty where all are."""

    @property
    def about(self) -> str:
        return described(self.field)

    @property
    def label_type(self) -> str:
        """As in Dotdigital's own words, for making a label that fits."""
        return str(LABEL_TYPE_FOR[self.field.kind])

    @property
    def label_type_name(self) -> str:
        return str(LABEL_TYPE_FOR[self.field.kind].label)

    @property
    def is_consent(self) -> bool:
        return is_consent(self.field)

    @property
    def any_free(self) -> bool:
        return any(not label.taken_by for label in self.labels)


def offered(account: EmailAccount, entity: Entity, field: FieldSpec, stored: FieldMapping | None) -> Offered:
    """What can be chosen for a column. `stored` is the mapping that is being changed: its label is free."""
    others = FieldMapping.objects.filter(account=account, entity=entity)
    others = others.exclude(pk=stored.pk) if stored else others
    taken = dict(others.values_list("label", "crm_field"))
    labels = labels_for(field, [LabelSpec.of(row) for row in Label.objects.filter(account=account)])
    directions = directions_for(field)
    rules = conflict_rules_for(field, Direction.BOTH) if Direction.BOTH in directions else ()
    return Offered(
        field=field,
        labels=tuple(LabelChoice(label.name, taken.get(label.name, "")) for label in labels),
        directions=tuple(
            Choice(one, str(one.label), hint) for one, hint in DIRECTION_HINTS.items() if one in directions
        ),
        rules=tuple(Choice(one, str(one.label), RULE_HINTS[one]) for one in rules),
        why_not_others=_why_not_others(field),
    )


def _why_not_others(field: FieldSpec) -> str:
    wanted = LABEL_TYPE_FOR.get(field.kind)
    label = LabelSpec(name="", type=wanted) if wanted else None
    return why_not(field, label, Direction.BOTH) if label else ""
