"""Suppressing addresses by hand: a stop here first, then in Dotdigital.

The stop is stored and committed before Dotdigital is called, so a lost answer leaves somebody who is not
mailed rather than somebody who is. Until Dotdigital's own list shows the address, nothing lifts it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.consent import ledger
from syncline.consent.ledger import Change, Source, What
from syncline.consent.models import Suppression
from syncline.consent.suppression_reasons import ACCEPTED, ASKED
from syncline.dotdigital import Dotdigital, ImportReport, ImportRow, RemoteError

MOST_ADDRESSES: Final = 1000
"""As many as one call of Dotdigital takes."""
LONGEST_NOTE: Final = 500
LOOKS_AT_IMPORT: Final = 10
BETWEEN_LOOKS_S: Final = 0.5


@dataclass(frozen=True)
class Asked:
    """What a person wants suppressed, and who that is."""

    addresses: Sequence[str]
    """Well formed, in lower case, each once."""
    by: Actor
    source: Source
    note: str = ""


@dataclass
class Suppressing:
    """What became of it, address by address. Every one of them is a stop here, whatever Dotdigital said."""

    known: list[str] = field(default_factory=list)
    """Were on the list already, and keep the reason that they had."""
    accepted: list[str] = field(default_factory=list)
    """Dotdigital has suppressed them."""
    refused: dict[str, str] = field(default_factory=dict)
    """Dotdigital takes no contact with such an address; its words."""
    waiting: list[str] = field(default_factory=list)
    """Dotdigital has not confirmed them: its answer was lost, or it still works on them."""
    problem: RemoteError | None = None
    """Why Dotdigital could not be asked, or did not answer."""


def suppress(account: EmailAccount, asked: Asked, reach: Callable[[], Dotdigital]) -> Suppressing:
    """Store the stops, then have Dotdigital suppress the addresses. At most `MOST_ADDRESSES`. `reach` makes
    a client, which is closed afterwards.
    """
    if len(asked.addresses) > MOST_ADDRESSES:
        raise ValueError(f"At most {MOST_ADDRESSES} addresses are suppressed at once")
    fresh = _store_stops(account, asked)
    done = Suppressing(known=[key for key in asked.addresses if key not in set(fresh)])
    if fresh:
        try:
            with reach() as client:
                _have_suppressed(account, client, fresh, done)
        except RemoteError as error:
            done.problem = error
        settled = {*done.accepted, *done.refused}
        done.waiting = [key for key in fresh if key not in settled]
    return done


@transaction.atomic
def _store_stops(account: EmailAccount, asked: Asked) -> list[str]:
    """The addresses that Dotdigital has to be asked about: those it is not known to have suppressed."""
    rows = Suppression.objects.filter(account_id=account.pk, person_key__in=asked.addresses)
    reasons = dict(rows.values_list("person_key", "reason"))
    fresh = [key for key in asked.addresses if reasons.get(key, ASKED) == ASKED]
    now = datetime.now(UTC)
    Suppression.objects.bulk_create(
        [
            Suppression(
                account_id=account.pk, person_key=key, reason=ASKED, since=now, note=asked.note,
                asked_by=asked.by.name,
            )
            for key in fresh
        ],
        update_conflicts=True,
        unique_fields=["account_id", "person_key"],
        update_fields=["note", "asked_by"],
    )  # fmt: skip
    ledger.record(
        Change(account.pk, key, now, What.SUPPRESSION, "", ASKED, asked.source, asked.by.name)
        for key in fresh
        if key not in reasons
    )
    if fresh:
        told = {"addresses": sorted(fresh)} | ({"note": asked.note} if asked.note else {})
        record_change(asked.by, account, "addresses suppressed", {}, told)
    return fresh


def _have_suppressed(
    account: EmailAccount, client: Dotdigital, keys: Sequence[str], done: Suppressing
) -> None:
    """Known contacts in one call; whom Dotdigital does not know becomes a suppressed contact."""
    answer = client.suppress(keys)
    unknown = [key for key in keys if key in set(answer.not_found)]
    accepted = [key for key in keys if key in set(answer.suppressed) - set(unknown)]
    _store_accepted(account, client, accepted)
    done.accepted += accepted
    if unknown:
        report = _imported(client, unknown)
        made = {one.email for one in (*report.created, *report.updated)}
        done.refused = {key: words for key, words in _failures(report).items() if key not in made}
        accepted = [key for key in unknown if key in made]
        _store_accepted(account, client, accepted)
        done.accepted += accepted


def _imported(client: Dotdigital, keys: Sequence[str]) -> ImportReport:
    """The report of an import that makes suppressed contacts; an unfinished one where it takes too long.

    `suppress-contacts` leaves out whom Dotdigital does not know, and `unsubscribe` would give a reason that
    is not so (contract §4.3).
    """
    import_id = client.import_contacts([ImportRow(email=key, email_status="suppressed") for key in keys])
    report = client.import_report(import_id)
    for _ in range(LOOKS_AT_IMPORT):
        if report.finished:
            break
        time.sleep(BETWEEN_LOOKS_S)
        report = client.import_report(import_id)
    return report


def _failures(report: ImportReport) -> dict[str, str]:
    """Address → Dotdigital's words."""
    return {
        failure.email: "; ".join(reason.description or reason.code for reason in failure.reasons)
        for failure in report.failures
    }


def _store_accepted(account: EmailAccount, client: Dotdigital, keys: Sequence[str]) -> None:
    """From now on a later word of Dotdigital's may lift the stop, so its moment is told by Dotdigital's
    clock.
    """
    if keys:
        now = client.server_time()
        rows = Suppression.objects.filter(account_id=account.pk, person_key__in=keys, reason=ASKED)
        rows.update(reason=ACCEPTED, since=now)


@transaction.atomic
def write_note(account: EmailAccount, key: str, note: str, *, by: Actor) -> None:
    """Change what people here wrote about a suppression."""
    stored = Suppression.objects.select_for_update().get(account_id=account.pk, person_key=key)
    if stored.note != note.strip():
        record_change(
            by,
            account,
            "note on a suppression",
            {"address": key, "note": stored.note},
            {"note": note.strip()},
        )
        stored.note = note.strip()
        stored.save(update_fields=["note"])
