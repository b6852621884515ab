"""Loading campaigns over the control address: what they are, whom they went to, what people did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from syncline_sandbox.control import ControlError
from syncline_sandbox.dotdigital import activity, campaigns, sends
from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.activity import Happening, Happenings
from syncline_sandbox.dotdigital.campaigns import Campaign
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.moments import read_iso
from syncline_sandbox.dotdigital.vocabulary import (
    CAMPAIGN_STATUSES,
    CAMPAIGN_TYPES,
    DEFAULT_FROM_ADDRESS,
    REPLY_ACTIONS,
)


class SeedSend(msgspec.Struct, forbid_unknown_fields=True):
    """The campaign to some people at one moment, in the past; without one, now."""

    to: list[str]
    sent: str | None = None
    html: bool = True


class SeedSplitTest(msgspec.Struct, forbid_unknown_fields=True):
    """As GET split-test answers it: each version is one object of its ``versions``."""

    options: list[str]
    versions: list[dict[str, Any]]
    metric: str = "Opens"


class SeedCampaign(msgspec.Struct, forbid_unknown_fields=True):
    """A new campaign, or with ``id`` an existing one, to which sends and activity are added.

    An entry of ``activity`` has ``email``, ``kind``, ``at`` (now when it is missing; it may be in the
    future) and any of the kind's details.
    """

    id: int | None = None
    name: str = "Campaign"
    subject: str = ""
    from_name: str = "Northwind Outdoor"
    from_address: str = DEFAULT_FROM_ADDRESS
    html: str = ""
    plain: str = ""
    reply_action: str = "Webmail"
    reply_to: str | None = None
    custom_reply_to: str | None = None
    type: str = campaigns.STANDARD
    status: str | None = None
    tags: list[str] = msgspec.field(default_factory=list)
    split_test: SeedSplitTest | None = None
    lists: list[str | int] = msgspec.field(default_factory=list)
    scheduled: str | None = None
    created: str | None = None
    sends: list[SeedSend] = msgspec.field(default_factory=list)
    activity: list[dict[str, Any]] = msgspec.field(default_factory=list)


class CampaignLoader:
    """Loads campaigns; ``list_id`` finds or makes the list of a name."""

    def __init__(self, account: Account, happenings: Happenings, list_id: Callable[[str | int], int]) -> None:
        self._account = account
        self._happenings = happenings
        self._list_id = list_id
        self._now = account.now_ms()

    def load(self, entries: Iterable[SeedCampaign]) -> list[int]:
        """The ids of the campaigns, in the order given."""
        ids = [self._load(entry) for entry in entries]
        self._happenings.catch_up()
        return ids

    def _load(self, entry: SeedCampaign) -> int:
        campaign = campaigns.find(self._account, entry.id) if entry.id is not None else self._create(entry)
        self._account.connection.executemany(
            "INSERT OR IGNORE INTO campaign_lists VALUES (?, ?)",
            [(campaign.id, self._list_id(name)) for name in entry.lists],
        )
        for send in entry.sends:
            sent = self._moment(send.sent)
            if sent > self._now:
                raise ControlError("a campaign cannot have been sent in the future")
            people = [(self._person(email), sent, send.html) for email in send.to]
            sends.add(self._account, campaign.id, people)
        self._happenings.plan([self._act(campaign.id, act) for act in entry.activity])
        return campaign.id

    def _create(self, entry: SeedCampaign) -> Campaign:
        for word, words in (
            (entry.type, CAMPAIGN_TYPES),
            (entry.reply_action, REPLY_ACTIONS),
            (entry.status or campaigns.UNSENT, CAMPAIGN_STATUSES),
        ):
            if word not in words:
                raise ControlError(f"{word!r} is not one of {', '.join(words)}")
        unsent = campaigns.TRIGGERED_STATUS if entry.type == campaigns.TRIGGERED else campaigns.UNSENT
        return campaigns.create(
            self._account,
            self._moment(entry.created),
            name=entry.name,
            subject=entry.subject or entry.name,
            from_name=entry.from_name,
            from_address=campaigns.from_address(self._account, entry.from_address),
            html=entry.html or f"<p>{entry.name}</p>",
            plain=entry.plain or entry.name,
            reply_action=entry.reply_action,
            reply_to=entry.reply_to,
            custom_reply_to=entry.custom_reply_to,
            type=entry.type,
            status=entry.status or unsent,
            tags=msgspec.json.encode(entry.tags).decode(),
            split_test=msgspec.json.encode(entry.split_test).decode() if entry.split_test else None,
            scheduled=read_iso(entry.scheduled) if entry.scheduled else None,
        )

    def _act(self, campaign_id: int, act: dict[str, Any]) -> Happening:
        given = dict(act)
        email, kind = str(given.pop("email", "")), str(given.pop("kind", ""))
        at = self._moment(given.pop("at", None))
        send = sends.latest(self._account, campaign_id, self._person(email).id, at)
        if send is None:
            raise ControlError(f"campaign {campaign_id} had not been sent to {email} by then")
        return Happening(campaign_id, kind, at, send.id, activity.detail_of(kind, given))

    def _person(self, email: str) -> Contact:
        contact = store.by_email(self._account.connection, email)
        if contact is None:
            raise ControlError(f"there is no contact with the address {email!r}")
        return contact

    def _moment(self, text: str | None) -> int:
        return self._now if text is None else read_iso(text)
