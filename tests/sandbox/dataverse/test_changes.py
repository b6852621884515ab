"""Change tracking (contract §2.8)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from .api import Api, error_of, message_of

TRACK = "odata.track-changes"


def first_read(api: Api, path: str = "contacts?$select=firstname", size: int = 5000) -> str:
    """The delta link behind the last page."""
    pages = list(api.pages(path, Prefer=f"{TRACK},odata.maxpagesize={size}"))
    assert all("@odata.deltaLink" not in page for page in pages[:-1])
    return str(pages[-1]["@odata.deltaLink"])


def changes(api: Api, link: str) -> tuple[list[str], list[str], str]:
    """First names of changed rows in order, ids of deleted ones, and the next link."""
    body = api.json(link)
    rows = [row for row in body["value"] if "reason" not in row]
    gone = [row for row in body["value"] if "reason" in row]
    return [row["firstname"] for row in rows], [row["id"] for row in gone], body["@odata.deltaLink"]


def test_the_link_comes_on_the_last_page_only(api: Api, people: dict[str, str]) -> None:
    link = first_read(api, size=2)
    version, _, stamp = unquote(link).partition("$deltatoken=")[2].partition("!")
    assert version.isdecimal()
    assert len(stamp.split("/")) == 3


def test_the_preference_is_applied(api: Api) -> None:
    assert TRACK in api.get("contacts?$select=firstname", Prefer=TRACK).headers["Preference-Applied"]


def test_a_delta_has_changes_in_the_order_they_were_made_and_then_deletions(
    api: Api, people: dict[str, str]
) -> None:
    link = first_read(api)
    assert changes(api, link)[:2] == ([], [])
    api.patch(f"contacts({people['Carla']})", {"jobtitle": "Cook"})
    api.delete(f"contacts({people['Bob']})")
    dan = api.create("contacts", firstname="Dan")
    body = api.json(link)
    assert body["@odata.context"] == f"{api.root}$metadata#contacts(firstname)/$delta"
    assert [row.get("firstname") for row in body["value"]] == ["Carla", "Dan", None]
    assert body["value"][1]["contactid"] == dan
    assert body["value"][2] == {
        "@odata.context": f"{api.root}$metadata#contacts/$deletedEntity",
        "id": people["Bob"],
        "reason": "deleted",
    }
    assert changes(api, body["@odata.deltaLink"])[:2] == ([], [])


def test_a_change_to_any_column_counts_but_only_selected_ones_come(api: Api, people: dict[str, str]) -> None:
    link = first_read(api)
    api.patch(f"contacts({people['Alice']})", {"telephone1": "1"})
    rows = api.json(link)["value"]
    assert [row.keys() for row in rows] == [{"@odata.etag", "firstname", "contactid"}]


def test_an_empty_change_still_counts(api: Api, people: dict[str, str]) -> None:
    link = first_read(api)
    api.patch(f"contacts({people['Alice']})", {})
    assert changes(api, link)[0] == ["Alice"]


def test_changed_and_then_deleted_is_only_deleted(api: Api, people: dict[str, str]) -> None:
    link = first_read(api)
    api.patch(f"contacts({people['Alice']})", {"jobtitle": "x"})
    api.delete(f"contacts({people['Alice']})")
    assert changes(api, link)[:2] == ([], [people["Alice"]])


def test_deleted_and_made_again_is_only_changed(api: Api, people: dict[str, str]) -> None:
    link = first_read(api)
    api.delete(f"contacts({people['Alice']})")
    api.patch(f"contacts({people['Alice']})", {"firstname": "Alice"})
    assert changes(api, link)[:2] == (["Alice"], [])


def test_rows_that_were_never_seen_are_reported_as_deleted(api: Api) -> None:
    link = first_read(api)
    made = api.create("contacts", firstname="Brief")
    api.delete(f"contacts({made})")
    assert changes(api, link)[:2] == ([], [made])


def test_a_long_delta_comes_in_pages(api: Api) -> None:
    api.control.seed(table="contact", count=10)
    link = first_read(api)
    api.control.seed(touch={"table": "contact", "count": 7, "set": {"jobtitle": "x"}})
    api.control.seed(delete={"table": "contact", "count": 3})
    pages = list(api.pages(link, Prefer=f"{TRACK},odata.maxpagesize=3"))
    entries: list[dict[str, Any]] = [entry for page in pages for entry in page["value"]]
    assert max(len(page["value"]) for page in pages) == 3
    assert [entry.get("reason") for entry in entries] == [None] * 4 + ["deleted"] * 3
    assert len({entry.get("contactid", entry.get("id")) for entry in entries}) == 7
    assert ["@odata.deltaLink" in page for page in pages].count(True) == 1


def test_a_count_of_changes(api: Api, people: dict[str, str]) -> None:
    link = first_read(api)
    api.patch(f"contacts({people['Alice']})", {})
    api.delete(f"contacts({people['Bob']})")
    token = link.partition("$deltatoken=")[2]
    assert api.get(f"contacts/$count?$deltatoken={token}").text.lstrip("\ufeff") == "2"


@pytest.mark.parametrize(
    "option", ["$filter=statecode eq 0", "$orderby=firstname", "$expand=owninguser", "$top=1"]
)
def test_some_options_do_not_go_with_tracking(api: Api, option: str) -> None:
    answer = api.get(f"contacts?$select=firstname&{option}", Prefer=TRACK)
    assert answer.status_code == 400
    name = option.partition("=")[0]
    expected = f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.'
    assert message_of(answer) == expected


def test_a_token_dies_after_a_week(api: Api) -> None:
    link = first_read(api)
    api.control.advance(6 * 86400)
    api.token = api.new_token()
    assert api.get(link).status_code == 200
    api.control.advance(86400 + 60)
    api.token = api.new_token()
    answer = api.get(link)
    assert error_of(answer) == (400, "0x80044352")
    expected = "Version stamp associated with the client has expired. Please perform a full sync."
    assert message_of(answer) == expected


def test_the_organisation_says_how_long_a_token_lives(api: Api) -> None:
    organisation = api.values("organizations?$select=expirechangetrackingindays")[0]
    assert organisation["expirechangetrackingindays"] == 7
    api.patch(f"organizations({organisation['organizationid']})", {"expirechangetrackingindays": 30})
    link = first_read(api)
    api.control.advance(20 * 86400)
    api.token = api.new_token()
    assert api.get(link).status_code == 200


def test_a_token_can_be_made_to_expire(api: Api) -> None:
    link = first_read(api)
    api.control.fault("expired_delta_token", route="GET /contacts")
    assert error_of(api.get(link)) == (400, "0x80044352")
    assert api.get(link).status_code == 200, "the fault was spent"


def test_tracking_is_a_switch_of_the_table(api: Api) -> None:
    assert error_of(api.get("listmembers", Prefer=TRACK)) == (400, "0x80072492")
    assert error_of(api.get("tasks", Prefer=TRACK)) == (400, "0x80072491")
    definition = api.json("EntityDefinitions(LogicalName='task')")
    assert definition["ChangeTrackingEnabled"] is False
    assert definition["CanChangeTrackingBeEnabled"]["Value"] is True
    definition["ChangeTrackingEnabled"] = True
    answer = api.put("EntityDefinitions(LogicalName='task')", definition, MSCRM__MergeLabels="true")
    assert answer.status_code == 204
    assert "@odata.deltaLink" in api.json("tasks", Prefer=TRACK)


def test_a_change_to_an_early_page_during_the_first_read_is_missed(api: Api) -> None:
    """The suspected gap that a sweep by modifiedon has to close."""
    api.control.seed(table="contact", count=4)
    first = api.json("contacts?$select=firstname", Prefer=f"{TRACK},odata.maxpagesize=2")
    api.patch(f"contacts({first['value'][0]['contactid']})", {"firstname": "Changed"})
    last = api.json(first["@odata.nextLink"], Prefer=f"{TRACK},odata.maxpagesize=2")
    assert changes(api, last["@odata.deltaLink"])[0] == []


def test_or_the_token_is_stamped_at_the_first_page(api: Api) -> None:
    api.control.settings(delta_stamped_at="first_page")
    api.control.seed(table="contact", count=4)
    first = api.json("contacts?$select=firstname", Prefer=f"{TRACK},odata.maxpagesize=2")
    api.patch(f"contacts({first['value'][0]['contactid']})", {"firstname": "Changed"})
    last = api.json(first["@odata.nextLink"], Prefer=f"{TRACK},odata.maxpagesize=2")
    assert changes(api, last["@odata.deltaLink"])[0] == ["Changed"]
