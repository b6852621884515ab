"""Identifiers of people: e-mail addresses, telephone numbers, custom identifiers."""

from __future__ import annotations

import re
from typing import Any

from syncline_sandbox.dotdigital.vocabulary import MAX_IDENTIFIER_CHARACTERS

_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}"
)
_MOBILE = re.compile(r"\+?([1-9][0-9]{6,14})")
_CUSTOM_NAME = re.compile(r"[-A-Za-z0-9_]{1,50}")

# Enough of the country codes to fill in the required "countryCode"; others are unknown territory.
_COUNTRY_CODES = {
    "971": "AE", "972": "IL", "353": "IE", "351": "PT", "44": "GB", "49": "DE", "33": "FR", "34": "ES",
    "39": "IT", "48": "PL", "45": "DK", "46": "SE", "47": "NO", "31": "NL", "30": "GR",
    "81": "JP", "61": "AU", "1": "US",
}  # fmt: skip
_UNKNOWN_COUNTRY = "ZZ"


def normal_email(value: str) -> str:
    """Addresses are compared without case and surrounding blanks, and stored in lower case."""
    return value.strip().lower()


def is_valid_email(email: str) -> bool:
    """Whether a normalised address can be one."""
    return len(email) <= MAX_IDENTIFIER_CHARACTERS and _EMAIL.fullmatch(email) is not None


def normal_mobile(value: Any) -> str | None:
    """Digits of an E.164 number without the plus, or None when it is not one."""
    match = _MOBILE.fullmatch(str(value).strip().replace(" ", ""))
    return match[1] if match else None


def country_of(mobile: str) -> str:
    """ISO 3166-1 alpha-2 code of a normalised number, or ``ZZ``."""
    for length in (3, 2, 1):
        if (code := _COUNTRY_CODES.get(mobile[:length])) is not None:
            return code
    return _UNKNOWN_COUNTRY


def is_custom_name(name: str) -> bool:
    return _CUSTOM_NAME.fullmatch(name) is not None


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]
