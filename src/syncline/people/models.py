"""What both sides hold about each person, and what they last agreed on (the shadow).

The key of a person is the e-mail address, trimmed and lower-cased. These tables are as large as the account,
so they are read and written in pages by `people/store.py`, and nothing loads them whole.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class CrmRecord(models.Model):
    """A contact, lead or account row of Dynamics: its address, consent marks and mapped columns, as last
    read.
    """

    pk = models.CompositePrimaryKey("account_id", "entity", "record_id")
    account_id = models.BigIntegerField()
    entity = models.CharField(max_length=10)
    record_id = models.CharField(max_length=36)
    person_key = models.CharField(max_length=320)
    """Empty when the row has no address."""
    name = models.CharField(max_length=200)
    flags = models.SmallIntegerField()
    """Bits, see `people.facts.CrmFlag`."""
    columns = models.TextField()
    """JSON object of the mapped columns as Dataverse sent them."""
    former_keys = models.TextField(default="")
    """Former addresses of the row, newest first, one a line, so that an opt-out follows the person."""
    seen_in = models.BigIntegerField()
    """The run that last stored the row or, reading the whole table, saw it."""
    modified_ms = models.BigIntegerField(db_default=0)
    """Dynamics' `modifiedon` in milliseconds since 1970, UTC; 0 where no mapping asks for it."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "person_key"], name="crm_record_person"),
            models.Index(fields=["account_id"], condition=Q(former_keys__gt=""), name="crm_record_moved"),
        ]


class CrmMember(models.Model):
    """A Dynamics record's membership of a marketing list, as last read."""

    pk = models.CompositePrimaryKey("list_id", "record_id")
    list_id = models.BigIntegerField()
    """`MarketingList.id`."""
    record_id = models.CharField(max_length=36)
    seen_in = models.BigIntegerField()
    """The run whose full reading last saw this membership."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record_id"], name="crm_member_record")]


class Person(models.Model):
    """A Dotdigital contact as last read or written, and the field values both sides last agreed on."""

    pk = models.CompositePrimaryKey("account_id", "person_key")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    contact_id = models.BigIntegerField(null=True)
    known_as = models.CharField(max_length=320)
    """The address that Dotdigital still has for this contact while a change of address is on its way there;
    else empty. Of a contact that was given another address there: the new one.
    """
    status = models.CharField(max_length=24)
    """Dotdigital's e-mail status in lower case; empty while the contact is not known there."""
    remote = models.TextField()
    """JSON object, label → value, as Dotdigital holds it."""
    agreed = models.TextField()
    """JSON object, label → value, as both sides last agreed: the shadow."""
    opt_in = models.CharField(max_length=24, db_default="")
    """Dotdigital's opt-in type in lower case: unknown, single, double, verifieddouble; empty where it was not
    told.
    """
    updated_ms = models.BigIntegerField(db_default=0)
    """Dotdigital's `updated` in milliseconds since 1970, UTC; 0 where it is not known."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account_id", "contact_id"], name="person_contact")]


class BookMember(models.Model):
    """A person's place in the Dotdigital list that a marketing list is joined to."""

    pk = models.CompositePrimaryKey("list_id", "person_key")
    list_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    status = models.CharField(max_length=12)
    """`subscribed`, `suppressed` (left this list), `pending`, or `removed`."""
    agreed = models.BooleanField()
    """Whether both sides once agreed that the person is a member."""
    seen_in = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_key"], name="book_member_person"),
            models.Index(
                fields=["person_key", "list_id"], condition=Q(status="suppressed"), name="book_member_left"
            ),
        ]


class Touched(models.Model):
    """A person about whom something changed on either side and has not been settled yet."""

    pk = models.CompositePrimaryKey("account_id", "person_key")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)


class Score(models.Model):
    """Dotdigital's scores of a contact, as last read."""

    pk = models.CompositePrimaryKey("account_id", "person_key")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    overall = models.SmallIntegerField()
    engagement = models.SmallIntegerField()
    suitability = models.SmallIntegerField()
    label = models.CharField(max_length=100)
    evaluated_on = models.CharField(max_length=20)
    """UTC, as Dataverse writes it; empty where Dotdigital told none."""


class ScoredRecord(models.Model):
    """The scores that a contact or lead in Dynamics was last given."""

    pk = models.CompositePrimaryKey("account_id", "record_id")
    account_id = models.BigIntegerField()
    record_id = models.CharField(max_length=36)
    person_key = models.CharField(max_length=320)
    """Whose scores they were."""
    written = models.TextField()
    """JSON object of the columns."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_key"], name="scored_record_person")]


class LookupName(models.Model):
    """The primary name of a row that mapped lookup columns point at."""

    pk = models.CompositePrimaryKey("account_id", "table", "record_id")
    account_id = models.BigIntegerField()
    table = models.CharField(max_length=128)
    record_id = models.CharField(max_length=36)
    name = models.CharField(max_length=400)
    columns = models.TextField(db_default="{}")
    """JSON object of the row's columns that are mapped through the lookup."""

    class Meta:
        indexes: ClassVar = [
            # A page of people asks for what its lookups point at, whichever table that is in.
            models.Index(fields=["account_id", "record_id"], name="lookup_name_record")
        ]
