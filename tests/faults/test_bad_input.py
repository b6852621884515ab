"""What people set up wrongly or type in: told with the thing and the remedy, and the rest goes on."""

from __future__ import annotations

import httpx2
import pytest

from syncline.dataverse import NewColumn
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Held, Run, RunPart, RunStatus
from syncline.lists import linking
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import Direction, FieldMapping
from syncline.syncs.contract import Done
from syncline.syncs.lists_out import PHASES
from syncline.syncs.running import advance
from tests.faults.busy_list import address, assert_told_once
from tests.faults.skipped_time import skipped_time
from tests.syncs.world import World


def contact(world: World, name: str, **more: object) -> str:
    return world.add("contacts", **{"firstname": name, "emailaddress1": address(name), **more})


def problem_of(run: Run, list_name: str) -> str:
    part = RunPart.objects.get(run=run, name=list_name, audit_type="MarketingListsDataOut")
    assert part.status == RunStatus.FAILED
    return part.message


def map_column(
    world: World, column: str, label: str, label_type: str, direction: Direction = Direction.BOTH
) -> None:
    world.account.labels.create(name=label, type=label_type)
    FieldMapping.objects.create(
        account=world.account, entity="contact", crm_field=column, label=label, direction=direction
    )


def run_up_to(world: World, phase: str) -> Run:
    """A run that stands before this phase."""
    run = world.start("lists_out")
    names = [name for name, _ in PHASES]
    while names[run.position.get("phase", 0)] != phase:
        assert not isinstance(advance(str(run.key)), Done), run.message
        run.refresh_from_db()
    return run


def assert_quiet(world: World) -> None:
    """A further run writes nothing."""
    world.forget_calls()
    run = world.sync()
    assert world.writes() == {}, world.outcomes(run)


# Credentials and addresses.


@pytest.mark.parametrize(
    ("change", "says", "remedy"),
    [
        ({"client_secret": "wrong"}, "the client secret is wrong", "app registration"),
        ({"client_id": "00000000-0000-0000-0000-00000000beef"}, "not known in this tenant", "client"),
        ({"dotdigital_password": "wrong"}, "API user or its password", "API users"),
    ],
)
def test_wrong_credentials(world: World, change: dict[str, str], says: str, remedy: str) -> None:
    news = world.add_list("News", [contact(world, "Alice")])
    right = {name: getattr(world.account, name) for name in change}
    set_up(world, change)
    run = world.sync()
    assert run.status == RunStatus.FAILED
    assert says in run.message
    assert remedy in run.remedy
    assert "wrong" not in run.remedy + run.message.replace("secret is wrong", "")
    set_up(world, right)
    assert world.sync().created == 1
    assert world.in_book(news) == {address("Alice")}


def set_up(world: World, change: dict[str, str]) -> None:
    for name, value in change.items():
        setattr(world.account, name, value)
    world.account.save()


def test_the_wrong_region(world: World) -> None:
    world.add_list("News", [contact(world, "Alice")])
    world.sandbox_dotdigital.control.settings(host_region="r2")
    run = world.sync()
    assert run.status == RunStatus.FAILED
    assert world.sandbox_dotdigital.base_url in run.message
    assert "region" in run.remedy
    world.sandbox_dotdigital.control.settings(host_region="r1")
    assert world.sync().created == 1


@pytest.mark.parametrize("field", ["dataverse_url", "dotdigital_url"])
def test_a_host_that_nobody_answers_at(world: World, field: str) -> None:
    world.add_list("News", [contact(world, "Alice")])
    right = getattr(world.account, field)
    set_up(world, {field: "http://127.0.0.1:9"})
    with skipped_time(world) as waits:
        run = world.sync()
        assert sum(waits) > 3600, "an outage of an hour is sat out"
        assert run.status == RunStatus.FAILED
        assert "http://127.0.0.1:9" in run.message
        assert "could not be reached" in run.message
        assert "doctor" in run.remedy
        set_up(world, {field: right})
        assert world.sync().created == 1


# Permissions.


def test_a_table_that_may_not_be_read_stops_its_own_lists(world: World) -> None:
    control = world.sandbox_dataverse.control
    leo = world.add("leads", lastname="Leo", emailaddress1=address("Leo"))
    leads = world.add_list("Leads", [leo], of="leads")
    news = world.add_list("News", [contact(world, "Alice")])
    control.settings(denied=["prvReadLead"])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert "prvReadLead" in problem_of(run, "Leads")
    assert "security role" in problem_of(run, "Leads")
    assert world.in_book(news) == {address("Alice")}
    assert world.in_book(leads) == set()
    control.settings(denied=[])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(leads) == {address("Leo")}
    assert_quiet(world)


