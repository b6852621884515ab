"""The client as callers see it: one object for one account."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from syncline.dotdigital.account import Account
from syncline.dotdigital.account_info import AccountCalls
from syncline.dotdigital.address_books import AddressBooks
from syncline.dotdigital.campaign_activity import CampaignActivity
from syncline.dotdigital.campaigns import Campaigns
from syncline.dotdigital.contacts import Contacts
from syncline.dotdigital.data_fields import DataFields
from syncline.dotdigital.forms import Forms
from syncline.dotdigital.imports import Imports
from syncline.dotdigital.insight_data import InsightData
from syncline.dotdigital.preferences import Preferences
from syncline.dotdigital.scores import Scores
from syncline.dotdigital.session import READ_TIMEOUT_S, Session
from syncline.dotdigital.suppressions import Suppressions
from syncline.remote import Clock, Limiter, Patience


class Dotdigital(
    AccountCalls,
    DataFields,
    AddressBooks,
    Contacts,
    Imports,
    Suppressions,
    Scores,
    Campaigns,
    CampaignActivity,
    InsightData,
    Forms,
    Preferences,
):
    """A client of one Dotdigital account; safe to share between threads; close it when done.

    `limiter` is asked before every request and shown every answer: pass one that all workers share.
    `patience` bounds how long a single call waits before its `Retryable` goes to the caller.
    """

    def __init__(
        self,
        account: Account,
        *,
        limiter: Limiter | None = None,
        patience: Patience | None = None,
        clock: Clock | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._session = Session(
            account, limiter=limiter, patience=patience, clock=clock, read_timeout_s=read_timeout_s
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Dotdigital({self.account.root})"

    def close(self) -> None:
        self._session.close()

    @property
    def account(self) -> Account:
        return self._session.account
