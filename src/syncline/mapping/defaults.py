"""The mappings that a new account starts with (product.md §9)."""

from __future__ import annotations

from dataclasses import dataclass

from syncline.accounts.models import EmailAccount
from syncline.mapping.models import ConflictRule, Direction, Entity, FieldMapping


@dataclass(frozen=True)
class DefaultMapping:
    entity: Entity
    crm_field: str
    label: str
    direction: Direction = Direction.BOTH


def _for_a_person(entity: Entity) -> tuple[DefaultMapping, ...]:
    return (
        DefaultMapping(entity, "firstname", "FIRSTNAME"),
        DefaultMapping(entity, "lastname", "LASTNAME"),
        # Dynamics puts the full name together itself, so it cannot be written back.
        DefaultMapping(entity, "fullname", "FULLNAME", Direction.TO_DOTDIGITAL),
        DefaultMapping(entity, "address1_postalcode", "POSTCODE"),
    )


DEFAULT_MAPPINGS: tuple[DefaultMapping, ...] = (
    *_for_a_person(Entity.CONTACT),
    *_for_a_person(Entity.LEAD),
    # A company's name must not be replaced by what someone typed into a form as their own.
    DefaultMapping(Entity.ACCOUNT, "name", "FULLNAME", Direction.TO_DOTDIGITAL),
    DefaultMapping(Entity.ACCOUNT, "address1_postalcode", "POSTCODE"),
)


def create_default_mappings(account: EmailAccount) -> None:
    """Give a new account its mappings. A label that is mapped already keeps its mapping."""
    FieldMapping.objects.bulk_create(
        [
            FieldMapping(
                account=account,
                entity=default.entity,
                crm_field=default.crm_field,
                label=default.label,
                direction=default.direction,
                conflict_rule=ConflictRule.DYNAMICS_WINS,
            )
            for default in DEFAULT_MAPPINGS
        ],
        ignore_conflicts=True,
    )