def test_a_table_that_may_not_be_written_costs_its_changes_until_it_may(world: World) -> None:
    control = world.sandbox_dataverse.control
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    news = world.add_list("News", [alice, bob])
    world.sync()
    world.put([ImportRow(email=address("Alice"), data_fields={"LASTNAME": "Hall"})])
    world.change("contacts", bob, firstname="Robert")
    control.settings(denied=["prvWriteContact"])
    run = world.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 1)
    held = Held.objects.get()
    assert (held.person_key, held.reason) == (address("Alice"), "not_permitted")
    assert "prvWriteContact" in held.detail
    assert world.contacts()[address("Bob")].data_fields["FIRSTNAME"] == "Robert"
    control.settings(denied=[])
    world.sync()
    assert world.crm_row("contacts", alice, "lastname")["lastname"] == "Hall"
    assert not Held.objects.exists()
    assert world.in_book(news) == {address("Alice"), address("Bob")}
    assert_quiet(world)


def test_what_dynamics_refused_is_let_go_when_it_is_mended(world: World) -> None:
    control = world.sandbox_dataverse.control
    alice = contact(world, "Alice")
    world.add_list("News", [alice])
    world.sync()
    control.fault("reject_record", match="poison", times=None)
    world.put([ImportRow(email=address("Alice"), data_fields={"LASTNAME": "poison"})])
    world.sync()
    assert Held.objects.get().reason == "refused_by_dynamics"
    world.put([ImportRow(email=address("Alice"), data_fields={"LASTNAME": "Hall"})])
    world.sync()
    assert world.crm_row("contacts", alice, "lastname")["lastname"] == "Hall"
    assert not Held.objects.exists()


def test_an_environment_without_leads(world: World) -> None:
    world.sandbox_dataverse.control.settings(hidden_tables=["lead"])
    assert world.sync("crm_metadata").status == RunStatus.COMPLETED
    news = world.add_list("News", [contact(world, "Alice")])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(news) == {address("Alice")}
    assert_quiet(world)


# Addresses.


def test_a_list_whose_members_have_no_address(world: World) -> None:
    silent = world.add_list("Silent", [world.add("contacts", firstname=name) for name in ("A", "B")])
    news = world.add_list("News", [contact(world, "Alice")])
    run = world.sync()
    part = RunPart.objects.get(run=run, name="Silent")
    assert (part.status, part.read, part.skipped) == (RunStatus.COMPLETED, 2, 2)
    assert {reason for _, result, reason in world.outcomes(run) if result == "skipped"} == {"no_address"}
    assert world.in_book(news) == {address("Alice")}
    assert world.in_book(silent) == set()
    assert_told_once(run)
    assert_quiet(world)


def test_an_address_that_several_records_share(world: World) -> None:
    """The contact decides the values; nobody is sent twice, and nothing goes back and forth."""
    shared = "Family@Example.com"
    first = contact(world, "Ann", emailaddress1=shared)
    second = contact(world, "Ben", emailaddress1=shared.lower())
    lead = world.add("leads", firstname="Lea", lastname="Lead", emailaddress1=shared.upper())
    news = world.add_list("News", [first, second])
    leads = world.add_list("Leads", [lead], of="leads")
    run = world.sync()
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(news) == world.in_book(leads) == {"family@example.com"}
    [one] = world.contacts().values()
    chosen = min(first, second)
    assert one.data_fields["FIRSTNAME"] == ("Ann" if chosen == first else "Ben")
    assert "shared_address" in {reason for _, _, reason in world.outcomes(run)}
    assert_told_once(run)
    assert_quiet(world)
    # The other one's values come into their own when the first leaves.
    world.crm.remove_list_member(news.list_id, chosen)
    world.change("contacts", chosen, emailaddress1="moved@example.com")
    world.sync()
    other = "Ben" if chosen == first else "Ann"
    assert world.contacts()["family@example.com"].data_fields["FIRSTNAME"] == other
    assert world.in_book(news) == {"family@example.com"}
    assert_quiet(world)


