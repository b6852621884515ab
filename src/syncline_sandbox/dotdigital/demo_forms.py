"""The forms of the demo account, with the responses of a hundred days."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from syncline_sandbox.clock import iso_utc
from syncline_sandbox.people import Person

_WEEKEND: Final = {
    "name": "Trail weekend registration",
    "list": "Trail News",
    "views": 412,
    "bounces": 118,
    "pages": [
        [
            {"text": "E-mail address", "type": "email", "required": True, "data_field": "Email"},
            {"text": "First name", "required": True, "data_field": "FIRSTNAME"},
            {"text": "Last name", "required": True, "data_field": "LASTNAME"},
        ],
        [
            {
                "text": "Which weekend suits you?",
                "type": "radiolist",
                "choices": ["First in May", "Second in May", "First in June"],
            },
            {
                "text": "What do you bring?",
                "type": "checkboxlist",
                "choices": ["Tent", "Bicycle", "Climbing gear"],
                "other": True,
            },
            {"text": "Anything that we should know?", "type": "textarea"},
        ],
    ],
}
_OPINION: Final = {
    "name": "How was your order?",
    "views": 230,
    "bounces": 41,
    "pages": [
        [
            {"text": "E-mail address", "type": "email", "data_field": "Email"},
            {
                "text": "How satisfied are you?",
                "type": "matrix",
                "rows": ["Delivery", "Quality", "Service"],
                "choices": ["Very", "Fairly", "Not at all"],
            },
            {"text": "May we call you about it?", "type": "dropdown", "choices": ["Yes", "No"]},
        ]
    ],
}


def of(people: list[Person], now: datetime) -> list[dict[str, Any]]:
    """Two forms; ``people`` answer the first, every third of them the second. One in eight gives up."""
    chance = Random(11)  # noqa: S311 - invented, nothing secret
    created = iso_utc(now - timedelta(days=120))
    return [
        {**_WEEKEND, "created": created, "responses": [_registration(one, now, chance) for one in people]},
        {**_OPINION, "created": created, "responses": [_opinion(one, now, chance) for one in people[::3]]},
    ]


def _registration(person: Person, now: datetime, chance: Random) -> dict[str, Any]:
    brings: list[str] = chance.sample(["Tent", "Bicycle", "Climbing gear", "A dog"], chance.randint(1, 2))
    answers = {
        "E-mail address": person.email,
        "First name": person.first,
        "Last name": person.last,
        "Which weekend suits you?": chance.choice(["First in May", "Second in May", "First in June"]),
        "What do you bring?": brings,
    }
    return _response(person, answers, now, chance)


def _opinion(person: Person, now: datetime, chance: Random) -> dict[str, Any]:
    words = ["Very", "Very", "Fairly", "Not at all"]
    answers = {
        "E-mail address": person.email,
        "How satisfied are you?": {row: chance.choice(words) for row in ("Delivery", "Quality", "Service")},
        "May we call you about it?": chance.choice(["Yes", "No"]),
    }
    return _response(person, answers, now, chance)


def _response(person: Person, answers: dict[str, Any], now: datetime, chance: Random) -> dict[str, Any]:
    started = now - timedelta(hours=2 + 100 * 24 * chance.random() ** 2)
    done = started + timedelta(seconds=chance.randint(40, 400))
    return {
        "email": person.email,
        "started": iso_utc(started),
        "completed": False if chance.random() < 0.125 else iso_utc(done),
        "source": chance.choice(["Email", "Email", "Direct", "Embedded"]),
        "answers": answers,
    }
