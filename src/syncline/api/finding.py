"""What an address names, or a refusal that says where to look."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from syncline.accounts.models import EmailAccount
from syncline.accounts.rights import Right, right_to_run
from syncline.api.errors import ApiError, not_found
from syncline.campaigns.models import Campaign
from syncline.forms import finding as forms
from syncline.forms.models import Form
from syncline.ledger.models import Run
from syncline.lists.models import MarketingList
from syncline.syncs.contract import SyncType
from syncline.syncs.registry import SYNC_TYPES


def account_of(account_id: int) -> EmailAccount:
    account = EmailAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise not_found("account", "GET /api/v1/accounts lists them.")
    return account


def enabled_account_of(account_id: int) -> EmailAccount:
    """For what a disabled account may not do."""
    account = account_of(account_id)
    if account.disabled:
        raise ApiError(
            HTTPStatus.CONFLICT,
            "account_disabled",
            f"{account.name} is disabled, so nothing was started.",
            "An Email Marketing Manager can enable it.",
        )
    return account


def list_of(account: EmailAccount, list_id: int) -> MarketingList:
    found = MarketingList.objects.filter(account=account, pk=list_id).first()
    if found is None:
        raise not_found("marketing_list", "GET /api/v1/accounts/{account_id}/lists lists them.")
    return found


def campaign_of(account: EmailAccount, campaign_id: int) -> Campaign:
    """By Dotdigital's number."""
    found = Campaign.objects.filter(account=account, campaign_id=campaign_id).select_related("account")
    one = found.defer("told").first()
    if one is None:
        raise not_found("campaign", "GET /api/v1/accounts/{account_id}/campaigns lists those that are known.")
    return one


def form_of(account: EmailAccount, form_id: int) -> Form:
    """By Dotdigital's number."""
    found = forms.form_of(account, form_id)
    if found is None:
        raise not_found("form", "GET /api/v1/accounts/{account_id}/forms lists those that are known.")
    return found


def run_of(run_key: UUID) -> Run:
    runs = Run.objects.select_related("account", "subject").defer("position", "subject__position")
    run = runs.filter(key=run_key).first()
    if run is None:
        raise not_found("run", "GET /api/v1/accounts/{account_id}/runs lists those that are kept.")
    return run


def sync_type_of(key: str) -> SyncType:
    found = SYNC_TYPES.get(key)
    if found is None:
        raise not_found("sync_type", f"The types are: {', '.join(SYNC_TYPES)}.")
    return found


def right_to_type(address: Mapping[str, Any]) -> Right:
    """The right to start the sync type in the address."""
    return right_to_run(address["sync_type"])


def right_to_run_key(address: Mapping[str, Any]) -> Right:
    """The right to start or stop a run like the one in the address; for one that there is not, the least."""
    found = Run.objects.filter(key=address["run_key"]).values_list("sync_type", flat=True).first()
    return right_to_run(found) if found else Right.START_LIST_SYNC
