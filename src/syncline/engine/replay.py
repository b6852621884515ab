"""Replay: let held records be decided once more, without waiting for them to change.

No decision is sent again as it was: whoever is replayed is decided afresh by the next run, with its gates,
mappings and lists as they are then. What somebody did with a campaign or a form is no decision, and goes as
it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.campaigns import activities
from syncline.engine.client import start_run
from syncline.forms import responses
from syncline.insight import rows as insight_rows
from syncline.ledger.held import people_of, sync_types_of
from syncline.ledger.models import Held, Run
from syncline.people import store
from syncline.web_behaviour import store as web_rows

LISTS: Final = frozenset({"lists_out", "lists_in"})
"""Sync types that go through touched people."""

CAMPAIGNS: Final = "campaigns"
"""Keeps what was refused as it was to be written. Labels and columns look at everything in each run."""

FORMS: Final = "forms"
"""Likewise."""

INSIGHT: Final = "insight"
"""Goes through rows of chosen tables, and leaves out what was refused as it is."""


WEB: Final = "web_behaviour"
"""Likewise keeps visits and page views that were refused."""


@dataclass(frozen=True)
class Replayed:
    records: int
    runs: tuple[Run, ...]
    """One of each sync type that the records are held for; one that waited already is the one."""


@transaction.atomic
def replay(
    account: EmailAccount,
    held: QuerySet[Held],
    by: Actor,
    *,
    asked: Mapping[str, object],
    sync_types: Collection[str] | None = None,
) -> Replayed:
    """Touch the people of these records, and start the runs that decide them again.

    `asked` says in the admin log which records were meant. `sync_types` limits the replay to what somebody
    may start; None for all.
    """
    types = [one for one in sync_types_of(held) if sync_types is None or one in sync_types]
    records = 0
    for sync_type in types:
        for keys in people_of(held, [sync_type]):
            records += len(keys)
            if sync_type in LISTS:
                store.touch(account.pk, keys)
            elif sync_type in store.DUE_SYNCS:
                store.make_due(account.pk, sync_type, keys)
            elif sync_type == CAMPAIGNS:
                activities.try_again(account.pk, keys)
            elif sync_type == FORMS:
                responses.try_again(account.pk, keys)
            elif sync_type == INSIGHT:
                insight_rows.try_again(account.pk, keys)
            elif sync_type == WEB:
                web_rows.try_again(account.pk, keys)
    runs = tuple(start_run(account, sync_type, by.name) for sync_type in types)
    if records:
        record_change(by, account, "held records replayed", {}, {"records": records, **asked})
    return Replayed(records, runs)
