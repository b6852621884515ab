"""Dotdigital's scores of people, and what contacts and leads were given of them."""

from collections.abc import Sequence
from typing import NamedTuple

from syncline.bulk import fetch, given, pack, upsert
from syncline.people.store.sql import chunks


class Scored(NamedTuple):
    """A person's scores."""

    overall: int
    engagement: int
    suitability: int
    label: str
    evaluated_on: str
    """UTC, `2026-05-01T09:30:00Z`; empty where Dotdigital told none."""


def scores(account_id: int, keys: Sequence[str]) -> dict[str, Scored]:
    found: dict[str, Scored] = {}
    for chunk in chunks(keys):
        rows = fetch(
            "SELECT person_key, overall, engagement, suitability, label, evaluated_on FROM people_score "
            f"WHERE account_id = %s AND person_key IN {given()}",
            [account_id, pack(chunk)],
        )
        found.update((key, Scored(*values)) for key, *values in rows)
    return found


def save_scores(account_id: int, rows: Sequence[tuple[str, Scored]]) -> list[str]:
    """Keep scores, (person key, scores) each. Returns the people of whom they are new."""
    latest = dict(rows)
    known = scores(account_id, list(latest))
    fresh = {key: scored for key, scored in latest.items() if known.get(key) != scored}
    upsert(
        "people_score",
        ("account_id", "person_key"),
        Scored._fields,
        [(account_id, key, *scored) for key, scored in sorted(fresh.items())],
    )
    return sorted(fresh)


def scores_written(account_id: int, record_ids: Sequence[str]) -> dict[str, str]:
    """Record id → the columns that the record was last given, as JSON text."""
    found: dict[str, str] = {}
    for chunk in chunks(record_ids):
        rows = fetch(
            "SELECT record_id, written FROM people_scoredrecord "
            f"WHERE account_id = %s AND record_id IN {given()}",
            [account_id, pack(chunk)],
        )
        found.update(dict(rows))
    return found


def keep_scores_written(account_id: int, rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of (record id, person key, columns as JSON text)."""
    written = [(account_id, *row) for row in rows]
    upsert("people_scoredrecord", ("account_id", "record_id"), ("person_key", "written"), written)
