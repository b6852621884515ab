"""What the Marketing Lists page shows of each list, and of the list syncs under way."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from syncline.accounts.models import EmailAccount
from syncline.console.schedule_rows import live_by_type
from syncline.console.sync_types import name_of
from syncline.ledger.models import Run
from syncline.lists.audience import Audience, audience_of
from syncline.lists.models import MarketingList, MembershipAction

LIST_SYNCS = ("lists_out", "lists_in")
NAMES_SHOWN = 5

WORDS = {
    "targets": "would be mailed",
    "unsubscribed": "unsubscribed or suppressed",
    "no_address": "without address",
    "do_not_email": "marked Do Not (Bulk) Email",
    "inactive": "not active",
    "shared": "share an address with another record",
    "others": "left out for other reasons",
}
"""Parts of an audience, in the order in which they are told."""

SHORT = {
    "unsubscribed": "unsubscribed",
    "no_address": "without address",
    "do_not_email": "do not email",
    "inactive": "not active",
    "shared": "shared address",
    "others": "other reasons",
}


@dataclass(frozen=True)
class AudiencePart:
    name: str
    words: str
    number: int
    share: float
    """Per cent of the members."""
    start: float
    """Per cent at which its piece of the bar begins."""


@dataclass(frozen=True)
class ListRow:
    """One line of the table."""

    listed: MarketingList
    audience: Audience | None

    @property
    def action(self) -> str:
        """What a static list does with people who are in the Dotdigital list only."""
        if self.listed.dynamic:
            return "Goes to Dotdigital only"
        return MembershipAction(self.listed.membership_action).label

    @property
    def is_gone(self) -> bool:
        return not self.listed.active

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """(words, how many), without the zeros."""
        if self.audience is None:
            return []
        return [(words, number) for name, words in SHORT.items() if (number := getattr(self.audience, name))]


@dataclass(frozen=True)
class UnderWay:
    """A list sync that waits or runs."""

    run: Run
    name: str
    lists: str
    """The lists that it is for; empty for all."""


def list_row(marketing_list: MarketingList) -> ListRow:
    return ListRow(marketing_list, audience_of(marketing_list))


def audience_parts(audience: Audience) -> list[AudiencePart]:
    """The pieces of the bar, those of nobody too."""
    parts, start = [], 0.0
    whole = max(audience.members, sum(getattr(audience, name) for name in WORDS), 1)
    for name, words in WORDS.items():
        number: int = getattr(audience, name)
        share = 100 * number / whole
        parts.append(AudiencePart(name, words, number, round(share, 2), round(start, 2)))
        start += share
    return parts


def under_way(account: EmailAccount) -> list[UnderWay]:
    """The list syncs that wait or run, what runs first."""
    live = live_by_type(account)
    found = [(live[key].running, live[key].waiting) for key in LIST_SYNCS if key in live]
    runs = [one for pair in zip(*found, strict=True) for one in pair if one] if found else []
    names = dict(
        MarketingList.objects.filter(pk__in={key for run in runs for key in run.scope}).values_list(
            "pk", "name"
        )
    )
    return [UnderWay(run, name_of(run.sync_type), _listed(run, names)) for run in runs]


def why_address(account: EmailAccount, address: str) -> str:
    return f"{reverse('why', args=[account.pk])}?{urlencode({'address': address})}"


def _listed(run: Run, names: dict[int, str]) -> str:
    told = [names[key] for key in run.scope if key in names]
    more = len(told) - NAMES_SHOWN
    return ", ".join(told[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
