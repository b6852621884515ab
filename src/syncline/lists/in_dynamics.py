"""Marketing lists as Dynamics holds them, and Syncline's settings of a list, wherever those are kept.

Where the environment is provisioned a list's settings are columns of the list itself, so that they can be
seen and changed in Dynamics; else Syncline keeps them.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import Entity
from syncline.provisioning.declaration import option
from syncline.remote import Misconfigured

COLUMNS: Final = ("listname", "createdfromcode", "type", "statecode", "membercount", "query")
OWN_COLUMNS: Final = (
    "syncline_activated",
    "syncline_syncorder",
    "syncline_membershipaction",
    "syncline_account",
)
"""Syncline's columns on `list`, where the environment is provisioned."""

CREATED_FROM: Final = {1: Entity.ACCOUNT, 2: Entity.CONTACT, 4: Entity.LEAD}
"""`createdfromcode` → the table of the list's members."""

ACTIONS: Final = {
    option(0): MembershipAction.IGNORE,
    option(1): MembershipAction.REMOVE,
    option(2): MembershipAction.ALLOW_KNOWN,
    option(3): MembershipAction.ALLOW_NEW,
}
"""`syncline_membershipaction`; a blank means ignore."""

GONE: Final = "The marketing list was deactivated or deleted in Dynamics."


def refresh_lists(client: Dataverse, account: EmailAccount) -> None:
    """Bring Syncline's table of marketing lists up to date. Reads Dynamics only."""
    pages = client.pages("lists", select=select_of(account), filter="statecode eq 0")
    rows = [row for page in pages for row in page.rows]
    with transaction.atomic():
        seen = [saved.list_id for row in rows if (saved := save_list(account, row)) is not None]
        gone = MarketingList.objects.filter(account=account, active=True).exclude(list_id__in=seen)
        gone.update(active=False, problem=GONE)


def select_of(account: EmailAccount) -> tuple[str, ...]:
    return (*COLUMNS, *OWN_COLUMNS) if account.provisioned else COLUMNS


def save_list(account: EmailAccount, row: dict[str, Any]) -> MarketingList | None:
    """Store a `list` row; None for one whose members are of no table that Syncline knows."""
    entity = CREATED_FROM.get(row["createdfromcode"])
    if entity is None:
        return None
    facts: dict[str, Any] = {
        "name": row["listname"],
        "entity": entity,
        "dynamic": bool(row["type"]),
        "active": True,
    }
    if account.provisioned:
        facts |= _settings_in(account, row)
    saved, _ = MarketingList.objects.update_or_create(
        account=account,
        list_id=row["listid"],
        defaults=facts,
    )
    if saved.problem == GONE:
        saved.problem = ""
        saved.save(update_fields=["problem"])
    return saved


def _settings_in(account: EmailAccount, row: dict[str, Any]) -> dict[str, Any]:
    """A list that names another account's connector key belongs to that one and is not activated here."""
    order = row.get("syncline_syncorder")
    return {
        "activated": bool(row.get("syncline_activated")) and not is_anothers(account, row),
        "sync_order": order if order is not None else 1000,
        "membership_action": ACTIONS.get(row.get("syncline_membershipaction") or 0, MembershipAction.IGNORE),
    }


def is_anothers(account: EmailAccount, row: dict[str, Any]) -> bool:
    """Whether a `list` row names another email account than this one."""
    key = (row.get("syncline_account") or "").strip().lower()
    return key not in ("", str(account.connector_key))


def write_settings(client: Dataverse, account: EmailAccount, marketing_list: MarketingList) -> None:
    """Put the settings of one list into its columns in Dynamics.

    Raises NotFound where the list is gone, and Misconfigured where another account has it activated: a list
    names one account only.
    """
    row = client.get("lists", marketing_list.list_id, select=("syncline_account", "syncline_activated"))
    if row.get("syncline_activated") and is_anothers(account, row):
        raise Misconfigured(
            f"Marketing List EmailAccount Id does not match CrmEmailAccountId: “{marketing_list.name}” is "
            "activated for another email account",
            "Deactivate it for the other account first.",
        )
    numbers = {action: number for number, action in ACTIONS.items()}
    client.update(
        "lists",
        marketing_list.list_id,
        {
            "syncline_activated": marketing_list.activated,
            "syncline_syncorder": marketing_list.sync_order,
            "syncline_membershipaction": numbers[MembershipAction(marketing_list.membership_action)],
            "syncline_account": str(account.connector_key),
        },
    )


def change_settings(
    client: Dataverse,
    account: EmailAccount,
    marketing_list: MarketingList,
    *,
    activated: bool | None = None,
    sync_order: int | None = None,
    membership_action: MembershipAction | None = None,
) -> bool:
    """Change a list's settings where they are kept; None leaves one as it is. Whether anything changed.

    Raises Misconfigured where the list cannot have them.
    """
    if membership_action == MembershipAction.ALLOW_NEW and marketing_list.entity == Entity.ACCOUNT:
        raise Misconfigured(
            f"“{marketing_list.name}” is a list of accounts: nobody becomes a company by their address",
            "Choose another membership action for it.",
        )
    wanted = {
        "activated": activated,
        "sync_order": sync_order,
        "membership_action": membership_action,
    }
    changes = {
        name: value
        for name, value in wanted.items()
        if value is not None and getattr(marketing_list, name) != value
    }
    if not changes:
        return False
    for name, value in changes.items():
        setattr(marketing_list, name, value)
    if account.provisioned:
        # Dynamics first: what it does not take must not look as if it were so.
        write_settings(client, account, marketing_list)
    marketing_list.save(update_fields=list(changes))
    return True
