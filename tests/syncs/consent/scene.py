"""What tests of consent look at on the Dynamics side, and what people do there."""

from __future__ import annotations

from typing import Any

from tests.syncs.world import World


def contact(world: World, name: str, **columns: Any) -> str:
    return world.add("contacts", firstname=name, emailaddress1=address(name), **columns)


def address(name: str) -> str:
    return f"{name.lower()}@example.com"


def is_marked(world: World, record_id: str, of: str = "contacts") -> bool:
    return bool(world.crm_row(of, record_id, "donotbulkemail")["donotbulkemail"])


def records(world: World) -> list[tuple[str, str, bool]]:
    """Suppression records in Dynamics: (address, reason in words, whether it is about a list)."""
    columns = ("syncline_name", "syncline_email", "_syncline_list_value", "_syncline_contact_value")
    pages = world.crm.pages("syncline_suppressions", select=columns)
    rows = [row for page in pages for row in page.rows]
    return sorted(
        (row["syncline_email"], row["syncline_name"], bool(row["_syncline_list_value"])) for row in rows
    )


def crm_list(world: World) -> dict[str, str]:
    """The CRM suppression list: address → id of its entry."""
    pages = world.crm.pages("syncline_suppressedemails", select=("syncline_email",))
    return {row["syncline_email"]: row["syncline_suppressedemailid"] for page in pages for row in page.rows}


def put_on_crm_list(world: World, email: str, **columns: str) -> str:
    """Somebody enters an address by hand."""
    return world.crm.create("syncline_suppressedemails", {"syncline_email": email, **columns})


def members(world: World, list_id: str) -> set[str]:
    pages = world.crm.pages("listmembers", select=("_entityid_value",), filter=f"_listid_value eq {list_id}")
    return {row["_entityid_value"] for page in pages for row in page.rows}
