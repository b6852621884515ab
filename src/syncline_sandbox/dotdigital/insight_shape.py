"""What values a collection of insight data holds: records may add to it, but not contradict it.

The first value that is not null decides what a name is from then on: STRING, FLOAT, BOOLEAN, TIMESTAMP or
RECORD, once or repeated. A text that reads as a moment makes a TIMESTAMP, and nothing else fits it then.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from syncline_sandbox.dotdigital.vocabulary import (
    INSIGHT_NAME_PATTERN,
    MAX_INSIGHT_NAME_CHARACTERS,
    MAX_INSIGHT_NUMBER,
    MAX_INSIGHT_TEXT_CHARACTERS,
)

_NAME = re.compile(INSIGHT_NAME_PATTERN)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}.*)?")
STRING, FLOAT, BOOLEAN, TIMESTAMP, RECORD = "STRING", "FLOAT", "BOOLEAN", "TIMESTAMP", "RECORD"


class Misfit(Exception):
    """A record that is refused: the vendor's reason and what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def fitted(shape: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The shape that holds these values too. Raises Misfit."""
    grown = dict(shape)
    for name, value in values.items():
        _check_name(name)
        if value is None:
            continue
        grown[name] = _grown(name, grown.get(name), value)
    return grown


def listed(shape: dict[str, Any]) -> list[dict[str, Any]]:
    """The shape as the vendor's own example shows a schema."""
    return [
        {
            "name": name,
            "mode": "REPEATED" if told["repeated"] else "NULLABLE",
            "type": told["type"],
            "fields": listed(told["fields"]),
        }
        for name, told in shape.items()
    ]


def _check_name(name: str) -> None:
    if len(name) > MAX_INSIGHT_NAME_CHARACTERS:
        raise Misfit("JsonKeyTooLong", f"'{name[:40]}…' is too long a name")
    if not _NAME.fullmatch(name):
        raise Misfit("JsonKeyInvalidCharacters", f"'{name}' has characters that a name may not have")


def _grown(name: str, known: dict[str, Any] | None, value: Any) -> dict[str, Any]:
    repeated = isinstance(value, list)
    found = known or {"type": None, "repeated": repeated, "fields": {}}
    if found["repeated"] != repeated:
        raise Misfit("JsonValueIncompatibleWithSchema", f"'{name}' is a list in some records only")
    for one in value if repeated else [value]:
        found = _with_one(name, found, one)
    return found if found["type"] is not None else found | {"type": STRING}


def _with_one(name: str, known: dict[str, Any], value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        raise Misfit("JsonContainsNestedArray", f"'{name}' is a list of lists")
    if value is None:
        return known
    kind = _kind(name, value)
    wanted = known["type"] or kind
    if wanted == STRING and kind == TIMESTAMP:
        kind = STRING
    if kind != wanted:
        raise Misfit("JsonValueIncompatibleWithSchema", f"'{name}' is {wanted} and not {kind}")
    fields = fitted(known["fields"], value) if kind == RECORD else known["fields"]
    return {"type": wanted, "repeated": known["repeated"], "fields": fields}


def _kind(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return RECORD
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        if abs(value) > MAX_INSIGHT_NUMBER:
            raise Misfit("JsonNumberValueTooLarge", f"'{name}' is too large a number")
        return FLOAT
    if len(value) > MAX_INSIGHT_TEXT_CHARACTERS:
        raise Misfit("JsonValueTooLong", f"'{name}' has {len(value)} characters")
    return TIMESTAMP if _is_moment(value) else STRING


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
