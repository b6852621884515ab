"""Scores of contacts: how they are stored, what a score is called, and an invented spread of them.

The vendor scores engagement (what people do) and suitability (what is known of them) from 0 to 100 each, and
makes the score of both. The vendor's examples read as their mean: 10 and 30 make 20 ("Cool"), 1 and 3 make 2
("Cold"), 70 and 90 make 80 ("Hot"). The words belong to a scale that every account sets up for itself; where
one ends and the next begins is assumed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from syncline_sandbox.dotdigital.account import Account

HIGHEST = 100
# From this score on a contact is called so.
SCALE = ((70, "Hot"), (40, "Warm"), (15, "Cool"), (0, "Cold"))
DAY_MS = 86_400_000
# Scores are calculated again every 24 hours, here at three in the morning, UTC.
NIGHT_MS = 3 * 3_600_000
# The spread: few people are very engaged, and few suit very well or not at all.
_ENGAGEMENT_SHAPE = (0.9, 2.6)
_SUITABILITY_SHAPE = (3.0, 3.0)
_SPREAD_DAYS = 30


class Score(NamedTuple):
    """One row; ``moment`` (milliseconds) is when it last changed."""

    contact_id: int
    engagement: int
    suitability: int
    score: int
    label: str
    moment: int


def label_of(score: int) -> str:
    return next(label for least, label in SCALE if score >= least)


def scored(contact_id: int, engagement: int, suitability: int, moment: int) -> Score:
    """The score that both parts make."""
    score = (engagement + suitability + 1) // 2
    return Score(contact_id, engagement, suitability, score, label_of(score), moment)


def keep(account: Account, scores: Iterable[Score]) -> None:
    account.connection.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?)", scores)


def last_night(now: int) -> int:
    """When scores were last calculated before ``now``, both in milliseconds."""
    return (now - NIGHT_MS) // DAY_MS * DAY_MS + NIGHT_MS


def drawn(contact_id: int, seed: int, night: int) -> Score:
    """An invented score of this contact, the same for the same seed, that changed one of the last nights."""
    chance = Random(f"score/{seed}/{contact_id}")  # noqa: S311 - invented, nothing secret
    engagement = round(HIGHEST * chance.betavariate(*_ENGAGEMENT_SHAPE))
    suitability = round(HIGHEST * chance.betavariate(*_SUITABILITY_SHAPE))
    nights_ago = int(_SPREAD_DAYS * chance.random() ** 2)
    return scored(contact_id, engagement, suitability, night - nights_ago * DAY_MS)


def spread(account: Account, seed: int) -> int:
    """Give an invented score to everybody who has none; returns to how many."""
    night = last_night(account.now_ms())
    rows = account.connection.execute(
        "SELECT id FROM contacts WHERE email IS NOT NULL AND id NOT IN (SELECT id FROM scores)"
    ).fetchall()
    keep(account, (drawn(row[0], seed, night) for row in rows))
    return len(rows)
