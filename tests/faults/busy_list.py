"""A marketing list with something to do of every kind, round after round, and what must come of it."""

from __future__ import annotations

from syncline.dotdigital import ImportRow
from syncline.ledger.models import Outcome, Run
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people.models import Touched
from tests.syncs.world import World


def address(name: str) -> str:
    return f"{name.lower()}@example.com"


class BusyList:
    """Rounds of changes on both sides. Alice changes in Dynamics and Bob in Dotdigital; with every round

    * Fresh joins the marketing list, and the Fresh of the last round leaves it;
    * Quitter joins it, and the one of the last round unsubscribes from everything;
    * Guest, whom Dynamics knows, enters the Dotdigital list, and the one of the last round leaves it;
    * a further marketing list appears, with Alice in it.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.round = 0
        self.ids: dict[str, str] = {}
        self.lists: list[MarketingList] = []
        members = [self.person(name) for name in ("Alice", "Bob", "Fresh0", "Quitter0")]
        self.news = world.add_list("News", members, membership_action=MembershipAction.ALLOW_KNOWN)
        self.person("Guest0")
        world.sync()
        self.news.refresh_from_db()
        self._enter_book("Guest0")
        world.sync()
        assert world.in_book(self.news) == self._addresses("Alice", "Bob", "Fresh0", "Quitter0", "Guest0")

    def next_round(self) -> None:
        world, before = self.world, self.round
        self.round += 1
        new = self.round
        joining = [self.person(f"{name}{new}") for name in ("Fresh", "Quitter")]
        world.crm.add_list_members(self.news.list_id, "contact", joining)
        world.crm.remove_list_member(self.news.list_id, self.ids[f"Fresh{before}"])
        world.dd.unsubscribe(address(f"Quitter{before}"))
        world.unsubscribe_from(self.news, address(f"Guest{before}"))
        self.person(f"Guest{new}")
        self._enter_book(f"Guest{new}")
        world.change("contacts", self.ids["Alice"], firstname=f"Alice {new}")
        world.put([ImportRow(email=address("Bob"), data_fields={"LASTNAME": f"Bob {new}"})])
        self.lists.append(world.add_list(f"List {new}", [self.ids["Alice"]]))

    def assert_in_step(self, *others: str) -> None:
        """Both sides hold what the last round asked for, and nobody and nothing is there twice.

        `others` are in the list as well.
        """
        world, now = self.world, self.round
        contacts = world.contacts()
        assert contacts[address("Alice")].data_fields["FIRSTNAME"] == f"Alice {now}"
        assert world.crm_row("contacts", self.ids["Bob"], "lastname")["lastname"] == f"Bob {now}"
        assert contacts[address(f"Quitter{now - 1}")].email_status == "unsubscribed"
        assert world.in_book(self.news) == self._addresses(
            "Alice", "Bob", f"Fresh{now}", f"Quitter{now}", f"Guest{now}", *others
        )
        assert self._members() == self._expected_members(*others)
        assert world.in_book(self.lists[-1]) == self._addresses("Alice")
        books = [book.name for book in world.dd.address_books()]
        assert sorted(books) == sorted(["All contacts", "Test", "News", *(one.name for one in self.lists)])
        assert not Touched.objects.filter(account_id=world.account.pk).exists()

    def person(self, name: str) -> str:
        self.ids[name] = self.world.add("contacts", firstname=name, emailaddress1=address(name))
        return self.ids[name]

    def _enter_book(self, name: str) -> None:
        self.world.put([ImportRow(email=address(name), lists=[self.news.address_book_id or 0])])

    def _addresses(self, *names: str) -> set[str]:
        return {address(name) for name in names}

    def _members(self) -> set[str]:
        pages = self.world.crm.list_members(self.news.list_id)
        return {row["_entityid_value"] for page in pages for row in page.rows}

    def _expected_members(self, *others: str) -> set[str]:
        rounds = range(self.round + 1)
        stay = [f"{name}{number}" for name in ("Quitter", "Guest") for number in rounds]
        return {self.ids[name] for name in ("Alice", "Bob", f"Fresh{self.round}", *stay, *others)}


def assert_told_once(run: Run) -> None:
    """Every record has one outcome a list and side, and the counts add up."""
    rows = list(Outcome.objects.filter(run=run).values_list("part_id", "side", "person_key", "record_id"))
    assert len(rows) == len(set(rows))
    results = (run.created, run.updated, run.removed, run.unchanged, run.skipped, run.rejected)
    assert run.read == sum(results) == len(rows)


def what_was_written(run: Run) -> list[tuple[str, str, str, str]]:
    """For whoever has to find out why a run wrote something: person, side, result, and values before and
    after.
    """
    rows = Outcome.objects.filter(run=run).exclude(result__in=("unchanged", "skipped"))
    return list(rows.values_list("person_key", "side", "result", "fields"))
