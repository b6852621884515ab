"""Addresses as somebody types or pastes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from syncline.consent.gate import is_deliverable

_ENTRIES: Final = re.compile(r"[\r\n,;]+")
_NAMED: Final = re.compile(r"<([^<>]*)>\s*$")


@dataclass(frozen=True)
class TypedAddresses:
    """`good` are in lower case, each once, in the order in which they came."""

    good: list[str]
    bad: list[str]
    """What cannot be an address, as it was typed."""


def addresses_in(text: str) -> TypedAddresses:
    """One address a line, or several between commas, semicolons or blanks; `Alice <alice@…>` counts too."""
    words = list(_words(text))
    good = dict.fromkeys(word.lower() for word in words if is_deliverable(word.lower()))
    return TypedAddresses(list(good), [word for word in words if word.lower() not in good])


def _words(text: str) -> Iterator[str]:
    for entry in _ENTRIES.split(text):
        named = _NAMED.search(entry)
        yield from [named[1].strip()] if named else entry.split()
