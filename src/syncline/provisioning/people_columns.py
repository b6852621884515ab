"""Columns that several tables about people share."""

from __future__ import annotations

from syncline.dataverse import NewColumn
from syncline.provisioning.parts import Lookup

# The longest address that mail knows: 64 characters, an @, and 255 (RFC 5321 §4.5.3.1).
LONGEST_ADDRESS = 320


def account_column(description: str = "Connector key of the email account.") -> NewColumn:
    return NewColumn(
        schema_name="syncline_Account",
        kind="text",
        label="Email Account",
        description=description,
        max_length=100,
    )


def dotdigital_id_column() -> NewColumn:
    """Numbers of Dotdigital, of which every account counts its own."""
    return NewColumn(
        schema_name="syncline_DotdigitalId", kind="whole_number", label="Dotdigital Id", min_value=0
    )


def contact_lookup(table: str) -> Lookup:
    return _lookup("Contact", "contact", table)


def lead_lookup(table: str) -> Lookup:
    return _lookup("Lead", "lead", table)


def list_lookup(table: str) -> Lookup:
    return _lookup("List", "list", table, label="Marketing List")


def _lookup(name: str, target: str, table: str, label: str = "") -> Lookup:
    """`table` is the short name of the table that points, as it stands in the relationship's name."""
    return Lookup(
        column=NewColumn(schema_name=f"syncline_{name}", kind="text", label=label or name),
        target=target,
        target_key=f"{target}id",
        relationship=f"syncline_{target}_{table}",
    )
