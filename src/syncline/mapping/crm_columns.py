"""The columns of a Dynamics table as Syncline keeps them: read from the metadata, compared, stored.

Contact, lead and account are refreshed by the CRM metadata sync, and so is every table that a mapping looks
through to. The columns of another table that lookups point at are read when somebody wants to choose one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from syncline.accounts.models import EmailAccount
from syncline.dataverse import Column, Dataverse, NotFound
from syncline.mapping.models import CrmField, Entity, FieldMapping
from syncline.mapping.specs import KINDS

NOT_WRITABLE_TYPES = ("State", "Status")

Kept = dict[str, Any]
"""What Syncline keeps of one column: names and values of `CrmField`."""


@dataclass(frozen=True)
class Differences:
    """Between the columns known here and those that Dynamics has."""

    found: Mapping[str, Kept]
    known: Mapping[str, CrmField]

    @property
    def fresh(self) -> list[str]:
        return [name for name in self.found if name not in self.known]

    @property
    def changed(self) -> dict[str, dict[str, list[Any]]]:
        """Logical name → what has changed → [old, new]."""
        both = ((name, self.known[name], kept) for name, kept in self.found.items() if name in self.known)
        return {name: changes for name, row, kept in both if (changes := _changes(row, kept))}

    @property
    def gone(self) -> list[CrmField]:
        return [row for name, row in self.known.items() if name not in self.found]


def tables_to_refresh(account: EmailAccount) -> list[str]:
    """The tables of people, and those that a mapping looks through to."""
    people = [entity.value for entity in Entity]
    mapped = FieldMapping.objects.filter(account=account).exclude(through_table__in=["", *people])
    return [*people, *sorted(set(mapped.values_list("through_table", flat=True)))]


def read_columns(client: Dataverse, table: str) -> dict[str, Kept]:
    """Logical name → what Syncline keeps of the column. None at all where Dynamics has no such table."""
    try:
        columns = client.columns(table)
    except NotFound:
        return {}
    return {column.logical_name: _kept(column) for column in columns if _can_be_mapped(column)}


def differences(account: EmailAccount, table: str, found: Mapping[str, Kept]) -> Differences:
    known = CrmField.objects.filter(account=account, entity=table)
    return Differences(found, {row.logical_name: row for row in known})


@transaction.atomic
def store(account: EmailAccount, table: str, differences: Differences, now: datetime) -> None:
    """Make what is known the same as what was found."""
    CrmField.objects.bulk_create(
        blank_rows(account, table, differences.fresh, differences.found, now), batch_size=200
    )
    for name in differences.changed:
        CrmField.objects.filter(pk=differences.known[name].pk).update(**differences.found[name])
    CrmField.objects.filter(pk__in=[row.pk for row in differences.gone]).delete()
    CrmField.objects.filter(account=account, entity=table).update(refreshed_at=now)


def blank_rows(
    account: EmailAccount, table: str, names: Iterable[str], found: Mapping[str, Kept], now: datetime
) -> list[CrmField]:
    """Rows for these columns, not stored yet."""
    return [
        CrmField(account=account, entity=table, logical_name=name, refreshed_at=now, **found[name])
        for name in names
    ]


def _can_be_mapped(column: Column) -> bool:
    """A column that only accompanies another one (a lookup's name, say) cannot be selected by itself."""
    return column.type in KINDS and column.valid_for_read and not column.attribute_of


def _kept(column: Column) -> Kept:
    return {
        "display_name": (column.label or column.logical_name)[:300],
        "type": column.type,
        "max_length": column.max_length,
        "precision": column.precision,
        "min_value": _as_float(column.min_value),
        "max_value": _as_float(column.max_value),
        "date_only": column.date_format == "DateOnly",
        "date_behavior": column.date_behaviour,
        "options": {str(option.value): option.label for option in column.options},
        "targets": list(column.targets),
        "readable": column.valid_for_read,
        "writable": column.valid_for_update and column.type not in NOT_WRITABLE_TYPES,
        "required": column.required_level,
    }


def _as_float(limit: float | None) -> float | None:
    """As the table holds it, so that it compares equal next time."""
    return None if limit is None else float(limit)


def _changes(row: CrmField, kept: Kept) -> dict[str, list[Any]]:
    return {name: [getattr(row, name), new] for name, new in kept.items() if getattr(row, name) != new}
