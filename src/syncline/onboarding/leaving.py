"""Removing an account and all that Syncline keeps for it. Neither Dynamics nor Dotdigital is touched."""

from __future__ import annotations

from django.db import transaction

from syncline.accounts.admin_log import Actor
from syncline.accounts.changing import remove_account
from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Activity, HeldActivity
from syncline.consent.models import (
    Choice,
    ChoiceRow,
    CrmSuppressed,
    Due,
    ListUnsubscriber,
    Preference,
    Resubscription,
    Suppression,
    WrittenSuppression,
)
from syncline.forms.models import HeldResponse, KeptResponse, LastSaid, UnappliedResponse
from syncline.insight.models import InsightRow
from syncline.ledger.models import UNDER_WAY, Run
from syncline.lists.models import MarketingList
from syncline.people.models import (
    BookMember,
    CrmMember,
    CrmRecord,
    LookupName,
    Person,
    Score,
    ScoredRecord,
    Touched,
)
from syncline.web_behaviour.models import WebPageView, WebVisit

OF_THE_ACCOUNT = (
    CrmRecord,
    Person,
    Touched,
    LookupName,
    Score,
    ScoredRecord,
    Suppression,
    Resubscription,
    Due,
    WrittenSuppression,
    CrmSuppressed,
    Activity,
    HeldActivity,
    KeptResponse,
    HeldResponse,
    InsightRow,
    UnappliedResponse,
    Preference,
    Choice,
    ChoiceRow,
    LastSaid,
    WebVisit,
    WebPageView,
)
OF_ITS_LISTS = (CrmMember, BookMember, ListUnsubscriber)


class RunsUnderWayError(Exception):
    """The account still has runs waiting or going on."""

    def __init__(self, runs: list[Run]) -> None:
        types = ", ".join(sorted({run.sync_type for run in runs}))
        super().__init__(f"A run is waiting or under way: {types}")
        self.runs = runs


def leave(account: EmailAccount, *, by: Actor) -> None:
    """Remove the account. Raises RunsUnderWayError while a run could still write for it."""
    from syncline.engine import (
        client as engine,
    )  # It takes a second to load, which no other verb should wait.

    if runs := list(Run.objects.filter(account=account, status__in=UNDER_WAY)):
        raise RunsUnderWayError(runs)
    keys = [str(key) for key in Run.objects.filter(account=account).values_list("key", flat=True)]
    with transaction.atomic():
        _forget_people(account)
        remove_account(account, by=by)
    if keys:
        engine.forget(keys)


def _forget_people(account: EmailAccount) -> None:
    """These tables are as large as the account; they know it by number only and do not go by cascade."""
    lists = list(MarketingList.objects.filter(account=account).values_list("pk", flat=True))
    for of_a_list in OF_ITS_LISTS:
        of_a_list._default_manager.filter(list_id__in=lists).delete()
    for of_the_account in OF_THE_ACCOUNT:
        of_the_account._default_manager.filter(account_id=account.pk).delete()