@pytest.mark.parametrize(
    "bad", ["no at sign", "two@@example.com", "a@localhost", "a b@example.com", "é@example.com", "x@y..com"]
)
def test_an_address_that_is_none(world: World, bad: str) -> None:
    alice, bob = contact(world, "Alice", emailaddress1=bad), contact(world, "Bob")
    news = world.add_list("News", [alice, bob])
    run = world.sync()
    assert (run.created, run.skipped + run.rejected) == (1, 1)
    assert world.in_book(news) == {address("Bob")}
    assert_told_once(run)
    assert_quiet(world)
    world.change("contacts", alice, emailaddress1=address("Alice"))
    world.sync()
    assert world.in_book(news) == {address("Alice"), address("Bob")}
    assert not Held.objects.exists()


# Labels and values.


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("A LABEL", "a space"),
        ("EMAIL", "reserved"),
        ("FIRSTNAME", "of type Text"),
        ("STRASSE_Ö", "Ö"),
    ],
)
def test_a_label_that_cannot_be_made_is_named_and_holds_up_nobody(world: World, name: str, says: str) -> None:
    if name == "FIRSTNAME":
        world.account.labels.filter(name=name).delete()
        FieldMapping.objects.filter(label=name).delete()
    world.account.labels.create(name=name, type="Numeric")
    news = world.add_list("News", [contact(world, "Alice")])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED, run.message
    assert world.in_book(news) == {address("Alice")}
    labels = Run.objects.filter(sync_type="labels").latest("pk")
    assert name in labels.message
    assert "ERROR_DATAFIELD_INVALID" in labels.message
    assert says in world.account.labels.get(name=name).error


def test_a_mapped_label_that_cannot_be_made_stops_the_lists_until_it_can(world: World) -> None:
    map_column(world, "jobtitle", "JOB TITLE", "String")
    news = world.add_list("News", [contact(world, "Alice", jobtitle="Buyer")])
    run = world.sync()
    assert run.status == RunStatus.FAILED
    assert run.message == "Marketing list sync didn't start as Data Label sync failed"
    world.account.labels.filter(name="JOB TITLE").update(name="JOBTITLE")
    FieldMapping.objects.filter(label="JOB TITLE").update(label="JOBTITLE")
    assert world.sync().created == 1
    assert world.contacts()[address("Alice")].data_fields["JOBTITLE"] == "Buyer"
    assert world.in_book(news) == {address("Alice")}


def test_texts_of_all_kinds_arrive_as_they_are(world: World) -> None:
    map_column(world, "description", "ABOUT", "String")
    texts = {
        "Alice": "Zażółć 👩‍👩‍👧 שלום عليكم",
        "Bob": "line one\r\nline two\ttab",
        "Carol": "x" * 1000,
        "Dave": "😀" * 500,
        "Erin": "\u202eright to left\u202c & <b>bold</b> 'quoted' %41 ;--",
    }
    world.add_list("News", [contact(world, name, description=text) for name, text in texts.items()])
    run = world.sync()
    assert (run.created, run.rejected) == (5, 0)
    contacts = world.contacts()
    for name, text in texts.items():
        assert contacts[address(name)].data_fields["ABOUT"] == text.replace("\r\n", "\n")
    assert_quiet(world)


@pytest.mark.parametrize("column", ["firstname", "jobtitle", "emailaddress1"])
def test_a_character_that_no_text_may_hold_costs_one_record(world: World, column: str) -> None:
    map_column(world, "jobtitle", "JOBTITLE", "String")
    broken = {"emailaddress1": "al\x00ice@example.com"} if column == "emailaddress1" else {column: "A\x00B"}
    alice, bob = contact(world, "Alice", **broken), contact(world, "Bob")
    news = world.add_list("News", [alice, bob])
    run = world.sync()
    assert (run.created, run.skipped + run.rejected) == (1, 1), run.message
    assert world.in_book(news) == {address("Bob")}
    assert_told_once(run)
    world.change("contacts", alice, **{column: address("Alice") if column == "emailaddress1" else "Alice"})
    world.sync()
    assert world.in_book(news) == {address("Alice"), address("Bob")}
    assert not Held.objects.exists()


