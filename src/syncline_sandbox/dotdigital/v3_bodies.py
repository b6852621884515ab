"""v3 request bodies: their shapes, and what they wish for a contact."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from syncline_sandbox.dotdigital.addresses import is_valid_email, normal_email, normal_mobile
from syncline_sandbox.dotdigital.fields import FieldBook
from syncline_sandbox.dotdigital.merging import Wish
from syncline_sandbox.dotdigital.vocabulary import (
    EMAIL_TYPES,
    LOCALES,
    MAX_CONSENTS_PER_ROW,
    MAX_LISTS_PER_ROW,
    OPT_IN_TYPES,
    V3_CHANNEL_STATUS_WRITE,
    V3_EMAIL_STATUS_WRITE,
)

CONTACT_ID = "contactId"
EMAIL = "email"
MOBILE = "mobileNumber"
# The structs below are made ten thousand at a time and hold no cycles, so the garbage collector need not
# look at them (gc=False).
CONSENT_FIELDS = ("text", "dateTimeConsented", "url", "ipAddress", "userAgent")


# An int32 in the definition.
Id = Annotated[int, Meta(ge=-(2**31), lt=2**31)]


class BadIdentifier(ValueError):
    """An identifier's value cannot be one; ``failure`` is the import's code."""

    def __init__(self, identifier: str, value: Any, failure: str) -> None:
        super().__init__(f"Invalid value for '{identifier}'")
        self.identifier = identifier
        self.value = str(value)
        self.failure = failure


class BadWord(ValueError):
    """A word that is not in an enumeration; ``failure`` is the import's code."""

    def __init__(self, item: str, value: Any, failure: str) -> None:
        super().__init__(f"'{value}' is not a value of '{item}'")
        self.item = item
        self.failure = failure


class ResubscribeOptions(msgspec.Struct):
    resubscribeWithNoChallenge: bool = True  # noqa: N815 - the API's name
    preferredLocale: str | None = None  # noqa: N815
    redirectUrlAfterChallenge: str | None = None  # noqa: N815


