"""Changing and removing accounts. Each change is one transaction with its entry in the admin log."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change, shown
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.details import AccountRefusedError, Problem
from syncline.accounts.models import EmailAccount
from syncline.accounts.secrets import rotate

RECORD_TABLES = ("contact", "lead", "account")
"""The tables whose rows may share an address."""

LONGEST_PLAN_VALIDITY_H = 720
"""Thirty days: as long as runs are kept by default."""


def change_general(
    account: EmailAccount,
    *,
    by: Actor,
    name: str | None = None,
    description: str | None = None,
    time_zone: str | None = None,
) -> None:
    """Rename, describe, or move to another time zone; None leaves as it is. Raises AccountRefusedError."""
    name = account.name if name is None else name.strip()
    time_zone = time_zone or account.time_zone
    if problems := list(_general_problems(account, name, time_zone)):
        raise AccountRefusedError(problems)
    with _logged(account, by, "general settings"):
        account.name, account.time_zone = name, time_zone
        if description is not None:
            account.description = description.strip()
        account.save(update_fields=["name", "description", "time_zone"])


def _general_problems(account: EmailAccount, name: str, time_zone: str) -> Iterator[Problem]:
    if not name:
        yield Problem("name", "Give the account a name.")
    elif EmailAccount.objects.filter(name__iexact=name).exclude(pk=account.pk).exists():
        yield Problem("name", f"Another account is called {name}; give another name.")
    if time_zone not in zoneinfo.available_timezones():
        yield Problem(
            "time_zone", f"{time_zone!r} is not a time zone; give an IANA name such as Europe/London."
        )


def make_default(account: EmailAccount, *, by: Actor) -> None:
    """Move the default mark here. At no moment that others can see are there two defaults, or none."""
    with transaction.atomic():
        for other in hold_every_account():
            if other.is_default and other.pk != account.pk:
                with _logged(other, by, "default account"):
                    other.is_default = False
                    other.save(update_fields=["is_default"])
        account.refresh_from_db(fields=["is_default"])
        if not account.is_default:
            with _logged(account, by, "default account"):
                account.is_default = True
                account.save(update_fields=["is_default"])


def hold_every_account() -> list[EmailAccount]:
    """All accounts, locked until the transaction ends, so that two people who move the default mark at once
    do it one after the other. Whoever locks one of them besides calls this first.
    """
    return list(EmailAccount.objects.select_for_update().order_by("pk"))


def set_disabled(account: EmailAccount, disabled: bool, *, by: Actor) -> None:
    """Stop every synchronisation of the account, or let them run again."""
    if account.disabled != disabled:
        with _logged(account, by, "account disabled" if disabled else "account enabled"):
            account.disabled = disabled
            account.save(update_fields=["disabled"])


def set_record_priority(account: EmailAccount, order: Sequence[str], *, by: Actor) -> None:
    """Say which record decides the values where several share one address: all tables, the first of them
    first. Raises AccountRefusedError.
    """
    wanted = [table.strip().lower() for table in order]
    if sorted(wanted) != sorted(RECORD_TABLES):
        raise AccountRefusedError(
            [
                Problem(
                    "record_priority",
                    f"Name {', '.join(RECORD_TABLES[:-1])} and {RECORD_TABLES[-1]}, each once, in the order "
                    "that decides.",
                )
            ]
        )
    if ",".join(wanted) != account.record_priority:
        with _logged(account, by, "record priority"):
            account.record_priority = ",".join(wanted)
            account.save(update_fields=["record_priority"])


def set_campaign_level(account: EmailAccount, level: CampaignLevel, *, by: Actor) -> None:
    """Say how much is synced of email campaigns that have no level of their own."""
    if level != account.campaign_level:
        with _logged(account, by, "level of email campaigns"):
            account.campaign_level = level
            account.save(update_fields=["campaign_level"])


def set_plan_validity(account: EmailAccount, hours: int, *, by: Actor) -> None:
    """Say for how long a plan may be approved. Raises AccountRefusedError."""
    if not 1 <= hours <= LONGEST_PLAN_VALIDITY_H:
        raise AccountRefusedError(
            [Problem("plan_valid_h", f"A plan may be valid for 1 to {LONGEST_PLAN_VALIDITY_H} hours.")]
        )
    if hours != account.plan_valid_h:
        with _logged(account, by, "plan validity"):
            account.plan_valid_h = hours
            account.save(update_fields=["plan_valid_h"])


def change_consent_in_dynamics(
    account: EmailAccount,
    *,
    by: Actor,
    mark_do_not_bulk_email: bool | None = None,
    keep_crm_suppression_list: bool | None = None,
) -> None:
    """Whether a suppression also sets Do Not Bulk Email, and whether both sides' suppression lists are kept
    in step; None leaves as it is. What was written before stays: switching off lets nobody back in.
    """
    with _logged(account, by, "what a suppression does in Dynamics"):
        if mark_do_not_bulk_email is not None:
            account.mark_do_not_bulk_email = mark_do_not_bulk_email
        if keep_crm_suppression_list is not None:
            account.keep_crm_suppression_list = keep_crm_suppression_list
        account.save(update_fields=["mark_do_not_bulk_email", "keep_crm_suppression_list"])


def change_sync_of_inactive(
    account: EmailAccount,
    *,
    by: Actor,
    only_open_and_active: bool | None = None,
    readmit_inactive: bool | None = None,
) -> None:
    """Whether only open leads and active contacts are synced, and whether the others may come back through
    Dotdigital; None leaves as it is. It holds for what is decided after it was saved: nobody is looked at
    again because of it.
    """
    with _logged(account, by, "sync of leads and contacts that are not active"):
        if only_open_and_active is not None:
            account.only_open_and_active = only_open_and_active
        if readmit_inactive is not None:
            account.readmit_inactive = readmit_inactive
        account.save(update_fields=["only_open_and_active", "readmit_inactive"])


def replace_credentials(
    account: EmailAccount,
    *,
    by: Actor,
    client_id: str = "",
    client_secret: str = "",
    client_certificate: str = "",
    dotdigital_user: str = "",
    dotdigital_password: str = "",
) -> None:
    """Store new credentials; an empty one leaves the old. A new secret replaces a certificate, and a new
    certificate a secret.

    The log says which were replaced, never with what.
    """
    with transaction.atomic():
        before = shown(account)
        replaced = set_credentials(
            account,
            client_id=client_id,
            client_secret=client_secret,
            client_certificate=client_certificate,
            dotdigital_user=dotdigital_user,
            dotdigital_password=dotdigital_password,
        )
        account.save()
        record_change(by, account, "credentials replaced", before, {**shown(account), "replaced": replaced})


def set_credentials(account: EmailAccount, **credentials: str) -> list[str]:
    """Put the credentials that are not empty into the row, without storing it; the names of those."""
    replaced = sorted(name for name, value in credentials.items() if value)
    for name in replaced:
        setattr(account, name, credentials[name])
    if "client_secret" in replaced:
        account.client_certificate = ""
    elif "client_certificate" in replaced:
        account.client_secret = ""
    return replaced


def rotate_keys(*, by: Actor) -> int:
    """Encrypt every stored secret with the newest key; the number of accounts. All of them or none."""
    with transaction.atomic():
        accounts = list(EmailAccount.objects.select_for_update().order_by("pk"))
        for account in accounts:
            account.client_secret_encrypted = rotate(account.client_secret_encrypted)
            account.client_certificate_encrypted = rotate(account.client_certificate_encrypted)
            account.dotdigital_password_encrypted = rotate(account.dotdigital_password_encrypted)
        EmailAccount.objects.bulk_update(
            accounts,
            ["client_secret_encrypted", "client_certificate_encrypted", "dotdigital_password_encrypted"],
            batch_size=500,
        )
        record_change(by, None, "encryption keys rotated", {}, {"accounts": len(accounts)})
    return len(accounts)


def remove_account(account: EmailAccount, *, by: Actor) -> None:
    """Delete the account row and what refers to it; the default mark goes to the first account by name.

    What belongs to the account without referring to it, its people above all, is `onboarding`'s to delete.
    """
    with transaction.atomic():
        before = shown(account)
        was_default = account.is_default
        account.delete()
        record_change(by, None, "account removed", before, {})
        heir = EmailAccount.objects.order_by("name").first() if was_default else None
        if heir is not None:
            make_default(heir, by=by)


@contextmanager
def _logged(account: EmailAccount, by: Actor, action: str) -> Iterator[None]:
    """A transaction around a change of the account, with the log entry of what it changed."""
    with transaction.atomic():
        before = shown(EmailAccount.objects.get(pk=account.pk))
        yield
        after = shown(account)
        if before != after:
            record_change(by, account, action, before, after)