@pytest.mark.parametrize("text", ["x" * 1001, "😀" * 501, "word " * 209_715])
def test_a_text_that_is_too_long_costs_one_record(world: World, text: str) -> None:
    """As long as Dynamics takes one, too: it is told by its length, not by itself."""
    world.crm.create_column(
        "contact",
        NewColumn(schema_name="test_Story", kind="memo", label="Story", max_length=1_048_576),
        solution="Default",
    )
    world.sync("crm_metadata")
    map_column(world, "test_story", "STORY", "String")
    alice, bob = contact(world, "Alice"), contact(world, "Bob", test_story="short")
    news = world.add_list("News", [alice, bob])
    world.change("contacts", alice, test_story=text)
    run = world.sync()
    assert (run.created, run.rejected) == (1, 1)
    held = Held.objects.get()
    assert "Story (test_story)" in held.detail
    assert "1,000" in held.detail
    assert len(held.detail) < 300
    assert world.in_book(news) == {address("Bob")}
    assert_quiet(world)
    world.change("contacts", alice, test_story="short enough")
    assert world.sync().created == 1
    assert not Held.objects.exists()


def test_a_text_that_is_too_long_for_dynamics_costs_one_record(world: World) -> None:
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    news = world.add_list("News", [alice, bob])
    world.sync()
    world.put(
        [
            ImportRow(email=address("Alice"), data_fields={"LASTNAME": "x" * 51}),
            ImportRow(email=address("Bob"), data_fields={"LASTNAME": "Hall"}),
        ]
    )
    run = world.sync()
    assert run.rejected == 1
    held = Held.objects.get()
    assert "Last Name (lastname)" in held.detail
    assert "holds 50" in held.detail
    assert world.crm_row("contacts", bob, "lastname")["lastname"] == "Hall"
    assert world.in_book(news) == {address("Alice"), address("Bob")}
    assert_quiet(world)
    world.put([ImportRow(email=address("Alice"), data_fields={"LASTNAME": "Short"})])
    world.sync()
    assert world.crm_row("contacts", alice, "lastname")["lastname"] == "Short"
    assert not Held.objects.exists()


def test_dates_at_the_ends_of_time(world: World) -> None:
    map_column(world, "birthdate", "BORN", "Date")
    days = {"Alice": "1753-01-01", "Bob": "9999-12-31", "Carol": "2000-02-29"}
    ids = {name: contact(world, name, birthdate=day) for name, day in days.items()}
    world.add_list("News", list(ids.values()))
    run = world.sync()
    assert (run.created, run.rejected) == (3, 0), world.outcomes(run)
    contacts = world.contacts()
    for name, day in days.items():
        assert str(contacts[address(name)].data_fields["BORN"]).startswith(day)
    assert_quiet(world)
    for name in ids:
        assert world.crm_row("contacts", ids[name], "birthdate")["birthdate"] == days[name]


BOTH_WAYS: tuple[tuple[str, str, str, object, object, object, object], ...] = (
    # column, label, type, in Dynamics, so in Dotdigital; then in Dotdigital, so in Dynamics
    ("familystatuscode", "FAMILY", "String", 2, "Married", "Divorced", 3),
    ("marketingonly", "ONLY_MARKETING", "Boolean", True, True, False, False),
    # A column that forbids something is never made to forbid less (docs/decisions/0011).
    ("donotpostalmail", "NO_POST", "Boolean", False, False, True, True),
    ("creditlimit", "CREDIT", "Numeric", 1234.5, 1234.5, 99.95, 99.95),
    ("numberofchildren", "CHILDREN", "Numeric", 3, 3, 4, 4),
    ("birthdate", "BORN", "Date", "1980-05-01", "1980-05-01T00:00:00Z", "1981-06-02T00:00:00Z", "1981-06-02"),
)


def test_types_go_both_ways(world: World) -> None:
    for column, label, label_type, *_ in BOTH_WAYS:
        map_column(world, column, label, label_type)
    alice = contact(world, "Alice", **{column: value for column, _, _, value, *_ in BOTH_WAYS})
    world.add_list("News", [alice])
    run = world.sync()
    assert (run.created, run.rejected) == (1, 0), world.outcomes(run)
    values = world.contacts()[address("Alice")].data_fields
    for _, label, _, _, there, *_ in BOTH_WAYS:
        shown = values[label]
        assert shown == there or str(shown).startswith(str(there).removesuffix("Z")), label
    assert_quiet(world)
    world.put(
        [
            ImportRow(
                email=address("Alice"), data_fields={label: new for _, label, _, _, _, new, _ in BOTH_WAYS}
            )
        ]
    )
    run = world.sync()
    assert run.rejected == 0, world.outcomes(run)
    row = world.crm_row("contacts", alice, *(column for column, *_ in BOTH_WAYS))
    for column, *_, back in BOTH_WAYS:
        assert row[column] == back, column
    assert_quiet(world)


