"""The mappings of an account, ready to use: each with its field, its label and its converters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncline.accounts.models import EmailAccount
from syncline.mapping.canonical import Value
from syncline.mapping.conversion import ConversionError, Converter, compile_converter, compile_reverse
from syncline.mapping.models import ConflictRule, CrmField, Direction, Entity, FieldMapping, Label
from syncline.mapping.pairs import why_not
from syncline.mapping.specs import FieldSpec, Kind, LabelSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedField:
    """One mapping whose field and label both exist and can convert."""

    field: FieldSpec
    label: LabelSpec
    direction: Direction
    conflict_rule: ConflictRule
    blank_overwrites: bool
    convert_out: Converter
    """Dynamics value → canonical label value. For a lookup, hand in the name or the column of the row it
    points at.
    """
    convert_in: Converter | None
    """Label value → Dynamics value; None where the mapping does not write to Dynamics."""

    @property
    def column(self) -> str:
        """Key of the value in a Dataverse row; `_x_value` for a lookup."""
        return self.field.column

    @property
    def is_lookup(self) -> bool:
        """Whether the row holds the id of another row, whose name or column is meant."""
        return self.field.kind is Kind.LOOKUP or bool(self.field.through)

    @property
    def looked_up(self) -> str:
        """`table.column` of that other row; empty where its name is meant, and for a column of its own."""
        return f"{self.field.entity}.{self.field.logical_name}" if self.field.through else ""

    def agrees(self, crm: Value, remote: Value) -> bool:
        """Whether a converted Dynamics value and a canonical Dotdigital value say the same.

        They do where they are equal, and also where writing `remote` to Dynamics would give back `crm`: a
        choice's label in another case, several choices in another order, a time of day in a date-only column.
        Without this such a value would be carried back and forth for ever.
        """
        if crm == remote:
            return True
        if self.convert_in is None or crm is None or remote is None:
            return False
        try:
            return self.convert_out(self.convert_in(remote)) == crm
        except ConversionError:
            return False


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenMapping:
    """A mapping that cannot be used at the moment, and why, in words."""

    entity: str
    crm_field: str
    label: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """An account's mappings per entity, and those that are out of use."""

    mapped: Mapping[str, tuple[MappedField, ...]]
    broken: tuple[BrokenMapping, ...]

    def columns(self, entity: str) -> tuple[str, ...]:
        return columns_to_select(self.mapped.get(entity, ()))


def read_catalogue(account: EmailAccount) -> Catalogue:
    """Three queries, whatever the number of mappings."""
    mappings = FieldMapping.objects.filter(account=account)
    names = {name for mapping in mappings for name in (mapping.crm_field, mapping.through) if name}
    fields = {
        (row.entity, row.logical_name): row
        for row in CrmField.objects.filter(account=account, logical_name__in=names)
    }
    labels = {row.name: LabelSpec.of(row) for row in Label.objects.filter(account=account)}
    return assemble(mappings, fields, labels)


def assemble(
    mappings: Iterable[FieldMapping],
    fields: Mapping[tuple[str, str], CrmField],
    labels: Mapping[str, LabelSpec],
) -> Catalogue:
    """`fields` by table and logical name: own columns, lookups that are looked through, and columns there."""
    mapped: dict[str, list[MappedField]] = {entity.value: [] for entity in Entity}
    broken: list[BrokenMapping] = []
    for mapping in mappings:
        made = _made_usable(mapping, fields, labels.get(mapping.label))
        if isinstance(made, BrokenMapping):
            broken.append(made)
        else:
            mapped[mapping.entity].append(made)
    return Catalogue(
        mapped={entity: tuple(of_entity) for entity, of_entity in mapped.items()}, broken=tuple(broken)
    )


def _made_usable(
    mapping: FieldMapping, fields: Mapping[tuple[str, str], CrmField], label: LabelSpec | None
) -> MappedField | BrokenMapping:
    if mapping.through and not _points_there(mapping, fields.get((mapping.entity, mapping.through))):
        return _broken(
            mapping,
            f"{mapping.entity} has no lookup column {mapping.through} that points at "
            f"{mapping.through_table}: {_COLUMN_REMEDY}",
        )
    table = mapping.through_table if mapping.through else mapping.entity
    row = fields.get((table, mapping.crm_field))
    if row is None:
        return _broken(mapping, f"{table} has no column {mapping.crm_field}: {_COLUMN_REMEDY}")
    field = FieldSpec.of(row, mapping.through)
    if label is None:
        return _broken(mapping, f"The label {mapping.label} is not known: {_LABEL_REMEDY}")
    if problem := why_not(field, label, Direction(mapping.direction)):
        return _broken(mapping, problem)
    return _mapped(mapping, field, label)


def _points_there(mapping: FieldMapping, lookup: CrmField | None) -> bool:
    return lookup is not None and lookup.readable and mapping.through_table in lookup.targets


_COLUMN_REMEDY = "run CRM metadata if it was added lately, or map another column."
_LABEL_REMEDY = "run Data field labels if it was added lately, or map to another label."


def _broken(mapping: FieldMapping, reason: str) -> BrokenMapping:
    return BrokenMapping(
        entity=mapping.entity, crm_field=mapping.crm_field, label=mapping.label, reason=reason
    )


def _mapped(mapping: FieldMapping, field: FieldSpec, label: LabelSpec) -> MappedField:
    direction = Direction(mapping.direction)
    return MappedField(
        field=field,
        label=label,
        direction=direction,
        conflict_rule=ConflictRule(mapping.conflict_rule),
        blank_overwrites=mapping.blank_overwrites,
        convert_out=compile_converter(field, label),
        convert_in=None if direction is Direction.TO_DOTDIGITAL else compile_reverse(field, label),
    )


def columns_to_select(mapped: Iterable[MappedField]) -> tuple[str, ...]:
    """The mapped columns for `$select`, each once, in a fixed order; lookups as `_x_value`."""
    return tuple(sorted({mapping.column for mapping in mapped}))


def columns_fingerprint(columns: Iterable[str]) -> str:
    """Changes when other columns have to be read: a delta token for other columns is of no use."""
    return _digest(sorted(columns))


def mapping_fingerprint(mapped: Iterable[MappedField]) -> str:
    """Changes when the same rows could be decided otherwise: everybody has to be looked at again then."""
    return _digest(
        sorted(
            f"{one.field} {one.label} {one.direction} {one.conflict_rule} {one.blank_overwrites}"
            for one in mapped
        )
    )


def _digest(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
