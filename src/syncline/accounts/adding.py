"""Adding an account. Accounts come from the command line only, never from the console (product.md §2)."""

from __future__ import annotations

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change, shown
from syncline.accounts.details import AccountDetails, AccountRefusedError, Problem, problems_of, tidied
from syncline.accounts.models import EmailAccount


def check_details(details: AccountDetails, *, allow_loopback: bool) -> AccountDetails:
    """The details as they will be stored.

    Raises AccountRefusedError with every problem that can be found without calling anybody.
    """
    details = tidied(details)
    problems = list(problems_of(details, allow_loopback=allow_loopback))
    if EmailAccount.objects.filter(name__iexact=details.name).exists():
        problems.append(
            Problem("name", f"There is an account called {details.name} already; give another name.")
        )
    if problems:
        raise AccountRefusedError(problems)
    return details


def unsaved_account(details: AccountDetails) -> EmailAccount:
    """The account as a row that is not stored yet, for checking it live first."""
    account = EmailAccount(
        name=details.name,
        description=details.description,
        owner=details.owner,
        time_zone=details.time_zone,
        dataverse_url=details.dataverse_url,
        dataverse_authority=details.dataverse_authority,
        dataverse_ca_file=details.dataverse_ca_file,
        tenant_id=details.tenant_id,
        client_id=details.client_id,
        dotdigital_url=details.dotdigital_url,
        dotdigital_user=details.dotdigital_user,
    )
    account.client_secret = details.client_secret
    account.client_certificate = details.client_certificate
    account.dotdigital_password = details.dotdigital_password
    return account


@transaction.atomic
def add_account(details: AccountDetails, *, by: Actor, allow_loopback: bool) -> EmailAccount:
    """Store a new account, secrets encrypted; the first becomes the default. Raises AccountRefusedError."""
    account = unsaved_account(check_details(details, allow_loopback=allow_loopback))
    account.is_default = not EmailAccount.objects.filter(is_default=True).exists()
    account.save(force_insert=True)
    record_change(by, account, "account added", {}, shown(account))
    return account