def test_a_choice_that_dynamics_does_not_have_costs_one_value(world: World) -> None:
    map_column(world, "familystatuscode", "FAMILY", "String")
    alice, bob = contact(world, "Alice", familystatuscode=1), contact(world, "Bob", familystatuscode=1)
    world.add_list("News", [alice, bob])
    world.sync()
    world.put(
        [
            ImportRow(email=address("Alice"), data_fields={"FAMILY": "Complicated"}),
            ImportRow(email=address("Bob"), data_fields={"FAMILY": "Widowed"}),
        ]
    )
    run = world.sync()
    assert run.rejected == 1
    assert "Complicated" in Held.objects.get().detail
    assert world.crm_row("contacts", bob, "familystatuscode")["familystatuscode"] == 4
    assert world.crm_row("contacts", alice, "familystatuscode")["familystatuscode"] == 1
    assert_quiet(world)


def test_a_lookup_goes_as_the_name_of_its_row_and_follows_it(world: World) -> None:
    map_column(world, "parentcustomerid", "COMPANY", "String", Direction.TO_DOTDIGITAL)
    firm = world.add("accounts", name="Fabrikam")
    employer = {"parentcustomerid_account@odata.bind": f"/accounts({firm})"}
    alice = contact(world, "Alice", **employer)
    world.add_list("News", [alice])
    world.sync()
    assert world.contacts()[address("Alice")].data_fields["COMPANY"] == "Fabrikam"
    assert_quiet(world)
    world.change("accounts", firm, name="Fabrikam & Sons")
    run = world.sync()
    assert run.updated == 1
    assert world.contacts()[address("Alice")].data_fields["COMPANY"] == "Fabrikam & Sons"
    assert_quiet(world)


def test_a_lookup_whose_names_may_not_be_read_leaves_the_label_alone(world: World) -> None:
    map_column(world, "parentcustomerid", "COMPANY", "String", Direction.TO_DOTDIGITAL)
    firm = world.add("accounts", name="Fabrikam")
    alice = contact(world, "Alice", **{"parentcustomerid_account@odata.bind": f"/accounts({firm})"})
    world.add_list("News", [alice])
    control = world.sandbox_dataverse.control
    control.settings(denied=["prvReadAccount"])
    run = world.sync()
    assert run.created == 1
    assert "prvReadAccount" in run.parts.get().notes
    assert world.contacts()[address("Alice")].data_fields["COMPANY"] is None
    control.settings(denied=[])
    world.sync()
    assert world.contacts()[address("Alice")].data_fields["COMPANY"] == "Fabrikam"
    assert_quiet(world)


def test_a_lookup_to_a_row_made_while_the_sync_reads(world: World) -> None:
    """The name is made known after the names were read, the record before the records are."""
    map_column(world, "parentcustomerid", "COMPANY", "String", Direction.TO_DOTDIGITAL)
    alice = contact(world, "Alice")
    world.add_list("News", [alice])
    world.sync()
    run = world.start("lists_out")
    names = [name for name, _ in PHASES]
    reading = min(names.index("lookups"), names.index("records")) + 1
    while run.position.get("phase", 0) < reading:
        advance(str(run.key))
        run.refresh_from_db()
    firm = world.add("accounts", name="Fabrikam")
    world.change("contacts", alice, **{"parentcustomerid_account@odata.bind": f"/accounts({firm})"})
    world.carry_out(run)
    world.sync()
    assert world.contacts()[address("Alice")].data_fields["COMPANY"] == "Fabrikam"


# Lists.


def test_a_dotdigital_list_that_was_deleted(world: World) -> None:
    old = world.add_list("Old", [contact(world, "Alice")])
    news = world.add_list("News", [contact(world, "Bob")])
    world.sync()
    old.refresh_from_db()
    world.dd.delete_address_book(old.address_book_id or 0)
    world.crm.add_list_members(news.list_id, "contact", [contact(world, "Carol")])
    world.crm.add_list_members(old.list_id, "contact", [contact(world, "Dave")])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert "“Old”" in problem_of(run, "Old")
    assert "Unlink" in problem_of(run, "Old")
    assert run.message.startswith("Old: The Dotdigital list")
    assert "each list says" in run.remedy
    assert world.in_book(news) == {address("Bob"), address("Carol")}
    old.refresh_from_db()
    linking.unlink(old)
    world.sync()
    assert world.in_book(old) == {address("Alice"), address("Dave")}
    assert_quiet(world)


