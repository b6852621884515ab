"""Why somebody is or is not synced: the same decision that a sync would make, told in words. Writes nothing.

It works for people who were never sent as well: what Syncline has not read yet is asked of Dynamics and
Dotdigital.
"""

from dataclasses import dataclass, field
from typing import Any

from syncline.accounts.models import EmailAccount
from syncline.consent.gate import Gate, why
from syncline.dataverse import Dataverse
from syncline.dotdigital import Dotdigital, NotFound
from syncline.ledger.models import Held, Outcome
from syncline.lists.models import MarketingList
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.people.facts import CrmFlag, PersonFacts, person_key
from syncline.syncs.marketing_lists.decide import decide, standing
from syncline.syncs.marketing_lists.decisions import Decision
from syncline.syncs.marketing_lists.people_page import gather_rules
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, PRIMARY_NAMES, Setting
from syncline.syncs.reasons import REASONS

RECENT = 10
"""Outcomes shown."""


@dataclass(frozen=True)
class ListVerdict:
    """What a sync would do about one membership, and why."""

    list_name: str
    record_name: str
    entity: str
    verdict: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Explanation:
    address: str
    records: list[str]
    """One sentence for each Dynamics record with this address."""
    dotdigital: str
    gates: list[tuple[Gate, bool]]
    lists: list[ListVerdict]
    held: list[str] = field(default_factory=list)
    recent: list[Outcome] = field(default_factory=list)
    becomes: str = ""
    """`contact` or `lead`, where the next sync makes a record of somebody whom Dynamics does not know."""

    @property
    def conclusion(self) -> str:
        """The first thing to know."""
        if self.becomes:
            return f"Not known to Dynamics yet: becomes a {self.becomes} there with the next sync."
        if not self.records:
            return "Dynamics has no contact, lead or account with this address, so there is nothing to sync."
        shut = next((gate for gate, is_open in self.gates if not is_open), None)
        if shut is not None:
            return f"Not synced. {REASONS[shut.code].words}"
        if not self.lists:
            return "Not synced: no record with it is in a marketing list that is activated for e-mail."
        return "Synced: every gate is open."


def explain(account: EmailAccount, address: str, dataverse: Dataverse, dotdigital: Dotdigital) -> Explanation:
    """Everything that bears on one address. Asks a vendor only what has not been read yet."""
    key = person_key(address, "")
    setting = Setting(account)
    [person] = store.load(account.pk, setting.list_ids, [key])
    decision, _ = decide(person, gather_rules(account, setting, [person]))
    names = {row.pk: row.name for row in MarketingList.objects.filter(account=account)}
    return Explanation(
        address=key,
        records=_records(person, names) or _ask_dynamics(dataverse, key),
        dotdigital=_dotdigital(person) or _ask_dotdigital(dotdigital, key),
        gates=why(standing(person)),
        lists=_entries(decision, names)
        + [
            ListVerdict(
                list_name=names.get(line.list_id, str(line.list_id)),
                record_name=line.name,
                entity=line.entity,
                verdict=_verdict(line.action, line.reason),
                reason=" ".join(filter(None, [_words(line.reason), line.detail])),
                remedy=REASONS[line.reason].remedy if line.reason in REASONS else "",
            )
            for line in decision.lines
        ],
        held=[f"{row.detail} (since {row.since:%Y-%m-%d %H:%M} UTC)" for row in _held(account, key)],
        recent=list(
            Outcome.objects.filter(run__account=account, person_key=key)
            .select_related("run", "part")
            .order_by("-pk")[:RECENT]
        ),
        becomes=decision.crm_creates[0].entity if decision.crm_creates else "",
    )


def _entries(decision: Decision, names: dict[int, str]) -> list[ListVerdict]:
    """Marketing lists that the person is to enter because of their place in the Dotdigital list."""
    reason = REASONS["new_person" if decision.crm_creates else "known_contact"]
    return [
        ListVerdict(
            names.get(join.list_id, str(join.list_id)),
            join.name,
            join.entity,
            "would enter the marketing list with the next sync",
            reason.words,
            reason.remedy,
        )
        for join in decision.crm_joins
    ]


def _held(account: EmailAccount, key: str) -> list[Held]:
    return list(Held.objects.filter(account=account, person_key=key))


def _words(reason: str) -> str:
    return REASONS[reason].words if reason in REASONS else ""


def _verdict(action: str, reason: str) -> str:
    match action:
        case "create" | "update":
            return "would be sent with the next sync"
        case "remove":
            return "would be taken out with the next sync"
        case _:
            return "left out" if reason else "in step"


def _records(person: PersonFacts, names: dict[int, str]) -> list[str]:
    told = []
    for record in person.records:
        marks = [
            words
            for flag, words in (
                (CrmFlag.DO_NOT_BULK_EMAIL, "Do Not Bulk Email"),
                (CrmFlag.DO_NOT_EMAIL, "Do Not Email"),
                (CrmFlag.INACTIVE, "not active"),
            )
            if record.flags & flag
        ]
        lists = ", ".join(names.get(list_id, "?") for list_id in record.lists) or "no activated list"
        told.append(
            f"{record.entity} {record.name or record.record_id}"
            f"{' [' + ', '.join(marks) + ']' if marks else ''}, member of: {lists}"
        )
    return told


def _dotdigital(person: PersonFacts) -> str:
    if not person.status:
        return ""
    places = [place.status for place in person.places.values()]
    suppressed = f", suppressed: {person.suppressed_for}" if person.suppressed_for else ""
    lists = places.count("subscribed")
    return f"contact {person.contact_id}, {person.status}{suppressed}, in {lists} of our lists"


def _ask_dynamics(dataverse: Dataverse, key: str) -> list[str]:
    quoted = key.replace("'", "''")
    told = []
    for entity in Entity:
        name, id_column = PRIMARY_NAMES[entity], PRIMARY_IDS[entity]
        page = next(
            dataverse.pages(
                ENTITY_SETS[entity],
                select=(name, "statecode"),
                filter=f"emailaddress1 eq '{quoted}'",
                page_size=50,
            )
        )
        told += [_asked(entity, row, name, id_column) for row in page.rows]
    return told


def _asked(entity: Entity, row: dict[str, Any], name: str, id_column: str) -> str:
    return f"{entity.value} {row.get(name) or row[id_column]}, not read by a sync yet"


def _ask_dotdigital(dotdigital: Dotdigital, key: str) -> str:
    try:
        contact = dotdigital.get_contact(key)
    except NotFound:
        return "not known to Dotdigital"
    return f"contact {contact.contact_id}, {contact.email_status or contact.status}, not read by a sync yet"
