"""The rules for Email Data Labels: names, types and default values.

Dotdigital answers a bad name with nothing but ERROR_DATAFIELD_INVALID, so the rules are checked here first,
and each complaint says what is wrong with which name.
"""

from __future__ import annotations

import re

from syncline.mapping.canonical import READERS, UnreadableValueError
from syncline.mapping.models import LabelType

LONGEST_NAME = 20

RESERVED = frozenset(
    {
        "account",
        "campaign",
        "campaignid",
        "contact",
        "contact_api_id",
        "contactid",
        "email",
        "hcontactid",
        "hemail",
        "hemail256",
        "id",
        "messagecontent",
        "mobilenumberid",
        "notes",
        "uniquecontactid",
        "unsubscribed",
    }
)
"""Names that Dotdigital keeps for itself (contract, data fields: reserved names), in lower case."""

BUILT_IN = frozenset({"FIRSTNAME", "LASTNAME", "FULLNAME", "GENDER", "POSTCODE", "LASTSUBSCRIBED"})
"""Labels that every Dotdigital account has and that cannot be deleted."""

_BAD_CHARACTER = re.compile(r"[^A-Za-z0-9_-]")


def normal_name(name: str) -> str:
    """The name as Dotdigital returns it: upper case. Names are compared in this form."""
    return name.strip().upper()


def name_problem(name: str) -> str:
    """What is wrong with a label's name, in words; empty when nothing is."""
    if not name:
        return "A label needs a name."
    if len(name) > LONGEST_NAME:
        return f"The name {name} has {len(name)} characters; at most {LONGEST_NAME} are allowed."
    if bad := _BAD_CHARACTER.search(name):
        what = "a space" if bad[0].isspace() else f"“{bad[0]}”"
        return f"The name {name} holds {what}; only the letters A to Z, digits, - and _ are allowed."
    if name.lower() in RESERVED:
        return f"The name {name} is reserved by Dotdigital; choose another."
    return ""


def type_clash(name: str, ours: LabelType, theirs: LabelType) -> str:
    """The complaint about a name that Dotdigital already uses with another type."""
    return (
        f"Dotdigital already has a data field {name} of type {theirs.label}, and the label here is of type "
        f"{ours.label}. Give it another name, or the type {theirs.label}."
    )


def default_problem(label_type: LabelType, value: object) -> str:
    """What is wrong with a label's default value, in words; empty when it fits the type."""
    try:
        READERS[label_type](value)
    except UnreadableValueError as problem:
        return f"The default value does not fit the type {label_type.label}: {problem}."
    return ""


def label_type_named(word: str) -> LabelType | None:
    """The type for Dotdigital's word or the word on the page (`Numeric`, `Yes/No`…), whatever its case."""
    wanted = word.strip().lower()
    for label_type in LabelType:
        if wanted in (label_type.value.lower(), str(label_type.label).lower()):
            return label_type
    return None