@pytest.mark.parametrize("phase", ["unsubscribers", "strangers", "outward", "removals"])
def test_a_dotdigital_list_deleted_while_the_sync_runs(world: World, phase: str) -> None:
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    old = world.add_list("Old", [alice, bob])
    news = world.add_list("News", [contact(world, "Carol")])
    world.sync()
    old.refresh_from_db()
    world.crm.add_list_members(old.list_id, "contact", [contact(world, "Dave")])
    world.crm.remove_list_member(old.list_id, bob)
    world.crm.add_list_members(news.list_id, "contact", [contact(world, "Erin")])
    world.put([ImportRow(email="stranger@example.com", lists=[old.address_book_id or 0])])
    run = run_up_to(world, phase)
    world.dd.delete_address_book(old.address_book_id or 0)
    run = world.carry_out(run)
    assert run.status in (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS), run.message
    assert world.in_book(news) == {address("Carol"), address("Erin")}
    assert_told_once(run)
    run = world.sync()
    assert "Unlink" in problem_of(run, "Old")
    old.refresh_from_db()
    linking.unlink(old)
    world.sync()
    assert world.in_book(old) == {address("Alice"), address("Dave")}
    assert_quiet(world)


@pytest.mark.parametrize("phase", ["contacts", "members", "inward", "finish"])
@pytest.mark.parametrize("query", ["", "dynamic"])
def test_a_marketing_list_deleted_while_the_sync_runs(world: World, phase: str, query: str) -> None:
    alice = contact(world, "Alice", address1_city="Leeds")
    query = leeds() if query else ""
    old = world.add_list(
        "Old", [] if query else [alice], query=query, membership_action=MembershipAction.ALLOW_KNOWN
    )
    news = world.add_list("News", [contact(world, "Carol")])
    world.sync()
    old.refresh_from_db()
    contact(world, "Guest")
    world.put([ImportRow(email=address("Guest"), lists=[old.address_book_id or 0])])
    world.crm.add_list_members(news.list_id, "contact", [contact(world, "Erin")])
    run = run_up_to(world, phase)
    world.crm.delete("lists", old.list_id)
    run = world.carry_out(run)
    assert run.status in (RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_ERRORS), run.message
    assert world.in_book(news) == {address("Carol"), address("Erin")}
    assert address("Alice") in world.in_book(old), "nobody is thrown out because a list is gone"
    assert_told_once(run)
    told = RunPart.objects.filter(name="Old", message_code="list_null")
    assert not told.exists()
    world.sync()
    old.refresh_from_db()
    assert "deleted in Dynamics" in old.problem
    assert_quiet(world)
    assert told.count() == 1, "its end is told once"


def leeds(attribute: str = "address1_city") -> str:
    return (
        '<fetch><entity name="contact"><attribute name="contactid"/><filter>'
        f'<condition attribute="{attribute}" operator="eq" value="Leeds"/></filter></entity></fetch>'
    )


@pytest.mark.parametrize(
    "broken", ["<fetch><entity", leeds("no_such_column"), leeds().replace("contact", "lead")]
)
def test_a_dynamic_list_whose_query_is_broken(world: World, broken: str) -> None:
    contact(world, "Alice", address1_city="Leeds")
    dynamic = world.add_list("Leeds", query=leeds())
    news = world.add_list("News", [contact(world, "Bob")])
    world.sync()
    world.change("lists", dynamic.list_id, query=broken)
    contact(world, "Carol", address1_city="Leeds")
    world.crm.add_list_members(news.list_id, "contact", [contact(world, "Dave")])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS, run.message
    assert "“Leeds”" in problem_of(run, "Leeds")
    assert "query" in problem_of(run, "Leeds")
    assert world.in_book(dynamic) == {address("Alice")}, "nobody is thrown out for a broken query"
    assert world.in_book(news) == {address("Bob"), address("Dave")}
    world.change("lists", dynamic.list_id, query=leeds())
    world.sync()
    assert world.in_book(dynamic) == {address("Alice"), address("Carol")}
    assert_quiet(world)


