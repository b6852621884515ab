"""The consent ledger: every change of anybody's consent, with where it came from and what proves it.

Whoever stores a change of consent calls `record` in the same transaction, so that neither is ever there
without the other. Nothing here commits, and nothing is ever changed or taken out again.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from django.db import connection

from syncline import bulk
from syncline.consent.keys import digests

AT_A_TIME: Final = 5000
"""Changes written together."""

NO_EVIDENCE: Final[Mapping[str, Any]] = {}


class What(StrEnum):
    """What about somebody's consent has changed. `before` and `after` are in the words named here."""

    SUPPRESSION = "suppression"
    """Dotdigital's suppression list: its reason, or empty for not on it."""
    EMAIL_STATUS = "email_status"
    """Dotdigital's e-mail status of the contact, in lower case; empty where it was not known."""
    OPT_IN = "opt_in"
    """Dotdigital's opt-in type, in lower case; empty where it was not known."""
    LIST = "list"
    """A place in one list (`list_id`): `subscribed`, `suppressed` (left by themselves), or empty."""
    DO_NOT_BULK_EMAIL = "do_not_bulk_email"
    """The column of Dynamics: `yes` or `no`."""
    DO_NOT_EMAIL = "do_not_email"
    """The column of Dynamics: `yes` or `no`."""
    CRM_SUPPRESSION = "crm_suppression"
    """The suppression list in Dynamics: `listed` or empty."""
    PREFERENCE = "preference"
    """A marketing preference, named in the evidence: `yes`, `no` or empty."""
    RESUBSCRIBED = "resubscribed"
    """A person asked to come back, and somebody with the right confirmed it: the ground is the evidence."""
    ERASED = "erased"
    """The person was erased; `after` is `opted_out` where they had opted out, and else empty."""


class Source(StrEnum):
    """Where a change was made, or came to us from."""

    DOTDIGITAL = "dotdigital"
    DYNAMICS = "dynamics"
    SYNC = "sync"
    """A sync of ours wrote it."""
    CONSOLE = "console"
    API = "api"
    COMMAND_LINE = "command line"


OPTED_OUT: Final = "opted_out"
"""What an erased person is remembered as who had opted out."""


class Change(msgspec.Struct, frozen=True):
    """One change of one person's consent."""

    account_id: int
    person_key: str
    at: datetime
    what: What
    before: str
    after: str
    source: Source
    actor: str = ""
    list_id: int | None = None
    evidence: Mapping[str, Any] = NO_EVIDENCE
    """Ids, times and words of the vendor; no address and no name."""
    run_id: int | None = None


def record(changes: Iterable[Change]) -> None:
    """Add these changes to the ledger, in the transaction that is open."""
    waiting = list(changes)
    for start in range(0, len(waiting), AT_A_TIME):
        _record(waiting[start : start + AT_A_TIME])


def _record(changes: Sequence[Change]) -> None:
    digest_of = digests({change.person_key for change in changes})
    rows = sorted((digest, key) for key, digest in digest_of.items())
    # In the order of the index, so that neighbours meet on one page of it.
    bulk.insert_missing("consent_consentsubject", ("digest", "person_key"), rows)
    subject_of = _subjects([digest for digest, _ in rows])
    stored = connection.ops.adapt_datetimefield_value
    now = stored(datetime.now(UTC))
    times = {at: stored(at) for at in {change.at for change in changes}}
    bulk.insert(
        "consent_consentevent",
        (
            "subject_id",
            "account_id",
            "at",
            "recorded_at",
            "what",
            "before",
            "after",
            "source",
            "actor",
            "list_id",
            "evidence",
            "run_id",
        ),
        [
            (
                subject_of[digest_of[change.person_key]],
                change.account_id,
                times[change.at],
                now,
                str(change.what),
                change.before[:64],
                change.after[:64],
                str(change.source),
                change.actor[:320],
                change.list_id,
                _without_address(msgspec.json.encode(change.evidence).decode(), change.person_key),
                change.run_id,
            )
            for change in changes
        ],
    )


def _subjects(digests: Sequence[str]) -> dict[str, int]:
    """Digest → number of the subject. Plain SQL: a first run asks for a million, a page at a time."""
    rows = bulk.fetch(
        f"SELECT digest, id FROM consent_consentsubject WHERE digest IN {bulk.given()}",  # noqa: S608
        [bulk.pack(digests)],
    )
    return dict(rows)


def _without_address(evidence: str, key: str) -> str:
    """A ground that somebody typed in may name the person; nobody could take that out again."""
    if key not in evidence.lower():
        return evidence
    return re.sub(re.escape(key), "[address]", evidence, flags=re.IGNORECASE)
