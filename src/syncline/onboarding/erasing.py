"""Erasing a person (GDPR, article 17): out of everything that Syncline keeps, but for the minimum that proves
their choice and keeps them out.

Neither Dynamics nor Dotdigital is touched: erasing there is theirs, and comes first, for a sync reads what is
still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, Q

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount, User
from syncline.campaigns import activities
from syncline.consent import erased
from syncline.consent.gate import why
from syncline.consent.ledger import Source
from syncline.consent.models import ChoiceRow, ConsentEvent, ConsentSubject
from syncline.forms import responses
from syncline.insight.models import InsightRow
from syncline.ledger.lanes import keep_free
from syncline.ledger.models import PlanItem, Run, RunStatus
from syncline.lists.models import MarketingList
from syncline.onboarding import mentions
from syncline.onboarding.leaving import RunsUnderWayError
from syncline.people import store
from syncline.people.facts import ERASED, PersonFacts, former_addresses
from syncline.people.models import CrmMember, CrmRecord, Person
from syncline.syncs.marketing_lists.decide import standing
from syncline.syncs.registry import SYNC_TYPES
from syncline.web_behaviour import store as web_rows

ABOUT_THE_ADDRESS = frozenset({"no_address", "invalid_address"})
"""Gates that say nothing about what the person wants."""


@dataclass
class Erased:
    """What was taken out where, and what is left to be done by people."""

    address: str
    removed: dict[str, int] = field(default_factory=dict)
    """Words for a table → rows taken out of it or cleared in it."""
    opted_out_in: list[str] = field(default_factory=list)
    """Accounts in which the address stays a stop, without being kept."""
    by_hand: list[str] = field(default_factory=list)
    """Whole sentences."""

    @property
    def found_anything(self) -> bool:
        return bool(self.removed)


def erase(address: str, *, by: Actor) -> Erased:
    """Take the person out. All of it or nothing. Raises RunsUnderWayError while a run could still write them
    down.
    """
    key = address.strip().lower()
    told = Erased(key)
    _overwrite_what_is_deleted()
    with transaction.atomic():
        _keep_runs_away()
        accounts = list(EmailAccount.objects.order_by("name"))
        people = {account.pk: _facts(account, key) for account in accounts}
        opted_out = _opted_out(accounts, people, key)
        told.by_hand = [*_at_the_vendors(accounts, people, key), *_elsewhere(people, key)]
        known_in = sorted({pk for pk, person in people.items() if _is_known(person)} | opted_out)
        _take_out(key, known_in, told)
        if known_in or told.removed:
            told.opted_out_in = [account.name for account in accounts if account.pk in opted_out]
            _remember(key, known_in or [account.pk for account in accounts], opted_out, by)
    return told


def _overwrite_what_is_deleted() -> None:
    """SQLite leaves deleted rows in the file until their place is needed, unless told to overwrite them."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _keep_runs_away() -> None:
    """No run is under way in any account, and none starts until this transaction has ended."""
    lanes = sorted({sync_type.lane for sync_type in SYNC_TYPES.values()})
    for account in EmailAccount.objects.order_by("pk"):
        if not all(keep_free(account.pk, lane) for lane in lanes):
            raise RunsUnderWayError(list(Run.objects.filter(account=account, status=RunStatus.RUNNING)))


def _facts(account: EmailAccount, key: str) -> PersonFacts:
    lists = list(MarketingList.objects.filter(account=account).values_list("pk", flat=True))
    (person,) = store.load(account.pk, lists, [key])
    return person


def _is_known(person: PersonFacts) -> bool:
    return bool(
        person.records or person.places or person.suppressed_for or person.status or person.contact_id
    )


def _opted_out(accounts: Sequence[EmailAccount], people: dict[int, PersonFacts], key: str) -> set[int]:
    """Accounts in which the person is out: by what is known now, or by the ledger. Marks of Dynamics hold for
    every account of that environment.
    """
    out = erased.opted_out_in(key)
    marked = set()
    for account in accounts:
        shut = {gate.code for gate, is_open in why(standing(people[account.pk])) if not is_open}
        left_a_list = any(place.status == "suppressed" for place in people[account.pk].places.values())
        if shut - ABOUT_THE_ADDRESS or left_a_list:
            out.add(account.pk)
        if shut & {"do_not_bulk_email", "do_not_email"}:
            marked.add(account.dataverse_url)
    return out | {account.pk for account in accounts if account.dataverse_url in marked}


def _take_out(key: str, known_in: Iterable[int], told: Erased) -> None:
    records = list(CrmRecord.objects.filter(person_key=key).values_list("record_id", flat=True))
    for of_records in (CrmMember, InsightRow, ChoiceRow):
        rows = of_records._default_manager.filter(record_id__in=records)
        _count(told, of_records, rows.delete()[0])
    for table in _tables_of_people():
        _count(told, table, table._default_manager.filter(person_key=key).delete()[0])
    _count(told, PlanItem, PlanItem.objects.filter(key=key).delete()[0])
    _count(told, Person, Person.objects.filter(known_as=key).update(known_as=""))
    _count(told, CrmRecord, _forget_former_address(key))
    for table, number in mentions.clear(key).items():
        _count(told, table, number)
    if ConsentSubject.objects.filter(person_key=key).exists():
        _count(told, ConsentSubject, 1)