class EmailChannel(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    emailType: str | None = None  # noqa: N815
    optInType: str | None = None  # noqa: N815
    status: str | None = None
    resubscribeOptions: ResubscribeOptions | None = None  # noqa: N815


class OtherChannel(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    status: str | None = None


class Channels(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    email: EmailChannel | None = None
    sms: OtherChannel | None = None
    whatsApp: OtherChannel | None = None  # noqa: N815


class Preference(msgspec.Struct, gc=False):
    id: Id
    isOptedIn: bool  # noqa: N815


class ContactBody(msgspec.Struct, gc=False):
    """createContactRequest, updateContactRequest and replaceContactRequest."""

    identifiers: dict[str, Any] | None = None
    dataFields: dict[str, Any] | None = None  # noqa: N815
    channelProperties: Channels | None = None  # noqa: N815
    lists: Annotated[list[Id], Meta(min_length=1, max_length=MAX_LISTS_PER_ROW)] | UnsetType = UNSET
    preferences: Annotated[list[Preference], Meta(min_length=1)] | UnsetType = UNSET
    # Looked at apart: records that cannot be used do not keep the contact from being stored by an import.
    consentRecords: Any = UNSET  # noqa: N815


class ImportRow(ContactBody, gc=False):
    """contactRequest."""

    matchIdentifier: str | None = None  # noqa: N815


class ImportEnvelope(msgspec.Struct):
    """The body of an import with its rows left unread, to tell how many there are."""

    contacts: Annotated[list[msgspec.Raw], Meta(min_length=1)]
    mergeOption: str = "overwrite"  # noqa: N815


class ImportBody(msgspec.Struct):
    contacts: list[ImportRow]


def wish_of(body: ContactBody, fields: FieldBook, custom_names: dict[str, str]) -> Wish:
    """What the body wishes, consents apart.

    ``custom_names`` maps lower-case names of custom identifiers to their stored names. Raises BadIdentifier,
    BadWord and FieldRefusal.
    """
    wish = Wish()
    if body.identifiers:
        _read_identifiers(wish, body.identifiers, custom_names)
    if body.dataFields:
        wish.fields = fields.convert(body.dataFields)
    if body.channelProperties is not None:
        _read_channels(wish, body.channelProperties)
    if body.lists:
        wish.lists = body.lists
    if body.preferences:
        wish.preferences = [(preference.id, preference.isOptedIn) for preference in body.preferences]
    return wish


def read_contact_id(value: Any) -> int:
    """A contact id from a body or a path. Raises BadIdentifier."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value)
    raise BadIdentifier(CONTACT_ID, value, "invalidContactId")


def read_email(value: Any) -> str:
    """A normalised address. Raises BadIdentifier."""
    email = normal_email(value) if type(value) is str else ""
    if not is_valid_email(email):
        raise BadIdentifier(EMAIL, value, "invalidEmail")
    return email


def read_mobile(value: Any) -> str:
    """A normalised number. Raises BadIdentifier."""
    number = normal_mobile(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if number is None:
        raise BadIdentifier(MOBILE, value, "invalidPhoneNumber")
    return number


def read_consents(records: Any) -> list[dict[str, str]] | None:
    """Consent records as they are stored, or None when they break the definition."""
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_CONSENTS_PER_ROW:
        return None
    return records if all(_is_consent(record) for record in records) else None


def _is_consent(record: Any) -> bool:
    if not isinstance(record, dict) or set(record) != set(CONSENT_FIELDS):
        return False
    if not all(isinstance(value, str) and value for value in record.values()):
        return False
    try:
        datetime.fromisoformat(record["dateTimeConsented"])
        ip_address(record["ipAddress"])
    except ValueError:
        return False
    return "://" in record["url"]


def _read_identifiers(wish: Wish, identifiers: dict[str, Any], custom_names: dict[str, str]) -> None:
    for name, value in identifiers.items():
        if value is None:
            continue
        if name == EMAIL:
            wish.email = read_email(value)
        elif name == MOBILE:
            wish.mobile = read_mobile(value)
        elif name == CONTACT_ID:
            read_contact_id(value)
        else:
            stored = custom_names.get(name.lower())
            if stored is None or not isinstance(value, str) or not value:
                raise BadIdentifier(
                    name, value, "invalidMatchIdentifier" if stored is None else "invalidContact"
                )
            wish.custom = {**(wish.custom or {}), stored: value}


def _read_channels(wish: Wish, channels: Channels) -> None:
    email = channels.email
    if email is not None:
        if email.optInType is not None:
            wish.opt_in = _word("optInType", email.optInType, OPT_IN_TYPES, "apiSchemaViolation")
        if email.emailType is not None:
            wish.email_type = _word("emailType", email.emailType, EMAIL_TYPES, "apiSchemaViolation")
        if email.status is not None:
            wish.email_status = _word("status", email.status, V3_EMAIL_STATUS_WRITE, "invalidContactStatus")
        options = email.resubscribeOptions
        if options is not None:
            if options.preferredLocale is not None and options.preferredLocale not in LOCALES:
                raise BadWord("preferredLocale", options.preferredLocale, "apiSchemaViolation")
            wish.challenge = not options.resubscribeWithNoChallenge
    if channels.sms is not None and channels.sms.status is not None:
        wish.sms_status = _word(
            "status", channels.sms.status, V3_CHANNEL_STATUS_WRITE, "invalidContactStatus"
        )
    if channels.whatsApp is not None and channels.whatsApp.status is not None:
        wish.whatsapp_status = _word(
            "status", channels.whatsApp.status, V3_CHANNEL_STATUS_WRITE, "invalidContactStatus"
        )


# The words met so far, by what was sent; the definitions themselves differ in case.
_WORDS: dict[tuple[str, str], str] = {}


def _word(item: str, value: str, words: tuple[str, ...], failure: str) -> str:
    known = _WORDS.get((item + failure, value))
    if known is not None:
        return known
    for word in words:
        if word.lower() == value.lower():
            if item != "status":
                _WORDS[item + failure, value] = word
            return word
    raise BadWord(item, value, failure)
