"""Whose visits these are: records of web behaviour name a contact by Dotdigital's number only, so whoever is
not known here yet is asked about, once.
"""

from typing import Final

from django.db.models import QuerySet

from syncline.consent import erased
from syncline.dotdigital import NotFound
from syncline.people import store as people
from syncline.people.facts import NO_ADDRESS, person_key
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.web_visits.rows import visit_columns
from syncline.web_behaviour.models import WebPageView, WebVisit

A_STEP: Final = 50
"""Contacts; each may cost a call."""

NOBODY: Final = NO_ADDRESS + "gone:"
"""Before the number of a contact that Dotdigital no longer has, or that has no address."""


def know_people(context: RunContext, setting: Setting) -> Next | None:
    """Some of the contacts whose address is not known."""
    del setting
    account_id = context.account.pk
    unknown = WebVisit.objects.filter(account_id=account_id, person_key__startswith=NO_ADDRESS)
    unknown = unknown.exclude(person_key__startswith=NOBODY)
    numbers = list(unknown.order_by("contact_id").values_list("contact_id", flat=True).distinct()[:A_STEP])
    if not numbers:
        return None
    keys = people.keys_of_contacts(account_id, numbers)
    for number in numbers:
        if number not in keys:
            keys[number] = _asked(context, number)
    stopped = erased.stopped(account_id, set(keys.values())) if erased.anybody() else set()
    with context.storing():
        for number, key in keys.items():
            if key in stopped:
                _forget(account_id, number)
            else:
                _name(account_id, number, key)
    return More()


def _asked(context: RunContext, number: int) -> str:
    try:
        email = context.dotdigital.get_contact(number, identifier="contactId").email
    except NotFound:
        email = ""
    key = person_key(email, "")
    return NOBODY + str(number) if key.startswith(NO_ADDRESS) else key


def _of(account_id: int, number: int) -> list[WebVisit]:
    return list(
        WebVisit.objects.filter(account_id=account_id, contact_id=number, person_key__startswith=NO_ADDRESS)
    )


def _name(account_id: int, number: int, key: str) -> None:
    visits = _of(account_id, number)
    for visit in visits:
        visit.person_key = key
        digest = digest_of(visit_columns(visit), 8)
        WebVisit.objects.filter(account_id=account_id, row_id=visit.row_id).update(
            person_key=key, digest=digest
        )
    _views_of(account_id, visits).update(person_key=key)


def _forget(account_id: int, number: int) -> None:
    """Who was erased here and had opted out leaves no trace again."""
    visits = _of(account_id, number)
    _views_of(account_id, visits).delete()
    WebVisit.objects.filter(account_id=account_id, row_id__in=[one.row_id for one in visits]).delete()


def _views_of(account_id: int, visits: list[WebVisit]) -> QuerySet[WebPageView]:
    rows = [visit.row_id for visit in visits]
    return WebPageView.objects.filter(account_id=account_id, visit_row__in=rows)