def _tables_of_people() -> list[type[Model]]:
    """Every table of ours with a row for a person. The ledger keeps its events, which hold no address."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("syncline.")
        and model is not ConsentSubject
        and any(column.name == "person_key" for column in model._meta.get_fields())
    ]


def _forget_former_address(key: str) -> int:
    """Where a record had this address before, its digest takes the place: an opt-out follows the person."""
    rows = CrmRecord.objects.filter(former_keys__contains=key)
    mark = ERASED + erased.digest_of(key)
    found = 0
    for row in rows:
        lines = row.former_keys.split("\n")
        if key in lines:
            kept = "\n".join(mark if line == key else line for line in lines)
            CrmRecord.objects.filter(pk=row.pk).update(former_keys=kept)
            found += 1
    return found


def _count(told: Erased, table: type[Model], number: int) -> None:
    if number:
        words = WORDS.get(table.__name__, str(table._meta.verbose_name_plural))
        told.removed[words] = told.removed.get(words, 0) + number


WORDS = {
    "Activity": "rows about what they did with campaigns",
    "AdminLogEntry": "admin log entries that named the address",
    "Batch": "batches that were not settled",
    "BookMember": "places in Dotdigital lists",
    "Choice": "choices about marketing preferences",
    "ChoiceRow": "choices that their records hold",
    "ConsentSubject": "address in the consent ledger",
    "CrmMember": "memberships of marketing lists",
    "CrmRecord": "records of Dynamics",
    "CrmSuppressed": "entries of the CRM suppression list",
    "Due": "marks that consent has to be looked at",
    "Held": "held records",
    "InsightRow": "rows of tables that go into insight data",
    "HeldResponse": "responses to forms that Dynamics had refused",
    "HeldActivity": "rows about campaigns that Dynamics had refused",
    "KeptResponse": "responses to forms",
    "LastSaid": "moments at which they answered forms",
    "ListUnsubscriber": "departures from lists",
    "Outcome": "records of past runs",
    "Person": "Dotdigital contacts, with what both sides last agreed on",
    "PlanItem": "decisions in plans",
    "Run": "messages of runs",
    "Resubscription": "wishes to come back",
    "RunPart": "notes of lists",
    "Score": "scores",
    "ScoredRecord": "scores that were written to Dynamics",
    "Suppression": "suppressions",
    "Touched": "marks that something changed",
    "UnappliedResponse": "responses to forms on their way to a contact or lead",
    "WebPageView": "pages that they looked at",
    "WebVisit": "visits to web sites",
    "WrittenSuppression": "suppression records that were written to Dynamics",
}


def _at_the_vendors(accounts: Sequence[EmailAccount], people: dict[int, PersonFacts], key: str) -> list[str]:
    told = []
    for account in accounts:
        person = people[account.pk]
        told += [
            f"{account.name}: delete or anonymise the {record.entity} {record.record_id} in Dynamics "
            f"({account.dataverse_url})."
            for record in person.records
        ]
        if number := activities.count_about(account.pk, key):
            told.append(
                f"{account.name}: delete {number} rows about what they did with campaigns in Dynamics, those "
                "with this address in Email Sends, Email Clicks, Social Network Bookmarks, ROI Details and "
                "Campaign Page Views."
            )
        if number := responses.STORE.count_about(account.pk, key):
            told.append(
                f"{account.name}: delete {number} responses to forms in Dynamics, those with this address in "
                "Form Responses, and the Form Answers that belong to them."
            )
        if number := web_rows.count_told(account.pk, key):
            told.append(
                f"{account.name}: delete {number} visits to web sites in Dynamics, those with this address "
                "in Web Visits, and the Web Page Views that belong to them."
            )
        if person.contact_id is not None:
            told.append(
                f"{account.name}: delete the contact {person.contact_id} in Dotdigital. Leave the address on "
                "its suppression list where it is on it: that is what keeps Dotdigital from mailing it."
            )
    return [*told, *(["Whatever is still there, the next sync reads and keeps again."] if told else [])]


def _elsewhere(people: dict[int, PersonFacts], key: str) -> list[str]:
    former = {
        address
        for person in people.values()
        for record in person.records
        for address in former_addresses(record.former_keys)
    }
    told = [f"The same records had another address before; erase that too: {one}" for one in sorted(former)]
    named = CrmRecord.objects.filter(columns__icontains=key).exclude(person_key=key).count()
    if named:
        told.append(
            f"{named} records of other people hold the address in a mapped column. Change them in Dynamics; "
            "the next sync takes that over."
        )
    if rows := InsightRow.objects.filter(Q(columns__icontains=key) | Q(sent__icontains=key)).count():
        told.append(
            f"{rows} rows of other people that go into insight data hold the address. Change them in "
            "Dynamics; the next sync takes that over."
        )
    if User.objects.filter(username__iexact=key).exists() or User.objects.filter(email__iexact=key).exists():
        told.append("Somebody who may sign in to the console has this address; their user is still there.")
    if ConsentEvent.objects.filter(actor__iexact=key).exists():
        told.append(
            "The consent ledger names this address as the one who made changes for others; that stays."
        )
    return [*told, "Backups and files that were exported before still hold what they held."]


def _remember(key: str, known_in: Sequence[int], opted_out: set[int], by: Actor) -> None:
    now = datetime.now(UTC)
    erased.remember(key, known_in, opted_out, now, Source.COMMAND_LINE, by.name)
    record_change(
        by, None, "person erased", {}, {"accounts": list(known_in), "stays_out_of": sorted(opted_out)}
    )
