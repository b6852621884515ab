"""What values of Dynamics are in a record of insight data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncline.insight.values import Kind, key_in_row, record_of

CHOICE = {"1": "Gold", "2": "Silver"}


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("String", "Tent", "Tent"),
        ("Memo", "", None),
        ("Integer", 0, 0),
        ("Money", 12.5, 12.5),
        ("Boolean", False, False),
        ("DateTime", "2026-05-03T09:00:00Z", "2026-05-03T09:00:00Z"),
        ("Picklist", 2, "Silver"),
        ("Picklist", 9, "9"),
        ("MultiSelectPicklist", "1,2", ["Gold", "Silver"]),
        ("MultiSelectPicklist", "", None),
        ("Uniqueidentifier", "0c0159c7-f18b-46d1-aed8-743257810e3e", "0c0159c7-f18b-46d1-aed8-743257810e3e"),
        ("String", None, None),
    ],
)
def test_a_value_keeps_its_type_and_what_is_empty_is_left_out(type_: str, value: Any, expected: Any) -> None:
    kind: Kind = {"type": type_, "options": CHOICE}
    record = json.loads(record_of({"x": value}, ["x"], {"x": kind}))
    assert record == ({} if expected is None else {"x": expected})


def test_a_lookup_is_the_id_of_its_row() -> None:
    kind: Kind = {"type": "Customer"}
    assert key_in_row("customerid", kind) == "_customerid_value"
    assert json.loads(record_of({"_customerid_value": "abc"}, ["customerid"], {"customerid": kind})) == {
        "customerid": "abc"
    }
