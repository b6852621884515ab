"""JSON as servers really send it."""

from __future__ import annotations

import msgspec
import pytest

from syncline.remote.decoding import decoded


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb'"half \ud83d"', "half \ufffd"),
        (rb'"\ude00 half"', "\ufffd half"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (rb'"\uD83D\uDE00\uDE00"', "😀\ufffd"),
        (rb'"\\ud83d \ud83dx"', "\\ud83d \ufffdx"),
        (rb'"\ud83d\\ude00"', "\ufffd\\ude00"),
        (rb'"whole \ud83d\ude00 \"\u00e9\""', 'whole 😀 "é"'),
    ],
)
def test_half_a_character_costs_itself_only(sent: bytes, read: str) -> None:
    assert decoded(sent, str) == read


@pytest.mark.parametrize("broken", [b'{"a":', rb'"\x"', rb'{"a": "\ud83d"'])
def test_what_is_no_json_is_still_refused(broken: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decoded(broken, dict)


def test_another_type_is_still_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decoded(rb'"\ud83d\ude00"', int)
