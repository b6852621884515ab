"""The whole history of one person's consent, in the words of people, out of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syncline.accounts.models import EmailAccount
from syncline.consent.erased import digest_of
from syncline.consent.ledger import OPTED_OUT, Source, What
from syncline.consent.models import ConsentEvent, ConsentSubject
from syncline.lists.models import MarketingList


@dataclass(frozen=True)
class Words:
    """How a kind of change is told."""

    title: str
    nothing: str = "not known"
    """What an empty value means."""


WORDS: Final[dict[str, Words]] = {
    What.SUPPRESSION: Words("Dotdigital's suppression list", "not on it"),
    What.EMAIL_STATUS: Words("E-mail status in Dotdigital"),
    What.OPT_IN: Words("Opt-in type"),
    What.LIST: Words("Place in a list", "not in it"),
    What.DO_NOT_BULK_EMAIL: Words("Do Not Bulk Email"),
    What.DO_NOT_EMAIL: Words("Do Not Email"),
    What.CRM_SUPPRESSION: Words("Suppression list in Dynamics", "not on it"),
    What.PREFERENCE: Words("Marketing preference"),
    What.RESUBSCRIBED: Words("Asked to come back"),
    What.ERASED: Words("Erased here", "kept"),
}
SOURCES: Final[dict[str, str]] = {
    Source.DOTDIGITAL: "Dotdigital",
    Source.DYNAMICS: "Dynamics",
    Source.SYNC: "A sync",
    Source.CONSOLE: "Console",
    Source.API: "API",
    Source.COMMAND_LINE: "Command line",
}
_SHOWN_AS: Final[dict[tuple[str, str], str]] = {
    (What.LIST, "suppressed"): "left by themselves",
    (What.ERASED, OPTED_OUT): "erased, and stays out",
    (What.ERASED, ""): "erased",
}


@dataclass(frozen=True)
class Entry:
    """One event as it stands in the ledger, with names in place of numbers where they are still known."""

    number: int
    at: datetime
    recorded_at: datetime
    account: str
    what: str
    before: str
    after: str
    source: str
    actor: str
    list_name: str
    evidence: dict[str, Any]
    run: int | None

    @property
    def title(self) -> str:
        return WORDS[self.what].title if self.what in WORDS else self.what

    @property
    def was(self) -> str:
        """The value before in words."""
        return self.before or self._nothing if self.what != What.ERASED else "kept"

    @property
    def became(self) -> str:
        """The value after in words."""
        return _SHOWN_AS.get((self.what, self.after)) or self.after or self._nothing

    @property
    def from_where(self) -> str:
        return SOURCES.get(self.source, self.source)

    @property
    def proof(self) -> list[tuple[str, Any]]:
        """The evidence by plain names."""
        return [(name.replace("_", " "), value) for name, value in self.evidence.items()]

    @property
    def _nothing(self) -> str:
        return WORDS[self.what].nothing if self.what in WORDS else "nothing"


@dataclass(frozen=True)
class History:
    """Everything that the ledger tells of one address, in the order in which it happened."""

    address: str
    erased_at: datetime | None
    entries: tuple[Entry, ...]


def history(address: str) -> History:
    """An erased person is found too, by whoever knows the address."""
    key = address.strip().lower()
    subject = ConsentSubject.objects.filter(digest=digest_of(key)).first()
    if subject is None:
        return History(key, None, ())
    events = list(subject.events.order_by("at", "pk"))
    return History(key, subject.erased_at, tuple(_told(events)))


def _told(events: list[ConsentEvent]) -> Iterable[Entry]:
    accounts = dict(EmailAccount.objects.values_list("pk", "name"))
    named = MarketingList.objects.filter(pk__in={event.list_id for event in events if event.list_id})
    lists = dict(named.values_list("pk", "name"))
    for event in events:
        yield Entry(
            number=event.pk,
            at=event.at,
            recorded_at=event.recorded_at,
            account=accounts.get(event.account_id, f"Account {event.account_id}, removed since"),
            what=event.what,
            before=event.before,
            after=event.after,
            source=event.source,
            actor=event.actor,
            list_name=lists.get(event.list_id, f"List {event.list_id}, gone since") if event.list_id else "",
            evidence=event.evidence,
            run=event.run_id,
        )
