"""Columns of the rows that lookups point at: the company's phone, the owner's address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.mapping import crm_columns
from syncline.mapping.changing import create_label, save_mapping
from syncline.mapping.models import CrmField, Direction, Entity, LabelType
from syncline.mapping.wanted import WantedLabel, WantedMapping
from tests.syncs.world import World


def label(world: World, name: str, label_type: LabelType = LabelType.TEXT) -> None:
    create_label(world.account, WantedLabel(name=name, type=label_type), by=OPERATOR)


def through(world: World, lookup: str, table: str, column: str, to: str) -> None:
    save_mapping(
        world.account,
        WantedMapping(
            entity=Entity.CONTACT,
            crm_field=column,
            label=to,
            direction=Direction.TO_DOTDIGITAL,
            through=lookup,
            through_table=table,
        ),
        by=OPERATOR,
    )


def at(company: str, **row: object) -> dict[str, object]:
    return {"parentcustomerid_account@odata.bind": f"/accounts({company})", **row}


@pytest.fixture
def companies(world: World) -> dict[str, str]:
    """Alice works at Fabrikam, Bob at Contoso; phone, turnover and industry of the company are mapped."""
    label(world, "COMPANY_TEL")
    label(world, "COMPANY_IND")
    label(world, "COMPANY_REV", LabelType.NUMERIC)
    through(world, "parentcustomerid", "account", "telephone1", "COMPANY_TEL")
    through(world, "parentcustomerid", "account", "industrycode", "COMPANY_IND")
    through(world, "parentcustomerid", "account", "revenue", "COMPANY_REV")
    fabrikam = world.add("accounts", name="Fabrikam", telephone1="0113 1", industrycode=1, revenue=2500000.5)
    contoso = world.add("accounts", name="Contoso", telephone1="0113 2")
    alice = world.add("contacts", **at(fabrikam, firstname="Alice", emailaddress1="alice@example.com"))
    bob = world.add("contacts", **at(contoso, firstname="Bob", emailaddress1="bob@example.com"))
    world.add_list("News", [alice, bob])
    return {"Fabrikam": fabrikam, "Contoso": contoso, "Alice": alice, "Bob": bob}


def told(world: World, email: str) -> dict[str, object]:
    fields = world.contacts()[email].data_fields
    return {name: value for name, value in fields.items() if name.startswith("COMPANY") and value is not None}


def test_a_company_s_columns_go_to_its_people_each_by_its_own_type(
    world: World, companies: dict[str, str]
) -> None:
    world.sync()
    industry = CrmField.objects.get(entity="account", logical_name="industrycode").options["1"]
    assert told(world, "alice@example.com") == {
        "COMPANY_TEL": "0113 1",
        "COMPANY_IND": industry,
        "COMPANY_REV": 2500000.5,
    }
    assert told(world, "bob@example.com") == {"COMPANY_TEL": "0113 2"}
    world.forget_calls()
    world.sync()
    assert world.writes() == {}, "nothing has changed, so nothing is written"


def test_a_change_of_the_company_reaches_its_people_and_nobody_else(
    world: World, companies: dict[str, str]
) -> None:
    world.sync()
    world.change("accounts", companies["Fabrikam"], telephone1="0113 9")
    run = world.sync()
    assert world.outcomes(run) == [("alice@example.com", "updated", "")]
    assert told(world, "alice@example.com")["COMPANY_TEL"] == "0113 9"


def test_whoever_changes_company_gets_the_new_one_s_columns(world: World, companies: dict[str, str]) -> None:
    world.sync()
    world.change("contacts", companies["Bob"], **at(companies["Fabrikam"]))
    world.sync()
    assert told(world, "bob@example.com") == told(world, "alice@example.com")


def test_another_mapped_column_has_the_table_read_again(world: World, companies: dict[str, str]) -> None:
    world.change("accounts", companies["Contoso"], address1_city="Leeds")
    world.sync()
    label(world, "COMPANY_CITY")
    through(world, "parentcustomerid", "account", "address1_city", "COMPANY_CITY")
    world.sync()
    assert told(world, "bob@example.com")["COMPANY_CITY"] == "Leeds"


def test_without_permission_the_labels_stay_and_the_run_says_so(
    world: World, companies: dict[str, str]
) -> None:
    world.sync()
    world.change("contacts", companies["Alice"], lastname="Hall")
    label(world, "COMPANY_CITY")
    through(world, "parentcustomerid", "account", "address1_city", "COMPANY_CITY")
    world.sandbox_dataverse.control.settings(denied=["prvReadAccount"])
    try:
        run = world.sync()
    finally:
        world.sandbox_dataverse.control.settings(denied=[])
    assert any("table account was left out" in note for note in run.position["notes"])
    assert told(world, "alice@example.com")["COMPANY_TEL"] == "0113 1"
    assert world.contacts()["alice@example.com"].data_fields["LASTNAME"] == "Hall"
    world.sync()
    assert "COMPANY_CITY" not in told(world, "alice@example.com")


def test_the_columns_of_any_looked_up_table_can_be_loaded_and_are_refreshed_once_mapped(
    world: World,
) -> None:
    assert not CrmField.objects.filter(entity="systemuser").exists()
    found = crm_columns.read_columns(world.crm, "systemuser")
    differences = crm_columns.differences(world.account, "systemuser", found)
    crm_columns.store(world.account, "systemuser", differences, datetime.now(UTC))
    assert crm_columns.tables_to_refresh(world.account) == ["contact", "lead", "account"]

    label(world, "OWNER_MAIL")
    through(world, "ownerid", "systemuser", "internalemailaddress", "OWNER_MAIL")
    assert crm_columns.tables_to_refresh(world.account)[3:] == ["systemuser"]
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@example.com")
    world.add_list("News", [alice])
    owner = world.crm_row("contacts", alice, "_ownerid_value")["_ownerid_value"]
    world.change("systemusers", owner, internalemailaddress="olivia@contoso.example")
    world.sync()
    assert world.contacts()["alice@example.com"].data_fields["OWNER_MAIL"] == "olivia@contoso.example"

    world.forget_calls()
    world.sync("crm_metadata")
    routes = world.sandbox_dataverse.control.journal()["routes"]
    assert sum(numbers["calls"] for route, numbers in routes.items() if route.endswith("/Attributes")) == 4
