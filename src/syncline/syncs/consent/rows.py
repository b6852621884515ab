"""Rows that tell Dynamics of suppressions: pure, from what is to be told to an id and columns.

An id is derived from all that makes the row the one it is, so that writing it twice meets the same row, and
taking away what was written under an old address never takes away what stands under a new one. The address
may be part of what is hashed, though no key in Dynamics may be over it: the id is a UUID and fits into any
URL, whatever characters the address has.
"""

from datetime import UTC, datetime
from typing import Any, Final

from syncline.accounts.models import EmailAccount
from syncline.dataverse import bind
from syncline.mapping.models import Entity
from syncline.provisioning.consent_tables import BY_SYNCLINE, REASON_LABELS, SUPPRESSION_REASONS
from syncline.syncs.derived_ids import derived_id

SUPPRESSION_TABLE: Final = "syncline_suppression"
SUPPRESSIONS: Final = "syncline_suppressions"
SUPPRESSED_EMAIL_TABLE: Final = "syncline_suppressedemail"
SUPPRESSED_EMAILS: Final = "syncline_suppressedemails"

LONGEST_NAME: Final = 200
"""Characters of a row's name, of an account's name, and of a reason in words."""

_LOOKUPS: Final = {
    Entity.CONTACT: ("syncline_Contact", "contacts"),
    Entity.LEAD: ("syncline_Lead", "leads"),
}
_WORDS: Final = {word.casefold(): word for word in SUPPRESSION_REASONS}

Columns = dict[str, Any]


def suppression_row(
    account: EmailAccount,
    record: str,
    entity: Entity,
    person_key: str,
    reason: str,
    since: datetime,
    list_id: str | None,
) -> tuple[str, Columns]:
    """Id and columns of the suppression record of one contact or lead, in all or for one marketing list.

    `record` and `list_id` are ids in Dynamics, `reason` is Dotdigital's word. Raises `KeyError` for a record
    of another table: companies have no suppression records.
    """
    lookup, set_ = _LOOKUPS[entity]
    natural_key = f"{entity}/{record.lower()}/{(list_id or '').lower()}/{person_key}"
    columns = {
        "syncline_name": in_words(reason),
        "syncline_email": person_key,
        **_told(account, reason, since),
        "syncline_accountname": account.name[:LONGEST_NAME],
        f"{lookup}@odata.bind": bind(set_, record),
    }
    if list_id is not None:
        columns["syncline_List@odata.bind"] = bind("lists", list_id)
    return derived_id(account, SUPPRESSION_TABLE, natural_key), columns


def suppressed_email_row(
    account: EmailAccount, person_key: str, reason: str, since: datetime
) -> tuple[str, Columns]:
    """Id and columns of an address that Syncline puts on the CRM suppression list."""
    columns = {
        "syncline_email": person_key,
        **_told(account, reason, since),
        "syncline_addedby": BY_SYNCLINE,
    }
    return derived_id(account, SUPPRESSED_EMAIL_TABLE, person_key), columns


def in_words(reason: str) -> str:
    """Dotdigital's reason for people; one that is not known stays as it is."""
    word = _WORDS.get(reason.casefold())
    return (REASON_LABELS[word] if word else reason)[:LONGEST_NAME]


def _told(account: EmailAccount, reason: str, since: datetime) -> Columns:
    """What both tables say. Of the two columns for the reason one is emptied, for the reason may change."""
    word = _WORDS.get(reason.casefold())
    return {
        "syncline_reason": SUPPRESSION_REASONS[word] if word else None,
        "syncline_otherreason": None if word else reason[:LONGEST_NAME],
        "syncline_suppressedon": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "syncline_account": str(account.connector_key),
    }
