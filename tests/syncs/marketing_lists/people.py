"""Named people and small settings for tests of decisions."""

from collections.abc import Callable
from typing import Any

from syncline.mapping.models import ConflictRule
from syncline.people.facts import CrmFacts, PersonFacts, Place
from syncline.syncs.marketing_lists.rules import FieldRule, ListRule, NewRows, Rules

NEWS, OFFERS = 1, 2
"""Two marketing lists."""

ALICE = "alice@example.com"


def _same(value: Any) -> Any:
    return value


def field(
    column: str,
    label: str,
    *,
    inward: bool = True,
    outward: bool = True,
    conflict_rule: ConflictRule = ConflictRule.DYNAMICS_WINS,
    blank_overwrites: bool = False,
    convert: Callable[[Any], Any] = _same,
    restrictive: bool | None = None,
    is_consent: bool = False,
) -> FieldRule:
    return FieldRule(
        column=column,
        write_column=column,
        label=label,
        convert_out=convert,
        convert_in=_same if inward else None,
        agrees=lambda crm, remote: crm == remote,
        outward=outward,
        conflict_rule=conflict_rule,
        blank_overwrites=blank_overwrites,
        is_lookup=False,
        restrictive=restrictive,
        is_consent=is_consent,
    )


FIRST, LAST = field("firstname", "FIRSTNAME"), field("lastname", "LASTNAME")


def rules(
    *fields: FieldRule,
    action: str = "ignore",
    dynamic: bool = False,
    usable: bool = True,
    only_active: bool = True,
    readmit_inactive: bool = True,
) -> Rules:
    return Rules(
        fields=dict.fromkeys(("contact", "lead", "account"), fields or (FIRST, LAST)),
        lists={
            NEWS: ListRule(NEWS, 0, "contact", dynamic, action, usable),
            OFFERS: ListRule(OFFERS, 1, "lead", dynamic, action, usable),
        },
        only_open_and_active=only_active,
        looked_up={},
        readmit_inactive=readmit_inactive,
        new_rows=NewRows({}, lambda entity, address: f"{entity} of {address}"),
    )


def contact(
    *lists: int, record_id: str = "c1", entity: str = "contact", flags: int = 0, **columns: Any
) -> CrmFacts:
    return CrmFacts(entity, record_id, "Alice Hall", flags, columns, "", list(lists))


def alice(*records: CrmFacts, **facts: Any) -> PersonFacts:
    return PersonFacts(ALICE, list(records), **facts)


def in_list(*lists: int, agreed: bool = True, status: str = "subscribed") -> dict[int, Place]:
    return {list_id: Place(status, agreed) for list_id in lists}
