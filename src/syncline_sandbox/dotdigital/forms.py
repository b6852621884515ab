"""Forms ("surveys" in the API) and the responses to them, as they are stored and told."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.moments import iso

NOT_FOUND: Final = "ERROR_SURVEY_NOT_FOUND"
FIRST_FORM_ID: Final = 601
FIRST_RESPONSE_ID: Final = 70_001
STATES: Final = ("Active", "Inactive", "Pending", "Expired", "SurveyFeatureDisabled")
SOURCES: Final = ("Direct", "Email", "Embedded", "Popover", "Facebook", "Twitter", "GooglePlus", "Other")
_DAY_MS: Final = 86_400_000

_COMPLETE = "completed IS NOT NULL"
_FIGURES: Final = {
    "firstResponse": "min(completed)",
    "lastResponse": "max(completed)",
    "totalCompleteResponses": f"count(*) FILTER (WHERE {_COMPLETE})",
    "totalCompleteResponsesInLastDay": "count(*) FILTER (WHERE completed > :day)",
    "totalCompleteResponsesInLastWeek": "count(*) FILTER (WHERE completed > :week)",
    "totalIncompleteResponses": "count(*) FILTER (WHERE completed IS NULL)",
    "timeToCompleteMax": "max(completed - started)",
    "timeToCompleteMin": "min(completed - started)",
    "timeToCompleteTotal": "sum(completed - started)",
    **{f"source{source}Total": f"count(*) FILTER (WHERE source = '{source}')" for source in SOURCES},
}
_COUNT: Final = "SELECT survey_id, " + ", ".join(f'{sql} AS "{name}"' for name, sql in _FIGURES.items())


class Response(NamedTuple):
    """One person's answers; ``completed`` is None while they are not through."""

    id: int
    survey_id: int
    email: str | None
    source: str
    started: int
    completed: int | None
    activity: int
    answers: str


def check(account: Account, survey_id: int) -> None:
    """Raises ERROR_SURVEY_NOT_FOUND."""
    row = account.connection.execute("SELECT 1 FROM surveys WHERE id = ?", (survey_id,)).fetchone()
    if row is None:
        raise V2Error(NOT_FOUND)


def delete(account: Account, survey_id: int) -> None:
    """With its responses. Raises ERROR_SURVEY_NOT_FOUND."""
    check(account, survey_id)
    account.connection.execute("DELETE FROM survey_responses WHERE survey_id = ?", (survey_id,))
    account.connection.execute("DELETE FROM surveys WHERE id = ?", (survey_id,))


def keep_responses(account: Account, responses: Iterable[Response]) -> None:
    account.connection.executemany(
        "INSERT OR REPLACE INTO survey_responses VALUES (?, ?, ?, ?, ?, ?, ?, ?)", responses
    )
    account.connection.execute(
        "UPDATE surveys SET activity = max(activity, coalesce((SELECT max(activity) FROM survey_responses "
        "WHERE survey_id = surveys.id), 0))"
    )


def in_order(account: Account, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The forms of these ids, with their figures as of now."""
    marks = ",".join("?" * len(ids))
    connection, now = account.connection, account.now_ms()
    rows = {row["id"]: row for row in connection.execute(f"SELECT * FROM surveys WHERE id IN ({marks})", ids)}
    numbers = {f"n{place}": number for place, number in enumerate(ids)}
    named = ",".join(f":{name}" for name in numbers)
    counted = connection.execute(
        f"{_COUNT} FROM survey_responses WHERE survey_id IN ({named}) GROUP BY survey_id",
        {**numbers, "day": now - _DAY_MS, "week": now - 7 * _DAY_MS},
    )
    figures = {row["survey_id"]: row for row in counted}
    return [_shown(rows[number], figures.get(number)) for number in ids]


def pages_of(account: Account, survey_id: int) -> list[dict[str, Any]]:
    row = account.connection.execute("SELECT pages FROM surveys WHERE id = ?", (survey_id,)).fetchone()
    pages: list[dict[str, Any]] = msgspec.json.decode(row["pages"])
    return pages


def responses_in_order(account: Account, ids: Sequence[int]) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(ids))
    found = account.connection.execute(f"SELECT * FROM survey_responses WHERE id IN ({marks})", ids)
    rows = {row["id"]: row for row in found}
    return [_response_shown(rows[number]) for number in ids]


def _shown(row: sqlite3.Row, figures: sqlite3.Row | None) -> dict[str, Any]:
    told = {name: figures[name] if figures else None for name in _FIGURES}
    first, last = told.pop("firstResponse"), told.pop("lastResponse")
    counts = {
        name: value or 0 if name.startswith(("total", "source")) else value for name, value in told.items()
    }
    return {
        "id": row["id"],
        "name": row["name"],
        "url": row["url"],
        "dateSurveyCreated": iso(row["created"]),
        "dateSurveyModified": iso(row["modified"]),
        "state": row["state"],
        "firstActiveDate": iso(row["created"]),
        "lastInactiveDate": None,
        "scheduledStartDate": None,
        "scheduledEndDate": None,
        "confirmationMode": "Text",
        "submissionMode": row["submission_mode"],
        "fieldCount": sum(len(page["fields"]) for page in msgspec.json.decode(row["pages"])),
        "notifyCreatorOnResponse": False,
        "respondentNotificationType": "None",
        "respondentNotificationCampaignId": None,
        "isAssignedToAddressBook": bool(row["assigned"]),
        "assignedAddressBookTarget": "SpecificAddressBook" if row["list_id"] else "AllContacts",
        "assignedSpecificAddressBookId": row["list_id"],
        "firstResponseDate": None if first is None else iso(first),
        "lastResponseDate": None if last is None else iso(last),
        "totalViews": row["views"],
        "totalBounces": row["bounces"],
        **counts,
    }


def _response_shown(row: sqlite3.Row) -> dict[str, Any]:
    done = row["completed"]
    return {
        "id": row["id"],
        "email": row["email"],
        "started": True,
        "dateStarted": iso(row["started"]),
        "complete": done is not None,
        "dateCompleted": None if done is None else iso(done),
        "givenAnswers": msgspec.json.decode(row["answers"]),
    }
