"""Asking Dotdigital to bring somebody back: the one way of ours, and the only module that may take it.

Somebody with the right says on what ground, and Dotdigital sends the e-mail in which the person has to
confirm it. Whoever complained of abuse is refused before any call. What was asked is stored before the call,
so after a lost answer nobody is mailed a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.consent.gate import is_deliverable
from syncline.consent.models import Resubscription
from syncline.consent.resubscriptions import Ground, State, too_soon
from syncline.consent.suppression_list import suppression_of
from syncline.consent.suppression_reasons import ASKED, reason_of
from syncline.dotdigital import Dotdigital, NotFound, RemoteError, Retryable
from syncline.dotdigital.resubscribing import Resubscriptions

LONGEST_EVIDENCE: Final = 1000

MAY_COME_BACK: Final = frozenset(
    {
        "subscribed", "unsubscribed", "suppressed", "softbounced", "hardbounced", "mailblocked",
        "blockedlocalpart", "nomxrecord", "pendingoptin", "nosubscription",
    }
)  # fmt: skip
"""Statuses of Dotdigital's, in lower case, from which somebody may be asked for. Any other is a stop:
complaints, domains that may not be mailed, and words that are not known here.
"""

STATES: Final = {
    "ContactAdded": State.ADDED,
    "ContactChallenged": State.CHALLENGED,
    "ContactCannotBeUnsuppressed": State.REFUSED,
}

WORDS: Final = {
    State.ASKED: "Dotdigital's answer was lost, so its confirmation e-mail may be on its way or not. They "
    "can be asked for again in 24 hours.",
    State.ADDED: "Dotdigital subscribed them again without a confirmation e-mail, for it had nothing to "
    "confirm. The next sync sees it and lifts the stop here.",
    State.CHALLENGED: "Dotdigital has sent them an e-mail. They come back once they click its link; until a "
    "sync sees that, they stay stopped here.",
    State.REFUSED: "Dotdigital does not let them back: it holds a complaint, or neither the address nor its "
    "domain may be mailed. Only Dotdigital's support can say more.",
    State.FAILED: "Dotdigital did not take the call, and no e-mail was sent.",
}
"""What each end means for the person."""


class RefusedError(Exception):
    """Nobody was asked: why, and what to do instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Wish:
    """Somebody's wish to come back, as a person here confirms it."""

    address: str
    """In lower case."""
    ground: Ground
    evidence: str
    """Who asked, when and how, in the words of whoever confirms it."""
    by: Actor
    list_id: int | None = None
    """Where they left one list only: `MarketingList.id`, and Dotdigital's list below."""
    book_id: int | None = None


@dataclass(frozen=True)
class Answer:
    """How it ended, and what that means, in words."""

    state: State
    words: str


def refuse(account: EmailAccount, address: str) -> None:
    """Raises RefusedError where the person may not be asked for, as far as is known here. Calls nobody."""
    if not is_deliverable(address):
        raise RefusedError(f"{address} is no e-mail address.", "Write the whole address.")
    if account.disabled:
        raise RefusedError(f"{account.name} is disabled, so nobody was asked for.", "Enable it first.")
    stored = suppression_of(account.pk, address)
    if stored is None:
        return
    if stored.reason == ASKED:
        raise RefusedError(
            "Dotdigital has not confirmed yet that it suppressed them.", "Suppress them again first."
        )
    reason = reason_of(stored.reason)
    if reason.is_final:
        raise RefusedError(
            f"Nobody may ask for them: {reason.words}", "Only they themselves can come back, at Dotdigital."
        )


def ask(account: EmailAccount, wish: Wish, reach: Callable[[], Dotdigital]) -> Answer:
    """Have Dotdigital ask the person. `reach` makes a client, which is closed afterwards.

    Raises RefusedError before anything was asked; and RemoteError where Dotdigital could not be looked at,
    so that nothing was asked either.
    """
    if not wish.evidence.strip():
        raise RefusedError("The ground is missing.", "Say who asked, when and how.")
    if wish.list_id is not None and wish.book_id is None:
        # Without it the call would be the one that brings them back to the whole account.
        raise RefusedError(
            "That list has no list in Dotdigital, so nobody has left it there.", "Name another, or none."
        )
    refuse(account, wish.address)
    with reach() as client:
        _refuse_by_status(client, wish.address)
        stored = _store_asked(account, wish, client.server_time())
        state, detail = _call(client, wish)
    _store_answer(account, wish, stored, state)
    return Answer(state, f"{WORDS[state]}{detail}")


def _refuse_by_status(client: Dotdigital, address: str) -> None:
    """What has happened there since the last reading counts too."""
    try:
        contact = client.get_contact(address)
    except NotFound:
        return
    status = (contact.email_status or contact.status).lower()
    if status not in MAY_COME_BACK:
        raise RefusedError(
            f"Nobody may ask for them: Dotdigital shows them as {status}.",
            "Only they themselves can come back, at Dotdigital.",
        )


@transaction.atomic
def _store_asked(account: EmailAccount, wish: Wish, now: datetime) -> Resubscription:
    """The account is locked, so that of two who ask at once the second is too soon."""
    EmailAccount.objects.select_for_update().get(pk=account.pk)
    if problem := too_soon(account.pk, wish.address, now):
        raise RefusedError(problem, "Dotdigital sends few such e-mails, and then none.")
    record_change(wish.by, account, "resubscription asked for", {}, _told(wish))
    return Resubscription.objects.create(
        account_id=account.pk,
        person_key=wish.address,
        list_id=wish.list_id,
        ground=wish.ground,
        evidence=wish.evidence.strip()[:LONGEST_EVIDENCE],
        asked_by=wish.by.name,
        asked_at=now,
        state=State.ASKED,
    )


def _call(client: Dotdigital, wish: Wish) -> tuple[State, str]:
    """Where the answer was lost, the e-mail may have been sent: that is no failure."""
    try:
        done = Resubscriptions(client).resubscribe(wish.address, book_id=wish.book_id)
    except RemoteError as error:
        is_lost = isinstance(error, Retryable) and error.outcome_unknown
        return State.ASKED if is_lost else State.FAILED, f" ({error.message})"
    return STATES[done.outcome], ""


@transaction.atomic
def _store_answer(account: EmailAccount, wish: Wish, stored: Resubscription, state: State) -> None:
    Resubscription.objects.filter(pk=stored.pk, state=State.ASKED).update(state=state)
    told = {"address": wish.address, "answer": state.value}
    record_change(wish.by, account, "resubscription answered", {}, told)


def _told(wish: Wish) -> dict[str, object]:
    ground, evidence = wish.ground.value, wish.evidence.strip()
    told: dict[str, object] = {"address": wish.address, "ground": ground, "evidence": evidence}
    return told if wish.list_id is None else {**told, "list": wish.list_id}
