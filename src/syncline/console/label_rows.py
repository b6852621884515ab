"""What the Email Data Labels tab shows of each label: where it is, and which mappings use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from syncline.accounts.models import EmailAccount
from syncline.mapping.models import Entity, FieldMapping, Label


@dataclass(frozen=True)
class LabelRow:
    """One line of the table."""

    label: Label
    uses: tuple[tuple[Entity, int], ...]
    """Per table with any: how many of its mappings use the label."""

    @property
    def state(self) -> str:
        """As a badge code."""
        if self.label.in_dotdigital:
            return "label_in_dotdigital"
        return "label_refused" if self.label.error else "label_waiting"

    @property
    def used(self) -> int:
        return sum(count for _, count in self.uses)

    @property
    def default_value(self) -> str:
        return shown_default(self.label.default_value)


def shown_default(value: object) -> str:
    """A default value as a person writes it; empty where there is none."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None:
        return ""
    return str(value).removesuffix("T00:00:00Z")


def found_labels(account: EmailAccount, wanted: str) -> QuerySet[Label]:
    """Labels whose name or description has the text in it."""
    labels = Label.objects.filter(account=account)
    if wanted:
        labels = labels.filter(Q(name__icontains=wanted) | Q(description__icontains=wanted))
    return labels


def label_rows(account: EmailAccount, labels: Iterable[Label]) -> list[LabelRow]:
    """One query for the mappings, whatever the number of labels."""
    shown = list(labels)
    uses = _uses(account, [label.name for label in shown])
    return [LabelRow(label, uses.get(label.name, ())) for label in shown]


def _uses(account: EmailAccount, names: list[str]) -> Mapping[str, tuple[tuple[Entity, int], ...]]:
    counted = (
        FieldMapping.objects.filter(account=account, label__in=names)
        .order_by()
        .values_list("label", "entity")
        .annotate(Count("pk"))
    )
    by_name: dict[str, dict[str, int]] = {}
    for name, entity, count in counted:
        by_name.setdefault(name, {})[entity] = count
    return {
        name: tuple((entity, counts[entity]) for entity in Entity if entity in counts)
        for name, counts in by_name.items()
    }