def test_what_changes_while_a_list_cannot_be_synced_is_made_up_for(world: World) -> None:
    alice = contact(world, "Alice", address1_city="Leeds")
    dynamic = world.add_list("Leeds", query=leeds())
    world.sync()
    world.change("lists", dynamic.list_id, query="<fetch")
    world.change("contacts", alice, firstname="Alicia")
    world.sync()
    world.change("lists", dynamic.list_id, query=leeds())
    world.sync()
    assert world.contacts()[address("Alice")].data_fields["FIRSTNAME"] == "Alicia"
    assert_quiet(world)


def test_a_list_that_is_locked_costs_its_own_newcomers(world: World) -> None:
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    locked = world.add_list("Locked", [alice], membership_action=MembershipAction.ALLOW_KNOWN)
    news = world.add_list("News", [alice])
    world.sync()
    locked.refresh_from_db()
    world.change("lists", locked.list_id, lockstatus=True)
    world.put([ImportRow(email=address("Bob"), lists=[locked.address_book_id or 0])])
    world.crm.add_list_members(news.list_id, "contact", [bob])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS, run.message
    assert "locked" in Held.objects.get().detail
    assert world.in_book(news) == {address("Alice"), address("Bob")}
    world.change("lists", locked.list_id, lockstatus=False)
    world.sync()
    assert members(world, locked) == {alice, bob}
    assert not Held.objects.exists()
    assert_quiet(world)


def members(world: World, marketing_list: MarketingList) -> set[str]:
    pages = world.crm.list_members(marketing_list.list_id)
    return {row["_entityid_value"] for page in pages for row in page.rows}


def test_a_list_with_the_name_of_a_segment(world: World) -> None:
    """Dotdigital has one set of names for lists and segments."""
    world.sandbox_dotdigital.control.seed(segments=[{"name": "Women", "rule": {"GENDER": "Female"}}])
    world.add_list("Women", [contact(world, "Alice")])
    news = world.add_list("News", [contact(world, "Bob")])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS, run.message
    assert "“Women”" in problem_of(run, "Women")
    assert "name" in problem_of(run, "Women")
    assert world.in_book(news) == {address("Bob")}


def test_no_more_lists_fit_into_the_account(world: World) -> None:
    world.add_list("News", [contact(world, "Bob")])
    world.sync()
    world.sandbox_dotdigital.control.settings(list_limit=1)
    more = world.add_list("More", [contact(world, "Alice")])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS, run.message
    assert "“More”" in problem_of(run, "More")
    world.sandbox_dotdigital.control.settings(list_limit=None)
    world.sync()
    assert world.in_book(more) == {address("Alice")}


def test_a_table_without_change_tracking_is_read_by_its_modification_dates(world: World) -> None:
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    news = world.add_list("News", [alice, bob])
    world.sync()
    track_changes(world, "contact", False)
    world.change("contacts", alice, firstname="Alicia")
    for first in (True, False):
        run = world.sync()
        assert run.status == RunStatus.COMPLETED, run.message
        assert (run.updated, run.created) == ((1, 0) if first else (0, 0))
    world.change("contacts", alice, firstname="Alix")
    carol = contact(world, "Carol")
    world.crm.add_list_members(news.list_id, "contact", [carol])
    world.crm.delete("contacts", bob)
    run = world.sync()
    assert (run.updated, run.created, run.removed) == (1, 1, 1)
    assert world.contacts()[address("Alice")].data_fields["FIRSTNAME"] == "Alix"
    assert world.in_book(news) == {address("Alice"), address("Carol")}
    track_changes(world, "contact", True)
    world.change("contacts", carol, firstname="Carola")
    world.sync()
    assert world.contacts()[address("Carol")].data_fields["FIRSTNAME"] == "Carola"
    assert_quiet(world)


def track_changes(world: World, table: str, on: bool) -> None:
    """As in Power Apps, under the table's properties."""
    sandbox = world.sandbox_dataverse
    granted = httpx2.post(
        sandbox.token_url,
        data={
            "grant_type": "client_credentials",
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "scope": f"{sandbox.base_url}/.default",
        },
    ).raise_for_status()
    headers = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    path = f"{sandbox.base_url}/api/data/v9.2/EntityDefinitions(LogicalName='{table}')"
    definition = httpx2.get(path, headers=headers).raise_for_status().json()
    definition["ChangeTrackingEnabled"] = on
    httpx2.put(path, headers=headers, json=definition).raise_for_status()
