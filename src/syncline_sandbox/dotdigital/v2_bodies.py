"""v2 request bodies (property names already in lower case) and what they wish for a contact."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import is_valid_email, normal_email
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.fields import FieldRefusal
from syncline_sandbox.dotdigital.merging import Wish
from syncline_sandbox.dotdigital.vocabulary import EMAIL_TYPES, OPT_IN_TYPES, V2_MERGE_OPTIONS

_CONSENT_NAME = {
    "text": "text",
    "datetimeconsented": "dateTimeConsented",
    "url": "url",
    "ipaddress": "ipAddress",
    "useragent": "userAgent",
}


def wish_v2(account: Account, body: Any) -> Wish:
    """A Contact's wish; ``id`` and ``status`` are read only and passed over. Raises V2Error."""
    if not isinstance(body, dict):
        raise V2Error("ERROR_CONTACT_INVALID")
    wish = Wish(email=read_email_v2(body.get("email")))
    wish.opt_in = _word(body.get("optintype"), OPT_IN_TYPES)
    wish.email_type = _word(body.get("emailtype"), EMAIL_TYPES)
    values = key_values(body.get("datafields"))
    try:
        wish.fields = account.fields.convert(values)
    except FieldRefusal as error:
        raise V2Error(error.code) from error
    return wish


def read_email_v2(value: Any) -> str:
    email = normal_email(value) if isinstance(value, str) else ""
    if not is_valid_email(email):
        raise V2Error("ERROR_INVALID_EMAIL")
    return email


def key_values(entries: Any) -> dict[str, Any]:
    """``[{"key":…,"value":…}]`` as a dictionary. Raises ERROR_CONTACT_INVALID."""
    if entries is None:
        return {}
    if not isinstance(entries, list):
        raise V2Error("ERROR_CONTACT_INVALID")
    values: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            raise V2Error("ERROR_CONTACT_INVALID")
        values[entry["key"]] = entry.get("value")
    return values


def consents_of(entries: Any) -> list[dict[str, str]]:
    """``consentFields`` as they are stored. Raises ERROR_CONTACT_INVALID for unknown keys."""
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise V2Error("ERROR_CONTACT_INVALID")
    return [consent_of(key_values(entry.get("fields"))) for entry in entries if isinstance(entry, dict)]


def consent_of(values: dict[str, Any]) -> dict[str, str]:
    record = {}
    for key, value in values.items():
        name = _CONSENT_NAME.get(key.lower())
        if name is None:
            raise V2Error("ERROR_CONTACT_INVALID")
        if value is not None:
            record[name] = str(value)
    return record


def choices_of(account: Account, entries: Any) -> list[tuple[int, bool]]:
    """(preference id, opted in) from a tree of preferences. Raises ERROR_PREFERENCE_INVALID."""
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise V2Error("ERROR_PREFERENCE_INVALID")
    known = {
        row[0]: bool(row[1])
        for row in account.connection.execute("SELECT id, is_preference FROM preferences")
    }
    choices: list[tuple[int, bool]] = []
    for entry in entries:
        if not isinstance(entry, dict) or type(entry.get("id")) is not int or entry["id"] not in known:
            raise V2Error("ERROR_PREFERENCE_INVALID")
        if known[entry["id"]] and entry.get("isoptedin") is not None:
            choices.append((entry["id"], bool(entry["isoptedin"])))
        choices.extend(choices_of(account, entry.get("preferences")))
    return choices


def merge_option(value: Any) -> str:
    """A merge option by number or by name; none means overwrite. Raises ERROR_PARAMETER_INVALID."""
    if value is None:
        return "overwrite"
    option = V2_MERGE_OPTIONS.get(str(value).lower())
    if option is None:
        raise V2Error("ERROR_PARAMETER_INVALID")
    return option


def _word(value: Any, words: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    for word in words:
        if isinstance(value, str) and word.lower() == value.lower():
            return word
    raise V2Error("ERROR_CONTACT_INVALID")
