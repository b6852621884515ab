"""Reading JSON answers, also those that hold half a character.

A text that was cut between the two halves of an emoji holds a lone surrogate. Servers pass it on as an
escape, which no strict reader takes; one such value must not cost the whole page that it stands on.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"%s%s|(%s|%s)|\\." % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)
"""Every escape, one after another, so that an escaped backslash is not taken for the beginning of one."""


def decoded(body: bytes, type_: type[T]) -> T:
    """The JSON in `body` as `type_`; half a character becomes U+FFFD. Raises what msgspec raises."""
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended, lone = _mended(body)
        if not lone:
            raise
        return msgspec.json.decode(mended, type=type_)


def _mended(body: bytes) -> tuple[bytes, int]:
    """The body without lone surrogates, and how many there were."""
    lone = 0

    def mend(escape: re.Match[bytes]) -> bytes:
        nonlocal lone
        if escape[1] is None:
            return escape[0]
        lone += 1
        return b"\\ufffd"

    return _ESCAPE.sub(mend, body), lone
