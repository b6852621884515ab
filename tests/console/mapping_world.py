"""Columns, labels and mappings for the console's tests, as CRM metadata and the label sync leave them."""

import json
from datetime import UTC, datetime
from typing import Any

from syncline.accounts.models import EmailAccount
from syncline.mapping.defaults import create_default_mappings
from syncline.mapping.models import CrmField, FieldMapping, Label, LabelType
from syncline.people import store

READ_AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

COLUMNS: dict[str, dict[str, dict[str, Any]]] = {
    "contact": {
        "firstname": {"display_name": "First Name", "type": "String", "max_length": 50},
        "lastname": {"display_name": "Last Name", "type": "String", "max_length": 50},
        "fullname": {"display_name": "Full Name", "type": "String", "max_length": 160, "writable": False},
        "address1_postalcode": {"display_name": "ZIP/Postal Code", "type": "String", "max_length": 20},
        "jobtitle": {"display_name": "Job Title", "type": "String", "max_length": 100},
        "birthdate": {"display_name": "Birthday", "type": "DateTime", "date_behavior": "DateOnly"},
        "numberofchildren": {"display_name": "No. of Children", "type": "Integer"},
        "creditlimit": {"display_name": "Credit Limit", "type": "Money", "precision": 2},
        "preferredcontactmethodcode": {
            "display_name": "Preferred Method of Contact",
            "type": "Picklist",
            "options": {"1": "Any", "2": "Email", "3": "Phone"},
        },
        "donotphone": {
            "display_name": "Do not allow Phone Calls",
            "type": "Boolean",
            "options": {"0": "Allow", "1": "Do Not Allow"},
        },
        "marketingonly": {"display_name": "Marketing Only", "type": "Boolean"},
        "parentcustomerid": {
            "display_name": "Company Name",
            "type": "Customer",
            "targets": ["account", "contact"],
        },
    },
    "lead": {
        "firstname": {"display_name": "First Name", "type": "String", "max_length": 50},
        "lastname": {"display_name": "Last Name", "type": "String", "max_length": 50},
        "fullname": {"display_name": "Name", "type": "String", "max_length": 160, "writable": False},
        "address1_postalcode": {"display_name": "ZIP/Postal Code", "type": "String", "max_length": 20},
    },
    "account": {
        "name": {"display_name": "Account Name", "type": "String", "max_length": 160},
        "address1_postalcode": {"display_name": "ZIP/Postal Code", "type": "String", "max_length": 20},
        "address1_city": {"display_name": "City", "type": "String", "max_length": 80},
        "ownerid": {"display_name": "Owner", "type": "Owner", "targets": ["systemuser", "team"]},
    },
}
LABELS: dict[str, tuple[LabelType, dict[str, Any]]] = {
    "FIRSTNAME": (LabelType.TEXT, {}),
    "LASTNAME": (LabelType.TEXT, {}),
    "FULLNAME": (LabelType.TEXT, {}),
    "POSTCODE": (LabelType.TEXT, {}),
    "GENDER": (LabelType.TEXT, {}),
    "LASTSUBSCRIBED": (LabelType.DATE, {}),
    "TOWN": (LabelType.TEXT, {"private": False, "description": "Where their company is"}),
    "CHILDREN": (LabelType.NUMERIC, {"private": False, "default_value": 0}),
    "NOCALLS": (LabelType.YES_NO, {}),
}


def make_labels(account: EmailAccount) -> dict[str, Label]:
    """The built-in labels and some of their own; one waits for the label sync, one was refused."""
    for name, (kind, more) in LABELS.items():
        Label.objects.create(account=account, name=name, type=kind, in_dotdigital=True, **more)
    Label.objects.create(
        account=account, name="RENEWAL", type=LabelType.DATE, description="End of the contract"
    )
    Label.objects.create(
        account=account,
        name="VIP",
        type=LabelType.YES_NO,
        error="Dotdigital already has a data field VIP of type Text, and the label here is of type Yes/No. "
        "Give it another name, or the type Text.",
    )
    return {label.name: label for label in Label.objects.filter(account=account)}


def make_columns(account: EmailAccount) -> None:
    for table, columns in COLUMNS.items():
        for name, about in columns.items():
            CrmField.objects.create(
                account=account, entity=table, logical_name=name, refreshed_at=READ_AT, **about
            )


def make_mapping_world(account: EmailAccount) -> dict[str, Label]:
    """Columns, labels, and the mappings that every account starts with."""
    make_columns(account)
    labels = make_labels(account)
    create_default_mappings(account)
    return labels


def mapping_of(account: EmailAccount, label: str, entity: str = "contact") -> FieldMapping:
    return FieldMapping.objects.get(account=account, label=label, entity=entity)


PEOPLE: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    # Name: columns in Dynamics, and values in Dotdigital for those who are there.
    "Alice Ashdown": (
        {
            "firstname": "Alice",
            "lastname": "Ashdown",
            "fullname": "Alice Ashdown",
            "address1_postalcode": "LS1 4AP",
            "jobtitle": "Director",
            "donotphone": True,
        },
        {"FIRSTNAME": "Alice", "LASTNAME": "Ashdown", "FULLNAME": "Alice Ashdown", "POSTCODE": "LS1 4AP"},
    ),
    "Bob Bobson": (
        {
            "firstname": "Bob",
            "lastname": "Bobson",
            "fullname": "Bob Bobson",
            "address1_postalcode": "YO1 7HH",
        },
        {"FIRSTNAME": "Robert", "LASTNAME": "Bobson", "FULLNAME": "Bob Bobson", "POSTCODE": "YO1 9ZZ"},
    ),
    "Carol Ünlü": (
        {"firstname": "Carol", "lastname": "Ünlü", "fullname": "Carol Ünlü", "address1_postalcode": "8001"},
        None,
    ),
    "Dave Dean": (
        {"firstname": "Dave", "lastname": "Dean", "fullname": "Dave Dean"},
        {"FIRSTNAME": "Dave", "LASTNAME": "Dean", "POSTCODE": "M1 1AE"},
    ),
}


def make_people(account: EmailAccount) -> None:
    """A few contacts as a list sync keeps them."""
    for number, (name, (columns, remote)) in enumerate(PEOPLE.items()):
        address = f"{name.split()[0].lower()}@contoso.example"
        keep_record(account, f"0b0a1c2e-0000-4000-8000-{number:012}", address, columns, name=name)
        if remote is not None:
            keep_person(account, address, remote)


def keep_record(
    account: EmailAccount, record_id: str, address: str, columns: dict[str, Any], name: str = ""
) -> None:
    """A contact of Dynamics as a list sync keeps it."""
    row = (account.pk, "contact", record_id, address, name, 0, json.dumps(columns), "", 1)
    store.save_crm_records([row])


def keep_person(account: EmailAccount, address: str, remote: dict[str, Any]) -> None:
    """A contact of Dotdigital as a list sync keeps it."""
    store.save_persons([(account.pk, address, 1, "", "subscribed", json.dumps(remote), "{}")])
