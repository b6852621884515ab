"""What people chose about a marketing preference in a history, and what no sync may make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from syncline.dataverse import Dataverse, bind
from tests.properties.two_sides import Truth
from tests.syncs.preferences.scene import sales_client
from tests.syncs.world import World

TOPIC = "Hiking"
_LOOKUPS = {"contacts": "syncline_Contact", "leads": "syncline_Lead"}
_COLUMNS = ("syncline_optedin", "_syncline_contact_value", "_syncline_lead_value")


@dataclass
class Held:
    """What both sides hold at one moment."""

    there: dict[int, bool] = field(default_factory=dict)
    """Contact → its choice."""
    here: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Row → (record, its choice)."""


class Choices:
    """The edits, and when each was made; a later one has a greater number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sales: Dataverse = sales_client(world)
        self._moments = count(1)
        self.begin_anew()

    def begin_anew(self) -> None:
        """The sandboxes have forgotten everything but the salesperson."""
        self.yes_there: dict[int, int] = {}
        self.no_there: dict[int, int] = {}
        self.yes_here: dict[str, int] = {}
        self.no_here: dict[str, int] = {}
        self._preference = ""
        seeded = self.world.sandbox_dotdigital.control.seed(
            preferences=[{"name": "Topics", "preferences": [TOPIC]}]
        )
        self.number: int = seeded["preferences"][TOPIC]

    def choose(self, contact_id: int, *, yes: bool) -> None:
        """The person, in Dotdigital."""
        self.world.dd.choose(contact_id, [(self.number, yes)])
        (self.yes_there if yes else self.no_there)[contact_id] = next(self._moments)

    def say(self, set_name: str, record_id: str, *, yes: bool) -> None:
        """A salesperson, in Dynamics: the rows that there are, or a new one."""
        if not self._find_preference():
            return
        rows = [row_id for row_id, (of, _) in self._here().items() if of == record_id]
        for row_id in rows:
            self.sales.update("syncline_contactpreferences", row_id, {"syncline_optedin": yes})
        if not rows:
            lookup = f"{_LOOKUPS[set_name]}@odata.bind"
            self.sales.create(
                "syncline_contactpreferences",
                {
                    "syncline_optedin": yes,
                    lookup: bind(set_name, record_id),
                    "syncline_Preference@odata.bind": bind("syncline_preferences", self._preference),
                },
            )
        (self.yes_here if yes else self.no_here)[record_id] = next(self._moments)

    def now(self) -> int:
        return next(self._moments)

    def held(self, truth: Truth) -> Held:
        there = {
            contact.contact_id: choice.chosen
            for email, contact in truth.contacts.items()
            for choice in self.world.dd.choices_of(email)
            if choice.preference == self.number
        }
        return Held(there, self._here())

    def _find_preference(self) -> str:
        """The row of the topic in Dynamics; empty before a sync has made it."""
        if not self._preference:
            mine = f"syncline_account eq '{self.world.account.connector_key}'"
            pages = self.world.crm.pages("syncline_preferences", filter=mine)
            found = [row["syncline_preferenceid"] for page in pages for row in page.rows]
            self._preference = found[0] if found else ""
        return self._preference

    def _here(self) -> dict[str, tuple[str, bool]]:
        if not self._find_preference():
            return {}
        mine = f"_syncline_preference_value eq {self._preference}"
        pages = self.world.crm.pages("syncline_contactpreferences", select=_COLUMNS, filter=mine)
        return {
            row["syncline_contactpreferenceid"]: (
                row["_syncline_contact_value"] or row["_syncline_lead_value"],
                bool(row["syncline_optedin"]),
            )
            for page in pages
            for row in page.rows
        }

    def nobody_was_set_to_yes(
        self, before: Held, after: Held, truth: Truth, left_alone: set[str], began: int
    ) -> None:
        """Unless a person said yes after every no. What people say while a run is under way counts before
        anything goes to Dotdigital, and in Dynamics with the next run.
        """
        for email, contact in truth.contacts.items():
            id_ = contact.contact_id
            if after.there.get(id_) and not before.there.get(id_):
                assert email not in left_alone, f"{email} opted out, and was set to yes"
                records = [record.record_id for record in truth.at(email)]
                noes = [self.no_there.get(id_, 0), *(self.no_here.get(one, 0) for one in records)]
                yeses = [0, *(self.yes_here.get(one, 0) for one in records)]
                assert max(yeses) > max(noes), f"{email} was set to yes, and had said no"
        for row_id, (record_id, yes) in after.here.items():
            if not yes or before.here.get(row_id, ("", False))[1] or record_id not in truth.records:
                continue
            email = truth.records[record_id].key
            at_email = truth.contacts.get(email)
            id_ = at_email.contact_id if at_email else 0
            records = [record.record_id for record in truth.at(email)]
            noes = [self.no_there.get(id_, 0), *(self.no_here.get(one, 0) for one in records)]
            yeses = [self.yes_there.get(id_, 0), *(self.yes_here.get(one, 0) for one in records)]
            assert max(yeses) > max([0, *(no for no in noes if no < began)]), (
                f"The row of {record_id} was set to yes, and {email} had said no"
            )
