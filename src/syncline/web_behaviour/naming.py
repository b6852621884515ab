"""How records of web behaviour name things. No definition of the vendor's shows one, so every name is assumed
(contract §11) and an account may say otherwise.
"""

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.web_behaviour.models import WebSettings

ASSUMED: Final[Mapping[str, str]] = {
    "viewed_on": "ViewedOn",
    "url": "Url",
    "title": "PageTitle",
    "minutes": "DurationMinutes",
    "site": "Site",
    "user_agent": "UserAgent",
    "ip": "IpAddress",
}
"""What a value means → how a record is assumed to name it."""

LONGEST_NAME: Final = 255


class NamingRefusedError(Exception):
    """The text says why."""


def settings_of(account: EmailAccount) -> WebSettings:
    """As stored, or those of an account that never said anything."""
    return WebSettings.objects.filter(account=account).first() or WebSettings(account=account)


def names_of(settings: WebSettings) -> dict[str, str]:
    return {**ASSUMED, **settings.fields}


@transaction.atomic
def save_naming(account: EmailAccount, collection: str | None, fields: Mapping[str, str], by: Actor) -> None:
    """Change what is given; an empty name goes back to what is assumed. The next run reads everything again.

    Raises NamingRefusedError.
    """
    settings = settings_of(account)
    before = {"collection": settings.collection, **names_of(settings)}
    for meaning, name in fields.items():
        if meaning not in ASSUMED:
            raise NamingRefusedError(f"There is no {meaning}; there are {', '.join(ASSUMED)}.")
        if len(name.strip()) > LONGEST_NAME:
            raise NamingRefusedError(f"The name of {meaning} has more than {LONGEST_NAME} characters.")
        settings.fields = {**settings.fields, meaning: name.strip()}
    settings.fields = {one: name for one, name in settings.fields.items() if name and name != ASSUMED[one]}
    if collection is not None:
        if len(collection.strip()) > LONGEST_NAME:
            raise NamingRefusedError(f"A collection's name has up to {LONGEST_NAME} characters.")
        settings.collection = collection.strip()
    after = {"collection": settings.collection, **names_of(settings)}
    if after != before:
        settings.save()
        record_change(by, account, "web behaviour names changed", before, after)
