"""Marketing preferences."""

from __future__ import annotations

import pytest

from .api import Api, row

ALICE = "alice@people.example"


@pytest.fixture
def ids(api: Api) -> dict[str, int]:
    """A category Topics with Hiking and Skiing."""
    return dict(
        api.control.seed(preferences=[{"name": "Topics", "preferences": ["Hiking", "Skiing"]}])["preferences"]
    )


def test_definitions_are_a_tree(api: Api, ids: dict[str, int]) -> None:
    (topics,) = api.ok("GET", "/v2/preferences")
    assert (topics["isPreference"], topics["preferenceCount"], topics["categoryId"]) == (False, 2, 0)
    assert [entry["privateName"] for entry in topics["preferences"]] == ["Hiking", "Skiing"]
    assert topics["preferences"][0]["categoryId"] == topics["id"]


def test_definitions_are_made_changed_and_removed(api: Api) -> None:
    category = api.post("/v2/preferences", {"privateName": "News", "isPreference": False})
    assert category.status == 200
    parent = category.json["id"]
    body = {"privateName": "weekly01", "publicName": "Weekly", "isPreference": True, "categoryId": parent}
    weekly = api.ok("POST", "/v2/preferences", body)
    api.control.advance(100)
    since = api.control.now()
    assert (
        api.ok("PUT", f"/v2/preferences/{weekly['id']}", {"publicName": "Each week"})["publicName"]
        == "Each week"
    )
    (changed,) = api.ok("GET", f"/v2/preferences/modified-since/{since}")
    assert changed["preferences"][0]["id"] == weekly["id"]
    assert api.delete(f"/v2/preferences/{parent}").status == 200
    assert api.ok("GET", "/v2/preferences") == []
    missing = api.delete(f"/v2/preferences/{weekly['id']}")
    assert (missing.status, missing.error) == (404, "ERROR_PREFERENCE_NOT_FOUND")


def test_impossible_definitions(api: Api, ids: dict[str, int]) -> None:
    for body in (
        {"publicName": "No private name", "isPreference": True},
        {"privateName": "Inner", "isPreference": False, "categoryId": ids["Topics"]},
        {"privateName": "Lost", "isPreference": True, "categoryId": 4711},
        {"privateName": "Wrong", "isPreference": True, "categoryId": ids["Hiking"]},
    ):
        assert api.post("/v2/preferences", body).error == "ERROR_PREFERENCE_INVALID"


def test_a_contact_chooses(api: Api, ids: dict[str, int]) -> None:
    alice = api.new_contact(ALICE)
    choice = [{"id": ids["Hiking"], "isPreference": True, "isOptedIn": True}]
    assert api.put(f"/v2/contacts/{alice}/preferences", choice).status == 200
    for path in (f"/v2/contacts/{ALICE}/preferences", f"/v2/contact/{alice}/preferences"):
        (topics,) = api.ok("GET", path)
        assert [entry["isOptedIn"] for entry in topics["preferences"]] == [True, False]
        assert topics["isOptedIn"] is None
    nested = [{"id": ids["Topics"], "preferences": [{"id": ids["Skiing"], "isOptedIn": True}]}]
    api.ok("PUT", f"/v2/contact/{ALICE}/preferences", nested)
    shown = api.contact(ALICE)["preferences"]
    assert [(entry["id"], entry["isOptedIn"]) for entry in shown] == [
        (ids["Hiking"], True),
        (ids["Skiing"], True),
    ]
    refused = api.put(f"/v2/contacts/{alice}/preferences", [{"id": 4711, "isOptedIn": True}])
    assert refused.error == "ERROR_PREFERENCE_INVALID"
    assert api.get("/v2/contacts/nobody@people.example/preferences").error == "ERROR_CONTACT_NOT_FOUND"


def test_look_ups_by_preference(api: Api, ids: dict[str, int]) -> None:
    news = api.new_list("News")
    hiking = [{"id": ids["Hiking"], "isOptedIn": True}]
    report = api.import_v3(
        row(ALICE, preferences=hiking, lists=[news]),
        row("bob@people.example", preferences=hiking),
        row("carol@people.example", preferences=[{"id": ids["Hiking"], "isOptedIn": False}]),
    )
    alice, bob, carol = (entry["contactId"] for entry in report["created"])
    path = f"with-preference/{ids['Hiking']}"
    found = api.ok("GET", f"/v2/contacts/{path}")
    assert found == [{"id": alice, "email": ALICE}, {"id": bob, "email": "bob@people.example"}]
    assert api.ok("GET", f"/v2/contacts/{path}?minContactId={alice + 1}") == found[1:]
    assert api.ok("GET", f"/v2/address-books/{news}/contacts/{path}") == found[:1]
    changed = api.ok("GET", f"/v2/contacts/{path}/opt-ins-since/2020-01-01")
    assert [(e["contact"]["id"], e["marketingPreferenceOptIns"][0]["isOptedIn"]) for e in changed] == [
        (alice, True),
        (bob, True),
        (carol, False),
    ]
    assert "dateModifed" in changed[0]["marketingPreferenceOptIns"][0]
    assert api.ok("GET", f"/v2/contacts/{path}/opt-ins-since/2099-01-01") == []
    assert len(api.ok("GET", f"/v2/address-books/{news}/contacts/{path}/opt-ins-since/2020-01-01")) == 1
    own = api.ok("GET", f"/v2/contacts/{ALICE}/subscriptions")
    assert own["marketingPreferenceOptIns"][0]["marketingPreferenceId"] == ids["Hiking"]
    assert api.get("/v2/contacts/with-preference/4711").error == "ERROR_PREFERENCE_NOT_FOUND"


def test_a_choice_that_stays_keeps_its_date(api: Api, ids: dict[str, int]) -> None:
    hiking = [{"id": ids["Hiking"], "isOptedIn": True}]
    api.import_v3(row(ALICE, preferences=hiking))
    since = api.control.now()
    api.control.advance(60)
    api.import_v3(row(ALICE, preferences=hiking))
    path = f"/v2/contacts/with-preference/{ids['Hiking']}/opt-ins-since/{since}"
    assert api.ok("GET", path) == []
    api.import_v3(row(ALICE, preferences=[{"id": ids["Hiking"], "isOptedIn": False}]))
    assert len(api.ok("GET", path)) == 1


def test_without_any_preference_v3_shows_none(api: Api, ids: dict[str, int]) -> None:
    api.import_v3(row(ALICE, preferences=[{"id": ids["Hiking"], "isOptedIn": False}]))
    assert "preferences" not in api.contact(ALICE)
