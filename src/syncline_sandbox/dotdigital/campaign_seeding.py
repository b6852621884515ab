"""Loading campaigns over the control address: what they are, whom they went to, what people did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from syncline_sandbox.control import ControlError
from syncline_sandbox.dotdigital import activity, bulk_campaign, campaigns, sendings, sends
from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.activity import Happening
from syncline_sandbox.dotdigital.bulk_campaign import SeedBulk
from syncline_sandbox.dotdigital.campaigns import Campaign
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.course import Course
from syncline_sandbox.dotdigital.happenings import Happenings
from syncline_sandbox.dotdigital.moments import read_iso
from syncline_sandbox.dotdigital.vocabulary import (
    CAMPAIGN_STATUSES,
    CAMPAIGN_TYPES,
    DEFAULT_FROM_ADDRESS,
    REPLY_ACTIONS,
)


class SeedSend(msgspec.Struct, forbid_unknown_fields=True):
    """The campaign at one moment; without one, now.

    ``to`` names the people, and the moment is in the past. Without it the campaign goes to whoever is on its
    lists and may be mailed when that moment comes, which may be in the future. ``react`` false leaves these
    people out of the campaign's course.
    """

    to: list[str] | None = None
    sent: str | None = None
    html: bool = True
    react: bool = True


class SeedSplitTest(msgspec.Struct, forbid_unknown_fields=True):
    """As GET split-test answers it: each version is one object of its ``versions``."""

    options: list[str]
    versions: list[dict[str, Any]]
    metric: str = "Opens"


class SeedCampaign(msgspec.Struct, forbid_unknown_fields=True):
    """A new campaign, or with ``id`` an existing one, to which sends and activity are added.

    With a ``course`` people do what its model says (see course.py). ``bulk`` is for benches (see
    bulk_campaign.py); its moment is that of ``created``. An entry of ``activity`` has ``email``, ``kind``,
    ``at`` (now when it is missing; it may be in the future) and any of the kind's details.
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
    course: Course | None = None
    bulk: SeedBulk | None = None
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
        self._happenings.reload()
        self._happenings.catch_up()
        return ids

    def _load(self, entry: SeedCampaign) -> int:
        campaign = campaigns.find(self._account, entry.id) if entry.id is not None else self._create(entry)
        self._account.connection.executemany(
            "INSERT OR IGNORE INTO campaign_lists VALUES (?, ?)",
            [(campaign.id, self._list_id(name)) for name in entry.lists],
        )
        for send in entry.sends:
            self._send(campaign.id, entry, send)
        if entry.bulk is not None:
            target = entry.bulk.to_list
            list_id = None if target is None else self._list_id(target)
            bulk_campaign.load(self._account, campaign.id, entry.bulk, self._moment(entry.created), list_id)
        self._happenings.plan([self._act(campaign.id, act) for act in entry.activity])
        return campaign.id

    def _send(self, campaign_id: int, entry: SeedCampaign, send: SeedSend) -> None:
        sent = self._moment(send.sent)
        plan = entry.course if send.react else None
        if send.to is None:
            list_ids = [self._list_id(name) for name in entry.lists]
            status = sendings.SCHEDULED if sent > self._now else sendings.SENDING
            sendings.start(self._account, campaign_id, sent, status, list_ids, [], plan)
            if sent > self._now:
                campaigns.change(self._account, campaign_id, scheduled=sent)
            return
        if sent > self._now:
            raise ControlError("a campaign cannot have been sent to somebody in the future")
        people = [self._person(email) for email in send.to]
        mails = sends.add(self._account, campaign_id, [(who, sent, send.html) for who in people])
        if plan is not None:
            self._happenings.plan(sendings.planned(plan, campaign_id, mails, people))

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
