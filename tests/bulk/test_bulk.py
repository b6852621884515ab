"""Many rows at once, on whichever database: few by one statement, many by the quicker way."""

from __future__ import annotations

from typing import Final

import pytest

from syncline import bulk
from syncline.people.models import LookupName

pytestmark = pytest.mark.django_db

KEY: Final = ("account_id", "table", "record_id")
ODD_TEXTS: Final = ("tab\there", "new\nline", "back\\slash", "quote'\"", "\\N", "", "emoji 🦊", "مرحبا")
FEW, MANY = 3, bulk.MANY * 2 + 1

numbers = pytest.mark.parametrize("count", [FEW, bulk.MANY, MANY])


def rows(count: int, name: str = "Name") -> list[tuple[int, str, str, str]]:
    return [(1, "account", f"id-{number}", f"{name} {number}") for number in range(count)]


def names() -> dict[str, str]:
    return dict(LookupName.objects.values_list("record_id", "name"))


@numbers
def test_what_is_new_is_added_and_the_rest_changed(count: int) -> None:
    bulk.upsert("people_lookupname", KEY, ("name",), rows(count))
    bulk.upsert("people_lookupname", KEY, ("name",), rows(count + 1, "Other"))
    assert names() == {f"id-{number}": f"Other {number}" for number in range(count + 1)}


@numbers
def test_of_two_rows_with_one_key_the_last_counts(count: int) -> None:
    bulk.upsert("people_lookupname", KEY, ("name",), [*rows(count), *rows(count, "Later")])
    assert names() == {f"id-{number}": f"Later {number}" for number in range(count)}


@numbers
def test_what_is_there_already_stays_as_it_is(count: int) -> None:
    columns = (*KEY, "name")
    bulk.insert("people_lookupname", columns, rows(count))
    bulk.insert_missing("people_lookupname", columns, rows(count + 2, "Other"))
    assert names()["id-0"] == "Name 0"
    assert len(names()) == count + 2


@numbers
def test_texts_arrive_as_they_are(count: int) -> None:
    odd = [(1, "account", str(number), ODD_TEXTS[number % len(ODD_TEXTS)]) for number in range(count)]
    bulk.insert("people_lookupname", (*KEY, "name"), odd)
    assert names() == {row[2]: row[3] for row in odd}


def test_nothing_to_write_is_no_error() -> None:
    bulk.upsert("people_lookupname", KEY, ("name",), [])
    assert names() == {}


@pytest.mark.parametrize("keys", [[], [ODD_TEXTS[0]], list(ODD_TEXTS), [*ODD_TEXTS, *map(str, range(MANY))]])
def test_many_keys_in_one_value_find_the_rows_that_a_mark_for_each_would(keys: list[str]) -> None:
    bulk.insert("people_lookupname", (*KEY, "name"), [(1, "account", text, "") for text in (*ODD_TEXTS, "1")])
    ask = "SELECT record_id FROM people_lookupname WHERE account_id = %s AND record_id IN "
    found = {text for (text,) in bulk.fetch(ask + bulk.given(), [1, bulk.pack(keys)])}
    assert found == set(keys) & {*ODD_TEXTS, "1"}
    if keys:
        assert found == {text for (text,) in bulk.fetch(ask + bulk.marks(len(keys)), [1, *keys])}
