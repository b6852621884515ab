"""What a run asks about the people it has touched costs as much as there are of them, however large the
account is.

SQLite tells how many instructions its virtual machine carried out, which no load of the machine changes.
PostgreSQL keeps statistics and finds the same order of tables by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from django.db import connection

from syncline.people import store
from syncline.people.store import due
from syncline.people.store.sql import fetch, marks

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="counts SQLite's instructions"),
]

ACCOUNT: Final = 1
LARGE_LIST, SMALL_LIST = 1, 2
FEW, MANY = 100, 2_000
TOUCHED: Final = 20

Ask = Callable[[], object]


def key(number: int) -> str:
    return f"person{number:05}@example.com"


def record_id(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


def fill(numbers: Sequence[int]) -> None:
    """People known to both sides, members of a list on both."""
    store.save_crm_records(
        [(ACCOUNT, "contact", record_id(n), key(n), f"Person {n}", 0, "{}", "", 1) for n in numbers]
    )
    store.save_persons([(ACCOUNT, key(n), n, "", "subscribed", "{}", "{}") for n in numbers])
    store.save_members(LARGE_LIST, [record_id(n) for n in numbers], 1)
    store.save_places([(LARGE_LIST, key(n), "subscribed", True, 1) for n in numbers])
    store.save_looked_up(ACCOUNT, "territory", [(record_id(n), f"Territory {n}", "{}") for n in numbers])


def steps(ask: Ask) -> int:
    """Instructions of SQLite while something is asked."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection.ensure_connection()
    raw: Any = connection.connection
    raw.set_progress_handler(count, 1)
    try:
        ask()
    finally:
        raw.set_progress_handler(None, 1)
    return counted


QUESTIONS: Final[dict[str, Ask]] = {
    "touched": lambda: store.touched_page(ACCOUNT, "", 5000),
    "touched and known": lambda: store.touched_page(ACCOUNT, "", 5000, known_only=True),
    "touched of some lists": lambda: store.touched_page(ACCOUNT, "", 5000, list_ids=[LARGE_LIST]),
    "touched with another address before": lambda: store.touched_with_former_keys(ACCOUNT, "", 1000),
    "how many are known": lambda: store.count_touched_known(ACCOUNT),
    "how many are in a list": lambda: store.count_touched_places(ACCOUNT, [LARGE_LIST]),
    "whether a list is empty": lambda: store.has_no_members(LARGE_LIST),
    "everything about them": lambda: store.load(
        ACCOUNT, [LARGE_LIST], [key(number) for number in range(TOUCHED)]
    ),
    "whose records entered": lambda: store.keys_of_records(
        ACCOUNT, [record_id(number) for number in range(TOUCHED)]
    ),
    "what their lookups point at": lambda: store.looked_up(
        ACCOUNT, [record_id(number) for number in range(TOUCHED)]
    ),
    "whom a small list comes down to": lambda: store.audience(
        ACCOUNT, SMALL_LIST, "contact", only_open_and_active=True
    ),
    "who has left a small list": lambda: store.drop_unseen_members(ACCOUNT, SMALL_LIST, 1),
    "everybody in a small list": lambda: store.touch_members(ACCOUNT, SMALL_LIST),
    "whom of them it concerns": lambda: store.concern(ACCOUNT, [key(number) for number in range(TOUCHED)]),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_costs_no_more_in_a_large_account(question: str) -> None:
    ask = QUESTIONS[question]
    fill(range(FEW))
    store.touch(ACCOUNT, [key(number) for number in range(TOUCHED)])
    store.save_members(SMALL_LIST, [record_id(number) for number in range(TOUCHED)], 1)
    moved = (ACCOUNT, "contact", record_id(0), key(0), "Person 0", 0, "{}", "former@example.com", 1)
    store.save_crm_records([moved])
    among_few = steps(ask)
    fill(range(FEW, MANY))
    assert steps(ask) == pytest.approx(among_few, rel=0.02)


def test_opt_in_types_cost_hardly_anything_until_they_are_carried_over() -> None:
    """Of everything that any sync reads it is asked: first whether the account wants them at all."""
    fill(range(FEW))
    read = [key(number) for number in range(FEW)]
    opt_in = due._CONCERNED[store.OPT_IN]
    asked = steps(lambda: fetch(opt_in.format(marks(FEW)), [ACCOUNT, *read]))
    assert asked < FEW
