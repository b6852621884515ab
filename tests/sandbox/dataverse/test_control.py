"""Seeding, snapshots, settings, restarts, and the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox_process import ControlRefused, start_dataverse
from syncline_sandbox.dataverse.seeding import demo
from syncline_sandbox.people import people as invented_people

from .api import Api


def test_rows_by_the_thousand(api: Api) -> None:
    made = api.control.seed(
        table="contact",
        count=1200,
        template={"lastname": "L{n}", "jobtitle": "Cook"},
        list={"listname": "All"},
    )
    assert made["count"] == 1200
    marketing_list = api.json(f"lists({made['listid']})")
    assert (marketing_list["createdfromcode"], marketing_list["membercount"]) == (2, 1200)
    assert api.get(f"lists({made['listid']})/listcontact_association/$count").text.lstrip("\ufeff") == "1200"
    row = api.json(f"contacts({made['first_id']})")
    assert (row["lastname"], row["fullname"], row["jobtitle"]) == ("L0", "L0", "Cook")
    assert (row["statecode"], row["donotbulkemail"], row["followemail"]) == (0, False, True)
    assert row["_modifiedby_value"] != api.json("WhoAmI")["UserId"], "seeds are somebody else's work"


def test_seeding_goes_on_where_it_is_told(api: Api) -> None:
    api.control.seed(table="lead", count=3)
    api.control.seed(table="lead", count=2, start=3)
    rows = api.values("leads?$select=subject&$orderby=subject")
    assert [row["subject"] for row in rows] == [f"Interest {number}" for number in range(5)]


def test_single_rows_and_changes_by_seed(api: Api) -> None:
    made = api.control.seed(rows={"contact": [{"firstname": "Ann", "gendercode": 2}, {"firstname": "Ben"}]})
    assert len(made["ids"]["contact"]) == 2
    changed = api.control.seed(
        touch={"table": "contact", "ids": made["ids"]["contact"][:1], "set": {"jobtitle": "J{n}"}}
    )
    assert changed == {"touched": 1}
    assert api.json(f"contacts({made['ids']['contact'][0]})")["jobtitle"] == "J0"
    assert api.control.seed(delete={"table": "contact", "count": 2}) == {"deleted": 2}
    assert api.values("contacts") == []


@pytest.mark.parametrize(
    "body",
    [
        {"tabel": "contact"},
        {"table": "nothing", "count": 1},
        {"table": "contact", "count": 1, "template": {"nope": 1}},
        {"rows": {"contact": [{"nope": 1}]}},
    ],
)
def test_bad_seeds_are_refused_in_words(api: Api, body: dict[str, object]) -> None:
    with pytest.raises(ControlRefused, match=r"\w+ \w+"):
        api.control.seed(**body)
    assert api.values("contacts") == []


def test_snapshots_bring_everything_back(api: Api, people: dict[str, str]) -> None:
    from .test_keys import add_column

    api.control.settings(dop_hint=3)
    api.control.snapshot("before")
    add_column(api)
    api.delete(f"contacts({people['Bob']})")
    api.control.settings(dop_hint=5)
    api.control.restore("before")
    assert api.names("firstname ne null") == ["Alice", "Bob", "Carla"]
    assert api.get("contacts?$select=dd_contactid").status_code == 400
    assert api.control.settings()["dop_hint"] == 3
    with pytest.raises(ControlRefused):
        api.control.restore("never taken")


def test_settings_are_checked(api: Api) -> None:
    with pytest.raises(ControlRefused, match="unknown_switch"):
        api.control.settings(unknown_switch=1)
    with pytest.raises(ControlRefused):
        api.control.settings(limit_requests="many")


def test_reset_forgets_everything(api: Api, people: dict[str, str]) -> None:
    api.control.settings(limit_requests=1)
    api.control.fault("status", status=500, times=None)
    api.control.reset()
    assert [api.get("contacts").status_code for _ in range(2)] == [200, 200]
    assert api.values("contacts") == []
    assert api.control.settings()["limit_requests"] == 6000


def test_a_restart_goes_on_with_the_same_data(tmp_path: Path) -> None:
    with start_dataverse(tmp_path) as sandbox:
        api = Api(sandbox)
        made = api.create("contacts", firstname="Alice")
        link = list(api.pages("contacts?$select=firstname", Prefer="odata.track-changes"))[-1][
            "@odata.deltaLink"
        ]
        token, certificate = api.token, sandbox.ca_file.read_bytes()
        api.close()
    with start_dataverse(tmp_path) as sandbox:
        api = Api(sandbox)
        api.token = token
        assert api.json(f"contacts({made})")["firstname"] == "Alice"
        api.delete(f"contacts({made})")
        path = link.partition("/api/data/v9.2/")[2]
        assert api.json(path)["value"][0]["id"] == made
        assert sandbox.ca_file.read_bytes() == certificate
        api.close()


def test_the_demo_has_what_it_promises(api: Api) -> None:
    api.control.reset("demo")
    counts = api.json('RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["contact","lead","account"]')
    assert counts["EntityRecordCountCollection"]["Values"] == [600, 160, 40]
    lists = {row["listname"]: row for row in api.values("lists")}
    assert {name: row["membercount"] for name, row in lists.items() if not row["type"]} == {
        "Newsletter": 250,
        "Spring fair visitors": 80,
        "Key accounts": 20,
        "Printed catalogue": 29,
    }
    dynamic = [row for row in lists.values() if row["type"]]
    assert len(dynamic) == 1
    assert len(api.values(f"contacts?fetchXml={dynamic[0]['query']}")) > 50


def test_the_demo_has_the_cases_that_real_data_has(api: Api) -> None:
    api.control.reset("demo")
    persons = list(invented_people(demo.LEADS.stop, seed=7))

    def email_of(number: int) -> str:
        kind = "contacts" if number in demo.CONTACTS else "leads"
        row_id = demo.contact_id(number) if number in demo.CONTACTS else demo.lead_id(number)
        return str(api.json(f"{kind}({row_id})?$select=emailaddress1")["emailaddress1"])

    first, second = demo.SHARED_ADDRESS
    assert email_of(first) == email_of(second)
    first, second = demo.SHARED_ADDRESS_OTHER_CASE
    assert email_of(first) != email_of(second)
    assert email_of(first).lower() == email_of(second).lower()
    contact, lead = demo.CONTACT_OF_LEAD
    assert email_of(contact) == email_of(lead) == persons[contact].email
    assert "@@" in email_of(demo.INVALID_ADDRESS)
    for condition in (
        "donotbulkemail eq true",
        "donotemail eq true",
        "statecode eq 1",
        "emailaddress1 eq null",
        "birthdate eq 1753-01-01",
        "birthdate eq 9999-12-30",
    ):
        assert api.values(f"contacts?$select=contactid&$filter={condition}"), condition
    assert api.values("leads?$select=leadid&$filter=statecode eq 2")
    note = api.json(f"contacts({demo.contact_id(demo.LONG_NOTE)})?$select=description")["description"]
    assert len(note) == 2000
    emoji = api.json(f"contacts({demo.contact_id(demo.EMOJI)})?$select=firstname")["firstname"]
    assert "🚴" in emoji
