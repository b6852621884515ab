"""Starting a sync."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.db import transaction
from ninja import Router, Status
from pydantic import Field

from syncline.accounts.models import EmailAccount
from syncline.accounts.rights import LIST_SYNCS
from syncline.api.body import Body
from syncline.api.errors import ApiError, answers
from syncline.api.finding import enabled_account_of, right_to_type, run_of, sync_type_of
from syncline.api.guard import ApiRequest, actor_of, needs
from syncline.api.run_facts import RunFacts, accepted
from syncline.engine import client as engine
from syncline.lists.models import MarketingList
from syncline.syncs.contract import SyncType

router = Router(tags=["Runs"])


class Scope(Body):
    """What a sync is to be about."""

    lists: list[int] = Field(
        default_factory=list,
        max_length=1000,
        description="Ids of the marketing lists to sync, for the list syncs only; empty for all.",
        examples=[[3, 4]],
    )


@router.post(
    "/accounts/{int:account_id}/sync-types/{slug:sync_type}/runs",
    auth=needs(right_to_type),
    response=answers(RunFacts, status=HTTPStatus.ACCEPTED, refusals=(400, 409, 422)),
)
def start_sync(
    request: ApiRequest, account_id: int, sync_type: str, scope: Scope | None = None
) -> Status[RunFacts]:
    """Queue a sync at once, whatever its schedule says.

    At most one run of a type waits. Where one does already, it is the answer, and takes these lists too.
    """
    account, kind = enabled_account_of(account_id), sync_type_of(sync_type)
    lists = scope_of(account, kind, scope)
    with transaction.atomic():
        run = engine.start_run(account, kind.key, by=actor_of(request).name, scope=lists)
    return accepted(run_of(run.key))


def scope_of(account: EmailAccount, kind: SyncType, scope: Scope | None) -> Sequence[int]:
    """The lists asked for, each of which must be one that the account syncs."""
    wanted = sorted(set(scope.lists)) if scope else []
    if wanted and kind.key not in LIST_SYNCS:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "lists_not_possible",
            f"{kind.name} is not about marketing lists.",
            "Leave the lists out.",
        )
    synced = MarketingList.objects.filter(account=account, active=True, activated=True, pk__in=wanted)
    if unknown := sorted(set(wanted) - set(synced.values_list("pk", flat=True))):
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "lists_unknown",
            f"{account.name} has no activated marketing list with the id {unknown[0]}.",
            "GET /api/v1/accounts/{account_id}/lists lists them.",
        )
    return wanted
