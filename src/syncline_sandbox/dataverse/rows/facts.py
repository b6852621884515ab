"""What writing needs to know about a table again and again, gathered once a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncline_sandbox.dataverse.rows.computing import defaults
from syncline_sandbox.dataverse.schema.model import Table

# The platform fills these in of itself.
_FILLED_IN = frozenset({"statecode", "ownerid", "owninguser", "owningteam", "owningbusinessunit"})


@dataclass(frozen=True)
class TableFacts:
    defaults: dict[str, Any]
    required: tuple[str, ...]
    # Columns whose change makes base amounts change.
    money: frozenset[str]


def facts_of(table: Table) -> TableFacts:
    money = {column.base_of for column in table.columns.values() if column.base_of}
    return TableFacts(
        defaults=defaults(table),
        # Only SystemRequired is enforced by the API; ApplicationRequired is a matter of forms.
        required=tuple(
            column.name
            for column in table.columns.values()
            if column.required == "SystemRequired"
            and column.can_create
            and column.name != table.primary_id
            and column.name not in _FILLED_IN
        ),
        money=frozenset(money | {"transactioncurrencyid"} if money else ()),
    )
