"""The demo account, "Northwind Outdoor": customers that Dynamics knows too, and some that it does not."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from syncline_sandbox.clock import iso_utc
from syncline_sandbox.dotdigital import demo_campaigns, demo_forms
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.happenings import Happenings
from syncline_sandbox.dotdigital.seeding import seed
from syncline_sandbox.people import Person, people

# The Dataverse demo has persons 0..599 as contacts and 600..759 as leads.
KNOWN_TO_BOTH = range(120)
ONLY_HERE = range(760, 820)
SUPPRESSED = {
    5: "Unsubscribed",
    17: "HardBounced",
    29: "Unsubscribed",
    41: "IspComplained",
    53: "Suppressed",
    65: "SoftBounced",
    77: "Unsubscribed",
    89: "MailBlocked",
    101: "DirectComplaint",
    113: "NoMxRecord",
}

DATA_FIELDS: list[dict[str, Any]] = [
    {"name": "CITY", "visibility": "Public"},
    {"name": "COUNTRY", "visibility": "Public"},
    {"name": "COMPANY"},
    {"name": "JOBTITLE"},
    {"name": "NICKNAME"},
    {"name": "BIRTHDAY", "type": "Date", "visibility": "Public"},
    {"name": "CUSTOMER_SINCE", "type": "Date"},
    {"name": "LOYALTY_POINTS", "type": "Numeric"},
    {"name": "IS_GUIDE", "type": "Boolean", "default": False},
    {"name": "INTEREST", "visibility": "Public", "used_in": "Campaign:3501"},
]
LISTS: list[dict[str, Any]] = [
    {"name": "Newsletter", "visibility": "Public"},
    {"name": "Trail News", "visibility": "Public"},
    {"name": "Loyalty members"},
    {"name": "Shop sign-ups"},
    {"name": "Winter sale 2024"},
]
PREFERENCES = [
    {"name": "Topics", "preferences": ["Hiking", "Climbing", "Cycling", "Paddling", "Skiing", "Camping"]},
    {"name": "How often", "preferences": ["Weekly", "Monthly"]},
]
SEGMENTS = [
    {"name": "Hikers", "rule": {"INTEREST": "Hiking"}},
    {"name": "Double opt-in", "rule": {"optInType": "Double"}},
]


def plant(account: Account, happenings: Happenings) -> None:
    """Fill an empty account, in which people go on reading and leaving as time passes."""
    now = account.clock.now()
    wanted = {*KNOWN_TO_BOTH, *ONLY_HERE}
    here = [person for person in people(ONLY_HERE.stop) if person.number in wanted]
    contacts = [_contact(person, now) for person in here]
    seed(
        account,
        happenings,
        {
            "data_fields": DATA_FIELDS,
            "lists": LISTS,
            "preferences": PREFERENCES,
            "contacts": [{k: v for k, v in entry.items() if k != "lists_before"} for entry in contacts],
            "segments": SEGMENTS,
            "suppressed_domains": ["spamtrap.example"],
            "campaigns": demo_campaigns.of(contacts, now),
            "forms": demo_forms.of(here[::2], now),
        },
    )
    account.keep_settings(account.settings.changed({"people_react": True, "scores_recalculated": True}))


def _contact(person: Person, now: datetime) -> dict[str, Any]:
    """How this person is seeded, and as ``lists_before`` where they were before they left everything."""
    number = person.number
    reason = SUPPRESSED.get(number)
    shopper = number in ONLY_HERE
    created = now - timedelta(days=30 + number % 700, hours=number % 24)
    lists = ["Shop sign-ups"] if shopper else ["Newsletter"]
    if number % 3 == 0:
        lists.append("Trail News")
    if number % 10 == 3 and not shopper:
        lists.append("Winter sale 2024")
    if person.loyalty_points >= 3000 and not shopper:
        lists.append("Loyalty members")
    entry: dict[str, Any] = {
        "email": person.email,
        "lists_before": lists,
        "created": iso_utc(created),
        "updated": iso_utc(created + timedelta(days=number % 25)),
        "opt_in_type": ("Single", "Single", "Double", "Unknown", "VerifiedDouble")[number % 5],
        "email_type": "PlainText" if number % 19 == 4 else "Html",
        "data_fields": _data(person),
        "preferences": _preferences(person),
    }
    if reason is None:
        entry["lists"] = lists
        entry["left_lists"] = ["Winter sale 2024"] if number % 31 == 6 else []
    else:
        entry["status"] = reason
        entry["removed_on"] = iso_utc(now - timedelta(days=number % 20, hours=1))
        entry["updated"] = entry["removed_on"]
    return entry


def _data(person: Person) -> dict[str, Any]:
    born = datetime.combine(person.birthdate, time())
    return {
        "FIRSTNAME": person.first,
        "LASTNAME": person.last,
        "FULLNAME": person.full_name,
        "GENDER": person.gender,
        "POSTCODE": person.postcode,
        "CITY": person.city,
        "COUNTRY": person.country,
        "COMPANY": person.company,
        "JOBTITLE": person.job_title,
        "NICKNAME": person.nickname or None,
        "BIRTHDAY": born.isoformat() + "Z",
        "CUSTOMER_SINCE": person.customer_since.isoformat(),
        "LOYALTY_POINTS": person.loyalty_points,
        "IS_GUIDE": person.job_title == "Guide",
        "INTEREST": person.interest,
    }


def _preferences(person: Person) -> dict[str, bool]:
    chosen = {"Weekly" if person.number % 2 else "Monthly": True}
    if person.interest in PREFERENCES[0]["preferences"]:
        chosen[person.interest] = person.number % 7 != 0
    return chosen
