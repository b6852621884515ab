"""What the Data Mappings page lists: every column that can be mapped, each with the mappings that it has.

A table of Dynamics has some hundreds of columns at most, so those of one table are looked at together; the
page then shows a part of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncline.accounts.models import EmailAccount
from syncline.mapping.catalogue import read_catalogue
from syncline.mapping.models import ConflictRule, CrmField, Direction, Entity, FieldMapping
from syncline.mapping.specs import FieldSpec, Kind

SHOWN = {"all": "All", "mapped": "Mapped", "unmapped": "Not mapped"}
"""The filter's choices, with their words."""


@dataclass(frozen=True)
class MappingSearch:
    """What somebody asks for on the page."""

    show: str = "all"
    find: str = ""
    through: str = ""
    """A lookup column of the table: list the columns of the row that it points at."""
    table: str = ""
    """The table of that row."""


@dataclass(frozen=True)
class Lookup:
    """A way from a table over one of its lookups to another table."""

    column: str
    name: str
    table: str


@dataclass(frozen=True)
class MappingRow:
    """One column with one of its mappings, or with none."""

    field: FieldSpec | None
    """None where a mapping names a column that is not known."""
    via: Lookup | None = None
    mapping: FieldMapping | None = None
    problem: str = ""
    """Why the mapping cannot be used, and what to do; empty where it can."""
    lookups: tuple[Lookup, ...] = ()
    """Where the column leads, if it is a lookup."""

    @property
    def title(self) -> str:
        name = (self.field and self.field.display_name) or self.column
        return f"{self.via.name} → {name}" if self.via else name

    @property
    def column(self) -> str:
        if self.field is not None:
            return self.field.logical_name
        return self.mapping.crm_field if self.mapping else ""

    @property
    def about(self) -> str:
        """The column's own name and what it holds."""
        path = f"{self.via.column} → {self.column}" if self.via else self.column
        return f"{path} · {described(self.field)}" if self.field else path

    @property
    def direction(self) -> str:
        return self.mapping.direction if self.mapping else ""

    @property
    def conflict_rule(self) -> str:
        """Empty where only one side ever writes, so that there is no conflict."""
        if self.mapping is None or self.mapping.direction != Direction.BOTH:
            return ""
        return str(ConflictRule(self.mapping.conflict_rule).label)

    def mentions(self, text: str) -> bool:
        words = (self.title, self.about, self.mapping.label if self.mapping else "")
        return any(text in word.lower() for word in words)


def described(field: FieldSpec) -> str:
    """What a column holds, in a few words."""
    words = field.kind.value
    if field.kind is Kind.TEXT and field.max_length:
        words += f", up to {field.max_length:,} characters"
    return words if field.writable else f"{words}, read only in Dynamics"


def mapping_rows(account: EmailAccount, entity: Entity, search: MappingSearch) -> list[MappingRow]:
    """Broken mappings first, then those in use, then the columns that have none; each by name."""
    rows = [row for row in _every_row(account, entity, search) if _is_asked_for(row, search)]
    return sorted(rows, key=lambda row: (not row.problem, row.mapping is None, row.title.lower(), row.column))


def mapped_counts(account: EmailAccount) -> Mapping[str, int]:
    """Per table, how many mappings there are."""
    entities = list(FieldMapping.objects.filter(account=account).values_list("entity", flat=True))
    return {entity.value: entities.count(entity.value) for entity in Entity}


def via_of(account: EmailAccount, entity: Entity, column: str, table: str) -> Lookup | None:
    """The way over a lookup column to a table; None where the column is no lookup or never points there."""
    row = CrmField.objects.filter(account=account, entity=entity, logical_name=column).first()
    if row is None or table not in row.targets:
        return None
    return Lookup(column, row.display_name or column, table)


def _is_asked_for(row: MappingRow, search: MappingSearch) -> bool:
    if search.show == "mapped" and row.mapping is None:
        return False
    if search.show == "unmapped" and row.mapping is not None:
        return False
    return not search.find or row.mentions(search.find.lower())


def _every_row(account: EmailAccount, entity: Entity, search: MappingSearch) -> Iterator[MappingRow]:
    own = {row.logical_name: row for row in CrmField.objects.filter(account=account, entity=entity)}
    mappings = list(FieldMapping.objects.filter(account=account, entity=entity))
    broken = {one.label: one.reason for one in read_catalogue(account).broken if one.entity == entity.value}
    if search.through:
        via = via_of(account, entity, search.through, search.table)
        if via is not None:
            fields = CrmField.objects.filter(account=account, entity=via.table)
            those = [one for one in mappings if (one.through, one.through_table) == (via.column, via.table)]
            yield from _rows(fields, those, broken, via)
        return
    yield from _rows(own.values(), [one for one in mappings if not one.through], broken, None)
    yield from _looked_up(account, own, [one for one in mappings if one.through], broken)


def _rows(
    fields: Iterable[CrmField],
    mappings: Iterable[FieldMapping],
    broken: Mapping[str, str],
    via: Lookup | None,
) -> Iterator[MappingRow]:
    by_column: dict[str, list[FieldMapping]] = {}
    for mapping in mappings:
        by_column.setdefault(mapping.crm_field, []).append(mapping)
    for field in fields:
        spec = FieldSpec.of(field, via.column if via else "")
        if via is not None and spec.kind is Kind.LOOKUP:
            continue  # Values are read through one lookup, not through two.
        lookups = () if via else tuple(_lookups_of(field))
        found = by_column.pop(field.logical_name, [])
        for mapping in found:
            yield MappingRow(spec, via, mapping, broken.get(mapping.label, ""), lookups)
        if not found:
            yield MappingRow(spec, via, lookups=lookups)
    for mapping in (one for lost in by_column.values() for one in lost):
        yield MappingRow(None, via, mapping, broken.get(mapping.label, ""))


def _looked_up(
    account: EmailAccount,
    own: Mapping[str, CrmField],
    mappings: Iterable[FieldMapping],
    broken: Mapping[str, str],
) -> Iterator[MappingRow]:
    """The mappings of looked-up rows' columns, to stand among the table's own."""
    mappings = list(mappings)
    wanted = CrmField.objects.filter(
        account=account,
        entity__in={one.through_table for one in mappings},
        logical_name__in={one.crm_field for one in mappings},
    )
    fields = {(row.entity, row.logical_name): row for row in wanted}
    for mapping in mappings:
        lookup = own.get(mapping.through)
        name = lookup.display_name if lookup else mapping.through
        via = Lookup(mapping.through, name, mapping.through_table)
        field = fields.get((mapping.through_table, mapping.crm_field))
        spec = FieldSpec.of(field, mapping.through) if field else None
        yield MappingRow(spec, via, mapping, broken.get(mapping.label, ""))


def _lookups_of(field: CrmField) -> Iterator[Lookup]:
    for table in field.targets:
        yield Lookup(field.logical_name, field.display_name or field.logical_name, table)
