"""The vendor clients of an account, with the limits that all workers share.

A run comes back to the engine after every step, so a client is kept for the next one: with its token, its
open connections and its share of the calls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from syncline.accounts.certificates import UnusableCertificateError, read_certificate
from syncline.accounts.models import EmailAccount
from syncline.accounts.quotas import (
    dataverse_limiter,
    dataverse_principal,
    dotdigital_limiter,
    dotdigital_principal,
    questions_limiter,
)
from syncline.accounts.secrets import UnreadableSecretError
from syncline.dataverse import Dataverse, Environment
from syncline.dotdigital import Account, Dotdigital
from syncline.remote import Clock, Misconfigured, Patience, SystemClock

KEPT_FOR_S = 900.0
"""How long an unused client is kept; far longer than one step, so that none is closed while it works."""

WHILE_SOMEBODY_WAITS: Final = Patience(patience_s=8.0, attempts=3)


class _Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=_Closable)


@dataclass
class _Kept(Generic[C]):
    client: C
    used_at: float


class KeptClients(Generic[C]):
    """Clients by what they were made from; changed credentials make another client. Safe between threads."""

    def __init__(self, make: Callable[[EmailAccount], C], made_from: tuple[str, ...], clock: Clock) -> None:
        self._make = make
        self._made_from = made_from
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[object, ...], _Kept[C]] = {}

    def client(self, account: EmailAccount) -> C:
        key = tuple(getattr(account, name) for name in self._made_from)
        with self._lock:
            now = self._clock.now()
            self._close_unused(now)
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = _Kept(self._make(account), now)
            kept.used_at = now
            return kept.client

    def close_all(self) -> None:
        with self._lock:
            for kept in self._kept.values():
                kept.client.close()
            self._kept.clear()

    def _close_unused(self, now: float) -> None:
        for key in [key for key, kept in self._kept.items() if now - kept.used_at > KEPT_FOR_S]:
            self._kept.pop(key).client.close()


def environment_of(account: EmailAccount) -> Environment:
    """How to reach the account's Dynamics environment. Raises Misconfigured where a secret cannot be read."""
    try:
        pem = account.client_certificate
        return Environment(
            url=account.dataverse_url,
            tenant_id=account.tenant_id,
            client_id=account.client_id,
            client_secret=account.client_secret or None,
            certificate=read_certificate(pem) if pem else None,
            authority=account.dataverse_authority or None,
            ca_file=account.dataverse_ca_file or None,
        )
    except (UnreadableSecretError, UnusableCertificateError) as error:
        raise _unreadable(account, "Dynamics") from error


def dotdigital_account_of(account: EmailAccount) -> Account:
    """How to reach the account's Dotdigital side. Raises Misconfigured where the password cannot be read."""
    try:
        return Account(
            base_url=account.dotdigital_url,
            api_user=account.dotdigital_user,
            api_password=account.dotdigital_password,
        )
    except UnreadableSecretError as error:
        raise _unreadable(account, "Dotdigital") from error


def _unreadable(account: EmailAccount, side: str) -> Misconfigured:
    return Misconfigured(
        f"The stored {side} credentials of {account.name} cannot be read: their encryption key is gone",
        "Put the old key back into SYNCLINE_ENCRYPTION_KEYS (or home/encryption.key), or enter the "
        "credentials anew with `syncline account credentials`.",
    )


def new_dataverse_client(
    account: EmailAccount, *, patience: Patience | None = None, read_timeout_s: float = 130.0
) -> Dataverse:
    """A client that the caller closes."""
    limiter = dataverse_limiter(account.dataverse_url, account.client_id)
    return Dataverse(
        environment_of(account), limiter=limiter, patience=patience, read_timeout_s=read_timeout_s
    )


def new_dotdigital_client(
    account: EmailAccount, *, patience: Patience | None = None, read_timeout_s: float = 121.0
) -> Dotdigital:
    """A client that the caller closes."""
    limiter = dotdigital_limiter(account.dotdigital_url, account.dotdigital_user)
    return Dotdigital(
        dotdigital_account_of(account), limiter=limiter, patience=patience, read_timeout_s=read_timeout_s
    )


def dotdigital_for_somebody_waiting(account: EmailAccount) -> Dotdigital:
    """For what a person does and waits for. A client that the caller closes."""
    return new_dotdigital_client(account, patience=WHILE_SOMEBODY_WAITS, read_timeout_s=20.0)


def _dataverse_for_questions(account: EmailAccount) -> Dataverse:
    vendor = dataverse_limiter(account.dataverse_url, account.client_id)
    return Dataverse(
        environment_of(account),
        limiter=questions_limiter(dataverse_principal(account.dataverse_url, account.client_id), vendor),
        patience=WHILE_SOMEBODY_WAITS,
        read_timeout_s=20.0,
    )


def _dotdigital_for_questions(account: EmailAccount) -> Dotdigital:
    principal = dotdigital_principal(account.dotdigital_url, account.dotdigital_user)
    vendor = dotdigital_limiter(account.dotdigital_url, account.dotdigital_user)
    return Dotdigital(
        dotdigital_account_of(account),
        limiter=questions_limiter(principal, vendor),
        patience=WHILE_SOMEBODY_WAITS,
    )


_OF_DATAVERSE = (
    "dataverse_url",
    "dataverse_authority",
    "dataverse_ca_file",
    "tenant_id",
    "client_id",
    "client_secret_encrypted",
    "client_certificate_encrypted",
)
_OF_DOTDIGITAL = ("dotdigital_url", "dotdigital_user", "dotdigital_password_encrypted")

_DATAVERSE = KeptClients(new_dataverse_client, _OF_DATAVERSE, SystemClock())
_DOTDIGITAL = KeptClients(new_dotdigital_client, _OF_DOTDIGITAL, SystemClock())
_DATAVERSE_FOR_QUESTIONS = KeptClients(_dataverse_for_questions, _OF_DATAVERSE, SystemClock())
_DOTDIGITAL_FOR_QUESTIONS = KeptClients(_dotdigital_for_questions, _OF_DOTDIGITAL, SystemClock())


def dataverse_client(account: EmailAccount) -> Dataverse:
    """The process's client for the account's environment; shared, so do not close it."""
    return _DATAVERSE.client(account)


def dotdigital_client(account: EmailAccount) -> Dotdigital:
    """The process's client for the account's Dotdigital side; shared, so do not close it."""
    return _DOTDIGITAL.client(account)


def dataverse_for_questions(account: EmailAccount) -> Dataverse:
    """The process's client for somebody who waits for an answer, and may ask as often as they like: all
    questions together have few calls, and take none that a sync needs. Shared, so do not close it.
    """
    return _DATAVERSE_FOR_QUESTIONS.client(account)


def dotdigital_for_questions(account: EmailAccount) -> Dotdigital:
    """As `dataverse_for_questions`."""
    return _DOTDIGITAL_FOR_QUESTIONS.client(account)


def close_clients() -> None:
    """Close every client that is kept; for the end of a process or a test."""
    for kept in (_DATAVERSE, _DOTDIGITAL, _DATAVERSE_FOR_QUESTIONS, _DOTDIGITAL_FOR_QUESTIONS):
        kept.close_all()
