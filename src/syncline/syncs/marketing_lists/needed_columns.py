"""Which columns a new contact or lead needs, as the copy of Dynamics' metadata tells it."""

from collections import defaultdict
from typing import Final

from django.db.models import Q

from syncline.accounts.models import EmailAccount
from syncline.mapping.models import CrmField
from syncline.mapping.specs import FieldSpec
from syncline.syncs.marketing_lists.newcomers import ALWAYS
from syncline.syncs.marketing_lists.rules import NeededColumn

REQUIRED: Final = ("ApplicationRequired", "SystemRequired")
"""The API insists on the second only; but what forms insist on, an organisation wants to have filled."""

FILLED_BY_DYNAMICS: Final = ("Uniqueidentifier", "State", "Status", "Owner", "Boolean")
"""Types of columns that have a value in a new row without anybody giving one."""


def needed_columns(account: EmailAccount) -> dict[str, tuple[NeededColumn, ...]]:
    """By table, in a fixed order. A name is always needed, whatever an organisation demands."""
    fields = CrmField.objects.filter(account=account, entity__in=ALWAYS)
    always = Q()
    for entity, names in ALWAYS.items():
        always |= Q(entity=entity, logical_name__in=names)
    required = Q(required__in=REQUIRED, writable=True) & ~Q(type__in=FILLED_BY_DYNAMICS)
    found: dict[str, dict[str, NeededColumn]] = defaultdict(dict)
    for field in fields.filter(always | required).order_by("entity", "logical_name"):
        found[field.entity][field.logical_name] = NeededColumn(
            field.logical_name, FieldSpec.of(field).title, field.max_length
        )
    return {entity: _with(names, found[entity]) for entity, names in ALWAYS.items()}


def _with(names: tuple[str, ...], found: dict[str, NeededColumn]) -> tuple[NeededColumn, ...]:
    unknown = {name: NeededColumn(name, name, None) for name in names}
    return tuple({**unknown, **found}.values())
