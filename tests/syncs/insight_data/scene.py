"""Short words for what tests of insight data do on either side."""

from __future__ import annotations

from typing import Any

from syncline.accounts.admin_log import OPERATOR
from syncline.dotdigital import NotFound
from syncline.insight.choosing import Choice, choose
from syncline.insight.models import InsightTable
from syncline.ledger.models import Outcome, Run, RunPart, RunStatus
from tests.syncs.consent.scene import address, contact
from tests.syncs.world import World

SYNC = "insight"
DEALS = "Deals"
IMPORT = "PUT /insightData/v3/import"
DELETE = "DELETE /insightData/v3/contacts/{identifier}/{value}/{collectionName}/deleteRecords"
CLOSED = {"statecode": 1, "statuscode": 3}


class Scene:
    """Alice and Bob are subscribed; opportunities go into the collection Deals."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alice, self.bob = contact(world, "Alice"), contact(world, "Bob")
        self.news = world.add_list("News", [self.alice, self.bob])
        world.sync("lists_out")
        self.deals = self.choose("opportunity", "name", "estimatedvalue", collection=DEALS)

    def choose(self, table: str, *columns: str, lookup: str = "", collection: str = "") -> InsightTable:
        wanted = Choice(table, columns, lookup or "parentcontactid", collection)
        return choose(self.world.account, wanted, self.world.crm, by=OPERATOR)

    def deal(self, name: str, of: str = "", **columns: Any) -> str:
        bound = {"parentcontactid@odata.bind": f"/contacts({of})"} if of else {}
        return self.world.add("opportunities", name=name, **bound, **columns)

    def close(self, deal: str) -> None:
        self.world.change("opportunities", deal, **CLOSED)

    def sync(self, **options: Any) -> Run:
        return self.world.sync(SYNC, **options)

    def held(self, collection: str = DEALS) -> dict[str, tuple[str, dict[str, Any]]]:
        """Key → (address of the contact that has the record, its values)."""
        owners = {one.contact_id: email for email, one in self.world.contacts().items()}
        try:
            pages = list(self.world.dd.insight_records(collection))
        except NotFound:
            return {}
        return {
            one.key: (owners.get(one.contact_id or 0, ""), one.values)
            for page in pages
            for one in page.records
        }

    def names(self, collection: str = DEALS) -> dict[str, str]:
        """Name of the opportunity → address of the contact that has its record."""
        return {values["name"]: email for email, values in self.held(collection).values()}

    def calls(self, route: str) -> int:
        return self.world.writes().get(route, 0)


def went_well(run: Run) -> Run:
    assert run.status == RunStatus.COMPLETED, (run.message, run.remedy)
    return run


def told(run: Run) -> list[tuple[str, str, str, str]]:
    """(person, name of the row, result, reason)."""
    rows = Outcome.objects.filter(run=run).order_by("name", "pk")
    return [(row.person_key, row.name, row.result, row.reason) for row in rows]


def notes(run: Run) -> str:
    return "\n".join(RunPart.objects.filter(run=run).values_list("notes", flat=True))


ALICE, BOB = address("Alice"), address("Bob")
