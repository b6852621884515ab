"""The rows of preferences in Dynamics: pure, from what Dotdigital tells to an id and columns, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from syncline.accounts.models import EmailAccount
from syncline.dataverse import bind
from syncline.dotdigital import Preference
from syncline.mapping.models import Entity
from syncline.people.store.choices import NO, NOTHING, YES, ChoiceRow
from syncline.syncs.consent.changes import Change
from syncline.syncs.derived_ids import derived_id

CATEGORY: Final = "syncline_preferencecategory"
CATEGORIES: Final = "syncline_preferencecategories"
PREFERENCE: Final = "syncline_preference"
PREFERENCES: Final = "syncline_preferences"
CHOICE: Final = "syncline_contactpreference"
CHOICES: Final = "syncline_contactpreferences"
OF_RECORD: Final = {"contact": "_syncline_contact_value", "lead": "_syncline_lead_value"}
"""Table → the lookup of a choice that points at it."""
OPTED_IN: Final = "syncline_optedin"

NAMED: Final = ("syncline_name", "syncline_privatename", "syncline_dotdigitalid")
OF_CATEGORY: Final = "_syncline_category_value"
"""What is read of a definition."""

COLUMNS: Final = (
    "_syncline_contact_value",
    "_syncline_lead_value",
    "_syncline_preference_value",
    OPTED_IN,
    "syncline_changedon",
    "createdon",
    "modifiedon",
    "_modifiedby_value",
)
"""What is read of a choice."""

LONGEST_NAME: Final = 200
_CHOSEN: Final[Mapping[Any, int]] = {True: YES, False: NO}
_BIND: Final = {Entity.CONTACT: ("syncline_Contact", "contacts"), Entity.LEAD: ("syncline_Lead", "leads")}

Columns = dict[str, Any]


def preference_id(account: EmailAccount, number: int) -> str:
    return derived_id(account, PREFERENCE, str(number))


class Definition(NamedTuple):
    """The row of a preference or a category."""

    id: str
    columns: Columns
    category: str | None = None
    """The row of the category it is in."""

    def is_as(self, held: Mapping[str, Any] | None) -> bool:
        """Whether Dynamics holds just this."""
        if held is None or held.get(OF_CATEGORY) != self.category:
            return False
        return all(held.get(name) == self.columns[name] for name in NAMED)


def category_row(account: EmailAccount, one: Preference) -> Definition:
    return Definition(_category_id(account, one.id), _named(account, one))


def preference_row(account: EmailAccount, one: Preference) -> Definition:
    category = _category_id(account, one.category) if one.category else None
    pointing = {"syncline_Category@odata.bind": bind(CATEGORIES, category) if category else None}
    return Definition(preference_id(account, one.id), {**_named(account, one), **pointing}, category)


def _category_id(account: EmailAccount, number: int) -> str:
    return derived_id(account, CATEGORY, str(number))


def _named(account: EmailAccount, one: Preference) -> Columns:
    return {
        "syncline_name": one.public_name[:LONGEST_NAME],
        "syncline_privatename": one.private_name[:LONGEST_NAME],
        "syncline_dotdigitalid": one.id,
        "syncline_account": str(account.connector_key),
    }


def choice_id(account: EmailAccount, record_id: str, preference: int) -> str:
    return derived_id(account, CHOICE, f"{record_id}/{preference}")


def choice_columns(account: EmailAccount, change: Change) -> Columns:
    """Of a KEEP: what the row says by then."""
    chosen_at = datetime.fromtimestamp(change.chosen_ms / 1000, UTC) if change.chosen_ms else None
    columns: Columns = {
        OPTED_IN: change.after == YES,
        "syncline_changedon": f"{chosen_at:%Y-%m-%dT%H:%M:%SZ}" if chosen_at else None,
    }
    if change.version:
        return columns
    lookup, set_ = _BIND[Entity(change.entity)]
    return {
        **columns,
        "syncline_name": f"{change.label}: {change.name}"[:LONGEST_NAME],
        "syncline_account": str(account.connector_key),
        f"{lookup}@odata.bind": bind(set_, change.record_id),
        "syncline_Preference@odata.bind": bind(PREFERENCES, preference_id(account, change.preference)),
    }


def choice_of(
    row: dict[str, Any], numbers: dict[str, int], us: str, known: ChoiceRow | None
) -> ChoiceRow | None:
    """What a row of Dynamics says; None where it is about no preference of the account, or about nobody.

    `numbers`: id of a preference in Dynamics → Dotdigital's. `us`: Syncline's user there.
    """
    number = numbers.get(str(row.get("_syncline_preference_value")))
    record_id = row.get("_syncline_contact_value") or row.get("_syncline_lead_value")
    if number is None or not record_id:
        return None
    ours = row.get("_modifiedby_value") == us
    chosen = _CHOSEN.get(row.get(OPTED_IN), NOTHING)
    since_ms = _since(row, chosen, ours, known)
    return ChoiceRow(row[f"{CHOICE}id"], str(record_id), number, chosen, since_ms, ours)


def _since(row: dict[str, Any], chosen: int, ours: bool, known: ChoiceRow | None) -> int:
    """Since when the row says so. Its last change may have been to anything else: for a yes that is seen for
    the first time counts when the row was made, which cannot be too late, and for a no the last change, which
    cannot be too early.
    """
    changed = _ms(row.get("modifiedon"))
    if ours:
        return _ms(row.get("syncline_changedon")) or changed
    if known is not None and known.chosen == chosen and not known.ours:
        return known.since_ms
    if known is None and chosen == YES:
        return _ms(row.get("createdon")) or changed
    return changed


def _ms(moment: object) -> int:
    return int(datetime.fromisoformat(str(moment)).timestamp() * 1000) if moment else 0
