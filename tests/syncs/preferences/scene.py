"""What people choose on either side, and what both sides hold."""

from __future__ import annotations

import json
from typing import Any, Self

from syncline.dataverse import Dataverse, Environment, bind
from syncline.ledger.models import Outcome, Run, RunStatus
from tests.syncs.consent.scene import address, contact
from tests.syncs.consent.test_unsubscribers import synced_list
from tests.syncs.world import World

SYNC = "preferences"
_LOOKUPS = {"contacts": "syncline_Contact", "leads": "syncline_Lead"}


def sales_client(world: World) -> Dataverse:
    """Somebody else than Syncline in Dynamics. To be closed."""
    sandbox = world.sandbox_dataverse
    sales = sandbox.control.call("POST", "applications", {"name": "Sales"})
    return Dataverse(
        Environment(
            url=sandbox.base_url,
            tenant_id=sandbox.tenant_id,
            client_id=sales["client_id"],
            client_secret=sales["client_secret"],
            authority=sandbox.authority,
            ca_file=str(sandbox.ca_file),
        )
    )


class Scene:
    """Dotdigital has the category Topics with Hiking and Skiing; in Dynamics a salesperson chooses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids: dict[str, int] = world.sandbox_dotdigital.control.seed(
            preferences=[{"name": "Topics", "preferences": ["Hiking", "Skiing"]}]
        )["preferences"]
        self.sales = sales_client(world)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.sales.close()

    def known(self, *names: str) -> list[str]:
        """Contacts in Dynamics with these names, all in one list that both sides have."""
        ids = [contact(self.world, name) for name in names]
        synced_list(self.world, f"List of {names[0]}", *ids)
        return ids

    def later(self, hours: float = 1) -> None:
        self.world.wait(hours * 3600)

    def sync(self, *, well: bool = True, plan_only: bool = False) -> Run:
        run = self.world.sync(SYNC, plan_only=plan_only)
        assert not well or run.status == RunStatus.COMPLETED, (run.status, run.message)
        return run

    # Dotdigital.

    def chooses(self, name: str, *, yes: bool, topic: str = "Hiking") -> None:
        """The person, in a preference centre."""
        self.world.dd.choose(self.world.contact(address(name)).contact_id, [(self.ids[topic], yes)])

    def there(self, name: str, topic: str = "Hiking") -> bool | None:
        """What Dotdigital holds."""
        choices = self.world.dd.choices_of(address(name))
        return {one.preference: one.chosen for one in choices}.get(self.ids[topic])

    # Dynamics.

    def says(self, record_id: str, *, yes: bool, topic: str = "Hiking", of: str = "contacts") -> str:
        """A salesperson, on the form of a contact or lead: the row that there is, or a new one."""
        for row in self.rows(record_id):
            if row["syncline_Preference"]["syncline_name"] == topic:
                id_ = str(row["syncline_contactpreferenceid"])
                self.sales.update("syncline_contactpreferences", id_, {"syncline_optedin": yes})
                return id_
        (preference,) = [
            row
            for page in self.world.crm.pages("syncline_preferences", filter=f"syncline_name eq '{topic}'")
            for row in page.rows
        ]
        return self.sales.create(
            "syncline_contactpreferences",
            {
                "syncline_name": topic,
                "syncline_optedin": yes,
                f"{_LOOKUPS[of]}@odata.bind": bind(of, record_id),
                "syncline_Preference@odata.bind": bind(
                    "syncline_preferences", preference["syncline_preferenceid"]
                ),
            },
        )

    def rows(self, record_id: str) -> list[dict[str, Any]]:
        pages = self.world.crm.pages(
            "syncline_contactpreferences",
            filter=f"_syncline_contact_value eq {record_id} or _syncline_lead_value eq {record_id}",
            expand="syncline_Preference($select=syncline_name)",
        )
        return [row for page in pages for row in page.rows]

    def here(self, record_id: str, topic: str = "Hiking") -> list[bool]:
        """What the rows of a contact or lead hold about a topic."""
        return [
            row["syncline_optedin"]
            for row in self.rows(record_id)
            if row["syncline_Preference"]["syncline_name"] == topic
        ]

    def both(self, name: str, record_id: str, topic: str = "Hiking") -> tuple[bool | None, list[bool]]:
        return self.there(name, topic), self.here(record_id, topic)


def told(run: Run) -> list[tuple[str, str, str, str, Any, Any]]:
    """Outcomes of a run: (person, side, result, topic, old value, new value)."""
    rows = Outcome.objects.filter(run=run).order_by("person_key", "pk")
    return [
        (row.person_key, row.side, row.result, topic, *values)
        for row in rows
        for topic, values in json.loads(row.fields).items()
    ]
