"""The demo: people, companies and lists of a small outdoor company, with the awkward cases that real data
has.

Persons 0..599 of :mod:`syncline_sandbox.people` are contacts and 600..759 are leads; the Dotdigital demo
knows some of the same persons. What is awkward lies at fixed places, so that tests and documents can name it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from syncline_sandbox.dataverse.lists.membership import MarketingList
from syncline_sandbox.dataverse.organisation import Organisation, fixed_id
from syncline_sandbox.dataverse.rows.writing import RowWriter, WriteContext
from syncline_sandbox.dataverse.seeding.platform import TEAM_ID, person_id
from syncline_sandbox.people import Person, people

CONTACTS = range(600)
LEADS = range(600, 760)
ACCOUNTS = 40

# Every so many persons; the numbers have no common factors, so that the cases also meet each other.
NO_BULK_EMAIL_EVERY = 17
NO_EMAIL_EVERY = 37
INACTIVE_EVERY = 31
NO_ADDRESS_EVERY = 43
DISQUALIFIED_EVERY = 9

# Single contacts with a story, by number.
SHARED_ADDRESS = (11, 12)
SHARED_ADDRESS_OTHER_CASE = (21, 22)
CONTACT_OF_LEAD = (33, 633)
INVALID_ADDRESS = 44
EARLIEST_DATES = 55
LATEST_DATES = 56
LONG_NOTE = 66
EMOJI = 77

CITY_QUERY = (
    '<fetch version="1.0" mapping="logical" distinct="true"><entity name="contact">'
    '<attribute name="fullname" />'
    '<attribute name="contactid" /><order attribute="fullname" descending="false" /><filter type="and">'
    '<condition attribute="address1_city" operator="in"><value>Leeds</value><value>Bristol</value>'
    "</condition>"
    '<condition attribute="statecode" operator="eq" value="0" /></filter></entity></fetch>'
)
_OWNERS = ("alice.archer", "bob.baker", "carla.castillo")
_GENDER = {"Male": 1, "Female": 2}
_SOURCES = (1, 2, 3, 4, 8, 10)


def contact_id(number: int) -> str:
    return fixed_id(f"demo contact {number}")


def lead_id(number: int) -> str:
    return fixed_id(f"demo lead {number}")


def account_id(number: int) -> str:
    return fixed_id(f"demo account {number}")


def list_id(name: str) -> str:
    return fixed_id(f"demo list {name}")


def install(organisation: Organisation) -> None:
    """Fill an organisation that has nothing but its platform."""
    everybody = list(people(LEADS.stop, seed=7))
    with organisation.transaction():
        writer = RowWriter(organisation, WriteContext(user_id=person_id("alice.archer")))
        demo = _Demo(writer, everybody)
        demo.accounts()
        demo.contacts()
        demo.leads()
        demo.lists()
        demo.campaign()


class _Demo:
    def __init__(self, writer: RowWriter, everybody: list[Person]) -> None:
        self._writer = writer
        self._tables = writer.catalogue.tables
        self._people = everybody
        # Companies in the order in which their people appear, then their branches.
        self._companies = list(dict.fromkeys(person.company for person in everybody))
        towns = list(dict.fromkeys((person.company, person.city) for person in everybody))
        self._branches = towns[: ACCOUNTS - len(self._companies)]

    def _create(self, table: str, row_id: str, body: dict[str, Any]) -> None:
        self._writer.create(self._tables[table], body, row_id)

    # Companies

    def accounts(self) -> None:
        for number, company in enumerate(self._companies):
            person = next(person for person in self._people if person.company == company)
            self._create("account", account_id(number), self._account(number, person, company))
        for offset, (company, city) in enumerate(self._branches):
            number = len(self._companies) + offset
            person = next(p for p in self._people if (p.company, p.city) == (company, city))
            parent = account_id(self._companies.index(company))
            body = self._account(number, person, f"{company}, {city}")
            self._create(
                "account", account_id(number), body | {"parentaccountid@odata.bind": f"/accounts({parent})"}
            )

    def _account(self, number: int, person: Person, name: str) -> dict[str, Any]:
        domain = person.email.partition("@")[2]
        return {
            "name": name,
            "accountnumber": f"A-{1000 + number}",
            # Some companies have no address that mail could go to.
            "emailaddress1": None if number % 7 == 6 else f"office{number}@{domain.lower()}",
            "telephone1": person.phone,
            "websiteurl": f"https://www.{domain.lower()}",
            "address1_city": person.city,
            "address1_country": person.country,
            "revenue": 50_000.0 * (number + 1),
            "numberofemployees": 5 + 3 * number,
            "industrycode": 1 + number % 33,
            "donotbulkemail": number % 11 == 10,
            **self._owner(number),
        }

    def _owner(self, number: int) -> dict[str, Any]:
        if number % 25 == 24:
            return {"ownerid@odata.bind": f"/teams({TEAM_ID})"}
        return {"ownerid@odata.bind": f"/systemusers({person_id(_OWNERS[number % len(_OWNERS)])})"}

    # People

    def contacts(self) -> None:
        for number in CONTACTS:
            person = self._people[number]
            company = account_id(self._companies.index(person.company))
            body = _person_columns(person) | {
                "nickname": person.nickname or None,
                "gendercode": _GENDER.get(person.gender),
                "birthdate": person.birthdate.isoformat(),
                "annualincome": 20_000.0 + 500 * (number % 90),
                "familystatuscode": 1 + number % 4,
                "preferredcontactmethodcode": 1 + number % 5,
                "donotbulkpostalmail": number % 19 == 0,
                "parentcustomerid_account@odata.bind": f"/accounts({company})",
                "overriddencreatedon": f"{person.customer_since.isoformat()}T09:00:00Z",
                **_consent(number),
                **self._owner(number),
                **self._story(number),
            }
            if number and number % INACTIVE_EVERY == 0:
                body["statecode"] = 1
            self._create("contact", contact_id(number), body)

    def _story(self, number: int) -> dict[str, Any]:
        """What is special about single contacts."""
        if number == SHARED_ADDRESS[1]:
            return {"emailaddress1": self._people[SHARED_ADDRESS[0]].email}
        if number == SHARED_ADDRESS_OTHER_CASE[1]:
            return {"emailaddress1": self._people[SHARED_ADDRESS_OTHER_CASE[0]].email.upper()}
        if number == INVALID_ADDRESS:
            return {"emailaddress1": "not an address@@broken"}
        if number == EARLIEST_DATES:
            return {"birthdate": "1753-01-01", "anniversary": "1753-01-01"}
        if number == LATEST_DATES:
            return {"birthdate": "9999-12-30", "anniversary": "9999-12-30"}
        if number == LONG_NOTE:
            return {
                "description": ("Called about the tents; wants an offer for a group of twelve.\n" * 40)[:2000]
            }
        if number == EMOJI:
            return {"firstname": "Zoë 🚴‍♀️", "jobtitle": "Chief 🏕️ Officer"}
        return {}

    def leads(self) -> None:
        for number in LEADS:
            person = self._people[number]
            body = _person_columns(person) | {
                "subject": f"Interested in {person.interest}",
                "companyname": person.company,
                "leadsourcecode": _SOURCES[number % len(_SOURCES)],
                "leadqualitycode": 1 + number % 3,
                "revenue": 1000.0 * (number % 50),
                "estimatedclosedate": "2027-03-31" if number % 4 == 0 else None,
                **_consent(number),
                **self._owner(number),
            }
            if number == CONTACT_OF_LEAD[1]:
                body["emailaddress1"] = self._people[CONTACT_OF_LEAD[0]].email
            if number % DISQUALIFIED_EVERY == 0:
                body["statuscode"] = 4 + number % 4
            elif number % 5 == 0:
                body["statuscode"] = 2
            self._create("lead", lead_id(number), body)

    # Lists

    def lists(self) -> None:
        newsletter = [contact_id(n) for n in CONTACTS if n % 12 in (1, 3, 5, 8, 10)]
        event = [lead_id(n) for n in LEADS if n % 2 == 0]
        companies = [account_id(n) for n in range(0, ACCOUNTS, 2)]
        catalogue = [contact_id(n) for n in CONTACTS if n % NO_ADDRESS_EVERY == 0 or n % 40 == 7]
        self._static("Newsletter", 2, newsletter, "Everybody who wants the monthly newsletter")
        self._static("Spring fair visitors", 4, event, "Leads from the spring fair")
        self._static("Key accounts", 1, companies, "Companies that get the trade letter")
        self._static("Printed catalogue", 2, catalogue, "By post; some of them have no e-mail address")
        body = {"listname": "Leeds and Bristol", "createdfromcode": 2, "type": True, "query": CITY_QUERY}
        self._create(
            "list", list_id("Leeds and Bristol"), body | {"purpose": "Invitations to the city rides"}
        )

    def _static(self, name: str, code: int, members: Iterable[str], purpose: str) -> None:
        body = {"listname": name, "createdfromcode": code, "purpose": purpose}
        self._create("list", list_id(name), body)
        MarketingList(self._writer, list_id(name)).add(list(members))

    def campaign(self) -> None:
        body = {"name": "Spring 2027", "codename": "SPR27", "typecode": 2, "statuscode": 1}
        lists = [f"/lists({list_id('Newsletter')})"]
        self._create(
            "campaign", fixed_id("demo campaign"), body | {"campaignlist_association@odata.bind": lists}
        )


def _person_columns(person: Person) -> dict[str, Any]:
    """Columns that contacts and leads have in common."""
    reachable = person.number % NO_ADDRESS_EVERY != 0
    return {
        "firstname": person.first,
        "lastname": person.last,
        "emailaddress1": person.email if reachable else None,
        "jobtitle": person.job_title,
        "telephone1": person.phone,
        "mobilephone": person.phone[:20] if person.number % 3 else None,
        "address1_line1": person.street,
        "address1_postalcode": person.postcode,
        "address1_city": person.city,
        "address1_country": person.country,
    }


def _consent(number: int) -> dict[str, Any]:
    """``True`` means: do not send."""
    return {
        "donotbulkemail": number % NO_BULK_EMAIL_EVERY == 3,
        "donotemail": number % NO_EMAIL_EVERY == 5,
        "donotphone": number % 13 == 0,
        "donotsendmm": number % 29 == 1,
        "followemail": number % 8 != 2,
    }
