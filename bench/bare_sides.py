"""How the bare scripts reach both sandboxes, and whom they find in Dynamics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import msgspec


@contextmanager
def both_sides(
    dataverse: dict[str, str], dotdigital: dict[str, str]
) -> Iterator[tuple[httpx2.Client, str, httpx2.Client]]:
    """A client of Dataverse that is signed in, the root of its Web API, and a client of Dotdigital."""
    form = {
        "grant_type": "client_credentials",
        "client_id": dataverse["client_id"],
        "client_secret": dataverse["client_secret"],
        "scope": dataverse["base_url"] + "/.default",
    }
    with (
        httpx2.Client(timeout=120) as crm,
        httpx2.Client(timeout=120, auth=(dotdigital["api_user"], dotdigital["api_password"])) as mail,
    ):
        token = crm.post(dataverse["token_url"], data=form).raise_for_status().json()["access_token"]
        crm.headers["Authorization"] = f"Bearer {token}"
        crm.headers["Prefer"] = "odata.maxpagesize=5000"
        yield crm, f"{dataverse['base_url']}/api/data/v9.2", mail


def contacts(crm: httpx2.Client, api: str) -> Iterator[tuple[str, str]]:
    """(address, id) of each contact."""
    link: str | None = f"{api}/contacts?$select=contactid,emailaddress1"
    while link:
        page = msgspec.json.decode(crm.get(link).raise_for_status().content)
        yield from ((row["emailaddress1"], row["contactid"]) for row in page["value"])
        link = page.get("@odata.nextLink")
