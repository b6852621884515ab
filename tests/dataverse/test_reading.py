"""Rows: one, all of them a page at a time, only what changed, and those of a saved query."""

from __future__ import annotations

import pytest

from dataverse.conftest import new_contacts, new_list
from sandbox_process import Control
from syncline.dataverse import (
    FORMATTED,
    ChangeTrackingOff,
    Dataverse,
    DeltaExpired,
    InvalidQuery,
    Misconfigured,
    NotFound,
    Page,
    Permanent,
    Query,
    bind,
    member_query,
)


def test_all_rows_come_a_page_at_a_time(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 25)
    control.clear_journal()
    pages = list(client.pages("contacts", select=["lastname"], orderby=["contactid"], page_size=10))
    assert [len(page.rows) for page in pages] == [10, 10, 5]
    assert [page.next_link is None for page in pages] == [False, False, True]
    assert sorted(row["contactid"] for page in pages for row in page.rows) == sorted(ids)
    calls = sum(
        tally["calls"] for route, tally in control.journal()["routes"].items() if "token" not in route
    )
    assert calls == 3


def test_the_first_pages_of_several_queries_come_by_one_request(client: Dataverse, control: Control) -> None:
    new_contacts(client, 3)
    control.clear_journal()
    newest, none, unknown = client.first_pages(
        [
            Query(set_="contacts", select=["lastname"], orderby=["createdon desc", "contactid"]),
            Query(set_="leads", select=["subject"], filter="subject eq 'O''Hara & sons'"),
            Query(set_="unicorns"),
        ],
        page_size=2,
    )
    assert isinstance(newest, Page)
    assert (len(newest.rows), newest.next_link is None) == (2, False)
    assert none == Page([], None)
    assert isinstance(unknown, NotFound)
    assert {route for route in control.journal()["routes"] if "token" not in route} == {"POST /$batch"}


def test_reading_goes_on_from_a_stored_link(client: Dataverse) -> None:
    ids = new_contacts(client, 25)
    first = next(client.pages("contacts", select=["lastname"], orderby=["contactid"], page_size=10))
    assert first.next_link is not None
    rest = [row for page in client.pages_from(first.next_link, page_size=10) for row in page.rows]
    assert sorted(row["contactid"] for row in [*first.rows, *rest]) == sorted(ids)


def test_a_filter_is_sent_as_it_was_meant(client: Dataverse) -> None:
    client.create("contacts", {"lastname": "O'Brien & Søn + 100%"})
    client.create("contacts", {"lastname": "Other"})
    (page,) = client.pages("contacts", select=["lastname"], filter="lastname eq 'O''Brien & Søn + 100%'")
    assert [row["lastname"] for row in page.rows] == ["O'Brien & Søn + 100%"]


def test_an_empty_table_is_one_empty_page(client: Dataverse) -> None:
    (page,) = client.pages("leads")
    assert (page.rows, page.next_link) == ([], None)


def test_display_texts_come_beside_the_values(client: Dataverse) -> None:
    account = client.create("accounts", {"name": "Contoso"})
    client.create(
        "contacts",
        {"lastname": "A", "gendercode": 2, "parentcustomerid_account@odata.bind": bind("accounts", account)},
    )
    columns = ["gendercode", "_parentcustomerid_value"]
    (page,) = client.pages("contacts", select=columns, annotations=True)
    (row,) = page.rows
    assert (row["gendercode"], row[f"gendercode@{FORMATTED}"]) == (2, "Female")
    assert row[f"_parentcustomerid_value@{FORMATTED}"] == "Contoso"
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"


def test_one_row_has_its_etag_and_its_nulls(client: Dataverse) -> None:
    (alice,) = new_contacts(client, 1)
    row = client.get("contacts", alice, select=["lastname", "emailaddress1"])
    assert (row["lastname"], row["emailaddress1"]) == ("P0", None)
    assert row["@odata.etag"].startswith('W/"')


def test_what_is_not_there_is_not_found(client: Dataverse) -> None:
    with pytest.raises(NotFound):
        client.get("contacts", "00000000-0000-0000-0000-00000000beef")
    with pytest.raises(NotFound):
        next(client.pages("nosuchthings"))


def test_a_column_that_is_not_there_is_no_records_fault(client: Dataverse) -> None:
    with pytest.raises(Permanent, match="nosuchcolumn"):
        next(client.pages("contacts", select=["nosuchcolumn"]))


def test_rows_are_counted(client: Dataverse) -> None:
    new_contacts(client, 7)
    assert client.count("contacts") == 7


# Changes


def test_the_first_delta_is_everything_and_the_next_is_what_changed(client: Dataverse) -> None:
    alice, bob, carol = new_contacts(client, 3)
    pages = list(client.delta("contacts", ["lastname"], page_size=2))
    assert sorted(row["contactid"] for page in pages for row in page.rows) == sorted([alice, bob, carol])
    assert [page.delta_link is None for page in pages] == [True, False]
    assert [page.next_link is None for page in pages] == [False, True]
    link = pages[-1].delta_link or ""

    client.update("contacts", alice, {"lastname": "Changed"})
    client.delete("contacts", bob)
    (dave,) = new_contacts(client, 1)
    (page,) = client.delta_from(link)
    assert {row["contactid"]: row["lastname"] for row in page.rows} == {alice: "Changed", dave: "P0"}
    assert page.deleted == [bob]
    (nothing,) = client.delta_from(page.delta_link or "")
    assert (nothing.rows, nothing.deleted) == ([], [])


