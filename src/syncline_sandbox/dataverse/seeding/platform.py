"""What every organisation has: itself, a business unit, users, a currency, a role, publishers, messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from syncline_sandbox.dataverse.organisation import (
    APPLICATION_USER_ID,
    BUSINESS_UNIT_ID,
    CLIENT_ID,
    CURRENCY_ID,
    ORGANIZATION_ID,
    ROLE_ID,
    SYSTEM_USER_ID,
    Organisation,
    fixed_id,
    new_id,
)
from syncline_sandbox.dataverse.storage.database import quoted

# People of the organisation, who own the demo's rows: name, mail name, whether the account is disabled.
PEOPLE = (
    ("Alice", "Archer", "alice.archer", False),
    ("Bob", "Baker", "bob.baker", False),
    ("Carla", "Castillo", "carla.castillo", False),
    ("Dmitri", "Dragunov", "dmitri.dragunov", True),
)
TEAM_ID = fixed_id("team")
_BULK = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")
_PLAIN = ("Create", "Update", "Delete", "Retrieve", "RetrieveMultiple", "Upsert")


def person_id(name: str) -> str:
    """The systemuserid of one of :data:`PEOPLE`, by mail name."""
    return fixed_id(f"user {name}")


def install(organisation: Organisation) -> None:
    """Make the standard tables and their first rows in an empty database."""
    with organisation.database.transaction():
        organisation.catalogue.install_standard()
        insert(organisation, "organization", _organization())
        insert(organisation, "transactioncurrency", _currency())
        insert(organisation, "businessunit", _business_unit())
        insert(organisation, "role", _role())
        for user in _users():
            insert(organisation, "systemuser", user)
            _join(organisation, "systemuserroles", "systemuserid", user["systemuserid"], "roleid", ROLE_ID)
        insert(organisation, "team", _team())
        for publisher in _publishers():
            insert(organisation, "publisher", publisher)
        for solution in _solutions(organisation):
            insert(organisation, "solution", solution)
    refresh_messages(organisation)


def insert(organisation: Organisation, table_name: str, values: dict[str, Any]) -> None:
    """A row as given, with the stamps that every row has."""
    table = organisation.catalogue.tables[table_name]
    now = organisation.stamp()
    row = {
        "versionnumber": organisation.database.next_version(),
        "createdon": now,
        "modifiedon": now,
        "createdby": SYSTEM_USER_ID,
        "modifiedby": SYSTEM_USER_ID,
        **values,
    }
    row = {name: value for name, value in row.items() if name.partition("__")[0] in table.columns}
    columns = ", ".join(quoted(name) for name in row)
    marks = ", ".join("?" * len(row))
    organisation.database.execute(
        f"INSERT INTO {quoted(table_name)} ({columns}) VALUES ({marks})", list(row.values())
    )


def _join(organisation: Organisation, table: str, column1: str, id1: str, column2: str, id2: str) -> None:
    insert(organisation, table, {f"{table}id": new_id(), column1: id1, column2: id2})


def add_application_user(organisation: Organisation, name: str, client_id: str) -> str:
    """A further application user; returns its id."""
    user_id = new_id()
    with organisation.database.transaction():
        insert(organisation, "systemuser", _user(user_id, "", name, None) | {"applicationid": client_id})
        _join(organisation, "systemuserroles", "systemuserid", user_id, "roleid", ROLE_ID)
    return user_id


def _organization() -> dict[str, Any]:
    return {
        "organizationid": ORGANIZATION_ID,
        "name": "Sandbox",
        "expirechangetrackingindays": 7,
        "basecurrencyid": CURRENCY_ID,
        "languagecode": 1033,
        "localeid": 1033,
        "currencysymbol": "$",
        "currencydecimalprecision": 2,
        "dateformatstring": "M/d/yyyy",
        "fullnameconventioncode": 1,
        "isautosaveenabled": 1,
    }


def _currency() -> dict[str, Any]:
    return {
        "transactioncurrencyid": CURRENCY_ID,
        "currencyname": "US Dollar",
        "currencysymbol": "$",
        "isocurrencycode": "USD",
        "currencyprecision": 2,
        "exchangerate": 1.0,
        "statecode": 0,
        "statuscode": 1,
        "organizationid": ORGANIZATION_ID,
    }


def _business_unit() -> dict[str, Any]:
    return {
        "businessunitid": BUSINESS_UNIT_ID,
        "name": "Sandbox",
        "isdisabled": 0,
        "organizationid": ORGANIZATION_ID,
    }


def _role() -> dict[str, Any]:
    return {
        "roleid": ROLE_ID,
        "name": "Connector Service",
        "businessunitid": BUSINESS_UNIT_ID,
        "ismanaged": 0,
    }


def _team() -> dict[str, Any]:
    return {
        "teamid": TEAM_ID,
        "name": "Sandbox",
        "businessunitid": BUSINESS_UNIT_ID,
        "isdefault": 1,
        "teamtype": 0,
        "administratorid": person_id("alice.archer"),
        "organizationid": ORGANIZATION_ID,
        "systemmanaged": 1,
    }


def _users() -> Iterable[dict[str, Any]]:
    yield _user(SYSTEM_USER_ID, "", "SYSTEM", None) | {"accessmode": 3}
    yield _user(APPLICATION_USER_ID, "", "Connector Service", None) | {
        "applicationid": CLIENT_ID,
        "azureactivedirectoryobjectid": fixed_id("service principal"),
    }
    for first, last, mail, disabled in PEOPLE:
        yield _user(person_id(mail), first, last, f"{mail}@sandbox.example") | {
            "isdisabled": int(disabled),
            "accessmode": 0,
            "azureactivedirectoryobjectid": fixed_id(f"entra {mail}"),
        }


def _user(user_id: str, first: str, last: str, email: str | None) -> dict[str, Any]:
    return {
        "systemuserid": user_id,
        "firstname": first or None,
        "lastname": last,
        "fullname": f"{first} {last}".strip(),
        "internalemailaddress": email,
        "domainname": email or f"{user_id}@sandbox.example",
        "isdisabled": 0,
        "accessmode": 4,
        "businessunitid": BUSINESS_UNIT_ID,
        "organizationid": ORGANIZATION_ID,
        "islicensed": int(email is not None),
    }


def _publishers() -> Iterable[dict[str, Any]]:
    for name, label, prefix, value_prefix, fixed in (
        ("MicrosoftCorporation", "Microsoft", "msdyn", 19235, 1),
        ("DefaultPublishersandbox", "Default Publisher for sandbox", "new", 10000, 0),
    ):
        yield {
            "publisherid": fixed_id(f"publisher {name}"),
            "uniquename": name,
            "friendlyname": label,
            "customizationprefix": prefix,
            "customizationoptionvalueprefix": value_prefix,
            "isreadonly": fixed,
        }


def _solutions(organisation: Organisation) -> Iterable[dict[str, Any]]:
    for name, label, publisher in (
        ("Active", "Active Solution", "MicrosoftCorporation"),
        ("Default", "Default Solution", "DefaultPublishersandbox"),
        ("Marketing", "Marketing", "MicrosoftCorporation"),
    ):
        yield {
            "solutionid": fixed_id(f"solution {name}"),
            "uniquename": name,
            "friendlyname": label,
            "version": "1.0",
            "publisherid": fixed_id(f"publisher {publisher}"),
            "ismanaged": int(name == "Marketing"),
            "isvisible": int(name != "Active"),
            "installedon": organisation.stamp(),
        }


def refresh_messages(organisation: Organisation) -> None:
    """Rows of sdkmessage and sdkmessagefilter: which messages which table has, by metadata and settings."""
    database, catalogue = organisation.database, organisation.catalogue
    if "sdkmessagefilter" not in catalogue.tables:
        return
    excluded = organisation.settings.no_bulk_messages
    with database.transaction():
        database.execute("DELETE FROM sdkmessagefilter")
        database.execute("DELETE FROM sdkmessage")
        for message in (*_PLAIN, *_BULK):
            insert(
                organisation, "sdkmessage", {"sdkmessageid": fixed_id(f"message {message}"), "name": message}
            )
        for table in catalogue.tables.values():
            bulk = table.bulk_messages and table.name not in excluded
            for message in (*_PLAIN, *(_BULK if bulk else ())):
                if table.supports(message):
                    insert(
                        organisation,
                        "sdkmessagefilter",
                        {
                            "sdkmessagefilterid": fixed_id(f"filter {message} {table.name}"),
                            "primaryobjecttypecode": table.name,
                            "secondaryobjecttypecode": "none",
                            "sdkmessageid": fixed_id(f"message {message}"),
                            "isvisible": 1,
                        },
                    )
