"""The invented people that both demo seeds share."""

from __future__ import annotations

from itertools import islice

from syncline_sandbox.people import people


def test_the_first_people_are_always_the_same() -> None:
    assert list(people(50)) == list(islice(people(820), 50))
    assert [person.email for person in people(5, seed=8)] != [person.email for person in people(5)]


def test_addresses_differ_even_without_case_and_can_never_receive_mail() -> None:
    emails = [person.email.lower() for person in people(6000)]
    assert len(set(emails)) == 6000
    assert all(email.endswith(".example") for email in emails)


def test_they_hold_what_careless_code_trips_over() -> None:
    everybody = list(people(820))
    text = "".join(person.full_name for person in everybody)
    for sign in ("ü", "'", "ø", "Ł", "ل", "כ", "田", "Γ"):
        assert sign in text, sign
    assert any("🏔️" in person.nickname for person in everybody)
    assert any(person.email != person.email.lower() for person in everybody)
    assert len({person.country for person in everybody}) == 10