def test_a_delta_is_resumed_page_by_page(client: Dataverse) -> None:
    ids = new_contacts(client, 12)
    seen: list[str] = []
    page = next(client.delta("contacts", ["lastname"], page_size=5))
    while True:
        seen += [row["contactid"] for row in page.rows]
        if page.next_link is None:
            break
        page = next(client.delta_from(page.next_link, page_size=5))
    assert sorted(seen) == sorted(ids)
    client.update("contacts", ids[0], {"lastname": "Changed"})
    (changes,) = client.delta_from(page.delta_link or "")
    assert [row["contactid"] for row in changes.rows] == [ids[0]]


def test_many_changes_come_in_pages_too(client: Dataverse) -> None:
    new_contacts(client, 1)
    (first,) = client.delta("contacts", ["lastname"])
    ids = new_contacts(client, 12)
    pages = list(client.delta_from(first.delta_link or "", page_size=5))
    assert sorted(row["contactid"] for page in pages for row in page.rows) == sorted(ids)
    assert pages[-1].delta_link


def test_a_link_that_is_too_old_asks_for_a_full_read(client: Dataverse, control: Control) -> None:
    new_contacts(client, 1)
    (page,) = client.delta("contacts", ["lastname"])
    control.advance(40 * 86_400)
    with pytest.raises(DeltaExpired) as caught:
        next(client.delta_from(page.delta_link or ""))
    assert "in full" in caught.value.what_to_do


def test_changes_need_read_of_the_whole_organisation(client: Dataverse, control: Control) -> None:
    control.settings(denied=["prvReadContact:Global"])
    with pytest.raises(Misconfigured):
        next(client.delta("contacts", ["lastname"]))


def test_a_table_that_tracks_no_changes_is_said_so(client: Dataverse) -> None:
    with pytest.raises(ChangeTrackingOff) as caught:
        next(client.delta("listmembers", ["listmemberid"]))
    assert "Track changes" in caught.value.what_to_do


def test_a_read_that_ends_without_a_delta_link_is_not_taken_for_complete(
    client: Dataverse, control: Control
) -> None:
    control.fault("status", method="GET", match="contacts", status=200, body={"value": []})
    with pytest.raises(ChangeTrackingOff, match="without a delta link"):
        next(client.delta("contacts", ["lastname"]))


# Saved queries

SAVED = """
<fetch distinct="false"><entity name="contact"><attribute name="fullname"/>
<order attribute="fullname"/>
<filter><condition attribute="lastname" operator="like" value="P%"/></filter></entity></fetch>
"""


def members(saved: str = SAVED) -> str:
    return member_query(
        saved, table="contact", primary_key="contactid", columns=["lastname", "emailaddress1"]
    )


def test_members_of_a_dynamic_list_come_a_page_at_a_time(client: Dataverse) -> None:
    ids = new_contacts(client, 25)
    client.create("contacts", {"lastname": "Other"})
    pages = list(client.fetch_pages("contacts", members(), page_size=10))
    assert [len(page.rows) for page in pages] == [10, 10, 5]
    assert sorted(row["contactid"] for page in pages for row in page.rows) == sorted(ids)
    assert "emailaddress1" not in pages[0].rows[0]


def test_reading_a_saved_query_goes_on_from_a_stored_cursor(client: Dataverse) -> None:
    ids = new_contacts(client, 25)
    first = next(client.fetch_pages("contacts", members(), page_size=10))
    rest = client.fetch_pages("contacts", members(), page_size=10, cursor=first.next_cursor)
    found = [*first.rows, *(row for page in rest for row in page.rows)]
    assert sorted(row["contactid"] for row in found) == sorted(ids)


def test_a_query_for_the_first_rows_finds_no_more(client: Dataverse) -> None:
    new_contacts(client, 5)
    (page,) = client.fetch_pages("contacts", members(SAVED.replace("<fetch ", "<fetch top='3' ")))
    assert [row["lastname"] for row in page.rows] == ["P0", "P1", "P2"]


def test_a_query_too_long_for_an_address_is_sent_in_a_batch(client: Dataverse, control: Control) -> None:
    ids = new_contacts(client, 3)
    values = "".join(f"<value>P{number}-{'x' * 60}</value>" for number in range(400))
    wanted = f"<condition attribute='lastname' operator='in'>{values}<value>P1</value></condition>"
    saved = f"<fetch><entity name='contact'><filter>{wanted}</filter></entity></fetch>"
    control.clear_journal()
    (page,) = client.fetch_pages("contacts", members(saved))
    assert [row["contactid"] for row in page.rows] == [ids[1]]
    assert control.calls("POST /$batch") == 1


def test_the_query_stored_in_a_list_is_what_is_run(client: Dataverse) -> None:
    ids = new_contacts(client, 2)
    dynamic = new_list(client, "Everyone", type=True, query=SAVED)
    stored = client.get("lists", dynamic, select=["query"])["query"]
    (page,) = client.fetch_pages("contacts", members(stored))
    assert sorted(row["contactid"] for row in page.rows) == sorted(ids)


def test_an_empty_saved_query_is_refused(client: Dataverse) -> None:
    with pytest.raises(InvalidQuery):
        members("")
