"""Loading scores over the control address: of named people, or an invented spread."""

from __future__ import annotations

from typing import Annotated

import msgspec

from syncline_sandbox.control import ControlError
from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import scores
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.moments import read_iso
from syncline_sandbox.dotdigital.scores import HIGHEST, Score

Points = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST)]


class SeedScore(msgspec.Struct, forbid_unknown_fields=True):
    """What one person scores from ``modified`` on, now when it is left out.

    ``score`` and ``label`` follow from the two parts unless they are given; accounts word their own scale.
    """

    email: str
    engagement: Points = 0
    suitability: Points = 0
    score: Points | None = None
    label: str | None = None
    modified: str | None = None


class SeedSpread(msgspec.Struct, forbid_unknown_fields=True):
    """An invented score for everybody who has none."""

    seed: int = 7


def load_scores(account: Account, entries: list[SeedScore], everybody: SeedSpread | None) -> None:
    """Raises ControlError for an address that is no contact's."""
    scores.keep(account, [_score(account, entry) for entry in entries])
    if everybody is not None:
        scores.spread(account, everybody.seed)


def _score(account: Account, entry: SeedScore) -> Score:
    contact = store.by_email(account.connection, entry.email)
    if contact is None:
        raise ControlError(f"there is no contact with the address {entry.email!r}")
    moment = account.now_ms() if entry.modified is None else read_iso(entry.modified)
    score = scores.scored(contact.id, entry.engagement, entry.suitability, moment)
    if entry.score is not None:
        score = score._replace(score=entry.score, label=scores.label_of(entry.score))
    return score if entry.label is None else score._replace(label=entry.label)
