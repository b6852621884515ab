"""Consent facts that no person row can carry: suppressed addresses, whether or not Dotdigital has a contact
for them, and the ledger, which keeps every change of consent for good.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Suppression(models.Model):
    """An address on a Dotdigital account's suppression list, as last read; or one that a person here had
    suppressed, which is a stop from that moment on.
    """

    pk = models.CompositePrimaryKey("account_id", "person_key")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    reason = models.CharField(max_length=32)
    """Dotdigital's reason (unsubscribed, hardBounced, ispComplained…), or one of our own two: see
    `consent.suppression_reasons`.
    """
    since = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True, db_default="")
    """What a person here wrote about it. Dotdigital keeps none."""
    asked_by = models.CharField(max_length=320, blank=True, db_default="")
    """Who had it suppressed here; empty where it came from Dotdigital."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "reason", "person_key"], name="suppression_reason")
        ]


class Resubscription(models.Model):
    """One time that a person here asked Dotdigital to bring somebody back; stored before the call."""

    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    list_id = models.BigIntegerField(null=True)
    """`MarketingList.id`, where they had left one list only."""
    ground = models.CharField(max_length=12)
    """See `consent.resubscriptions.Ground`."""
    evidence = models.TextField(max_length=1000)
    """Who asked, when and how, in the words of whoever confirmed it."""
    asked_by = models.CharField(max_length=320)
    asked_at = models.DateTimeField()
    """By Dotdigital's clock."""
    state = models.CharField(max_length=12)
    """See `consent.resubscriptions.State`."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account_id", "person_key"], name="resubscription_person")]


class ConsentSubject(models.Model):
    """Somebody whose consent has changed: found by the digest, so that an erased one is still known again."""

    person_key = models.CharField(max_length=320, blank=True)
    """Empty once the person has been erased."""
    digest = models.CharField(max_length=64)
    """HMAC-SHA256 of the person's key in hex, see `consent.keys`."""
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest"], name="consent_subject_digest")]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(erased_at__isnull=False), name="consent_subject_erased")
        ]


class ConsentEvent(models.Model):
    """One change of consent. Rows are only ever added: the database itself refuses to change or delete one.

    So nothing here refers to a row that may go, and nothing here holds an address.
    """

    subject = models.ForeignKey(ConsentSubject, on_delete=models.PROTECT, related_name="events")
    account_id = models.BigIntegerField()
    at = models.DateTimeField()
    """When consent changed, as far as the source tells; else when we saw it."""
    recorded_at = models.DateTimeField()
    what = models.CharField(max_length=24)
    """See `consent.ledger.What`."""
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=16)
    """See `consent.ledger.Source`."""
    actor = models.CharField(max_length=320, blank=True)
    """Who did it, where that is somebody of this installation; a vendor does not tell who."""
    list_id = models.BigIntegerField(null=True)
    """`MarketingList.id`, where the change is about one list."""
    evidence = models.JSONField(default=dict)
    """What proves it: ids of rows and runs, the vendor's own time and words. Never an address."""
    run_id = models.BigIntegerField(null=True)
    """The run that saw or did it. It may be gone from the audit by now."""


class LedgerKey(models.Model):
    """A secret that the ledger is kept with, made at first use. Encrypted with the installation's key."""

    name = models.CharField(primary_key=True, max_length=16)
    secret_encrypted = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class Due(models.Model):
    """A person at whom a consent sync has to look: something that it carries over changed on either side."""

    pk = models.CompositePrimaryKey("account_id", "sync_type", "person_key")
    account_id = models.BigIntegerField()
    sync_type = models.CharField(max_length=20)
    person_key = models.CharField(max_length=320)


class WrittenSuppression(models.Model):
    """A suppression record that Syncline keeps in Dynamics: against a contact or lead, and against a
    marketing list where that was what the person left.
    """

    pk = models.CompositePrimaryKey("account_id", "person_key", "record_id", "list_id")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    record_id = models.CharField(max_length=36)
    """The contact or lead."""
    list_id = models.BigIntegerField()
    """`MarketingList.id`; 0 for a suppression of the whole account."""
    entity = models.CharField(max_length=10)
    reason = models.CharField(max_length=32)
    since = models.DateTimeField()
    recorded = models.BooleanField()
    """Whether the record itself is there; without our tables in Dynamics only the mark is."""
    marked = models.BooleanField()
    """Whether Syncline set Do Not Bulk Email there. Only such a mark is ever cleared by a sync."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record_id"], name="written_suppression_record")]


class CrmSuppressed(models.Model):
    """An address on the CRM suppression list of Dynamics, as last read."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    person_key = models.CharField(max_length=320)
    told = models.BooleanField()
    """Whether Dotdigital has been seen to suppress the address since. If it is not suppressed there later,
    the person has come back by themselves.
    """
    names_account = models.BooleanField(default=False)
    """The entry names the account, and so is about no other of the environment."""
    seen_in = models.BigIntegerField()
    """The run that last stored the entry or, reading the whole list, saw it."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account_id", "person_key"], name="crm_suppressed_person")]


class ListUnsubscriber(models.Model):
    """Someone who left a Dotdigital list, and when."""

    pk = models.CompositePrimaryKey("list_id", "person_key")
    list_id = models.BigIntegerField()
    """`MarketingList.id`."""
    person_key = models.CharField(max_length=320)
    since = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_key"], name="list_unsubscriber_person")]


class Preference(models.Model):
    """A marketing preference as Dotdigital defines it."""

    pk = models.CompositePrimaryKey("account_id", "number")
    account_id = models.BigIntegerField()
    number = models.BigIntegerField()
    """Dotdigital's id."""
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=200)
    """The category's name; empty at the top."""


class Choice(models.Model):
    """What a contact chose about a preference in Dotdigital, and what both sides last agreed on."""

    pk = models.CompositePrimaryKey("account_id", "person_key", "preference")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    preference = models.BigIntegerField()
    """Dotdigital's id."""
    told = models.SmallIntegerField()
    """See `people.store.choices`: nothing, no or yes."""
    told_ms = models.BigIntegerField()
    """When it was chosen, in milliseconds since 1970, UTC; 0 where Dotdigital did not tell."""
    settled = models.SmallIntegerField()
    """What both sides last agreed on."""
    settled_ms = models.BigIntegerField()
    """`told_ms` of what was agreed on."""


class ChoiceRow(models.Model):
    """A row of the table Contact Preference in Dynamics, as last read or written."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    record_id = models.CharField(max_length=36)
    """The contact or lead."""
    preference = models.BigIntegerField()
    chosen = models.SmallIntegerField()
    since_ms = models.BigIntegerField()
    """Since when the row says so, in milliseconds since 1970, UTC."""
    ours = models.BooleanField()
    """Whether Syncline wrote it last."""
    seen_in = models.BigIntegerField()
    """The run that last stored the row or, reading the whole table, saw it."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account_id", "record_id"], name="choice_row_record")]
