"""The demo account."""

from __future__ import annotations

from syncline_sandbox.people import people

from .api import Api

SUPPRESSED = (5, 17, 29, 41, 53, 65, 77, 89, 101, 113)


def test_the_demo_account_is_believable(api: Api) -> None:
    api.control.reset("demo")
    everybody = list(people(820))
    here = [person.email.lower() for person in everybody[:120] + everybody[760:]]
    items = api.ok("GET", "/contacts/v3?include=lists%7CchannelProperties&data-fields=%5B%5BALL%5D%5D")[
        "_items"
    ]
    assert {item["identifiers"]["email"] for item in items} == set(here)
    removed = api.ok("GET", "/v2/contacts/suppressed-since/2000-01-01")
    assert {row["suppressedContact"]["email"] for row in removed} == {here[number] for number in SUPPRESSED}
    assert len({row["reason"] for row in removed}) == 8
    lists = {entry["name"]: entry for entry in api.ok("GET", "/v2/address-books")}
    assert {"Test", "All contacts", "Newsletter", "Trail News"} <= set(lists)
    assert lists["All contacts"]["contacts"] == 170
    assert lists["Newsletter"]["contacts"] == 110
    assert len(api.ok("GET", "/v2/data-fields")) == 16
    assert [segment["contacts"] > 0 for segment in api.ok("GET", "/v2/segments")] == [True, True]
    left = api.ok(
        "GET", f"/v2/address-books/{lists['Winter sale 2024']['id']}/contacts/unsubscribed-since/2000-01-01"
    )
    assert left
