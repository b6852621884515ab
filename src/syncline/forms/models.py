"""Forms as last read, how far each has been carried over, and which responses Dynamics holds of them."""

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import F, Q

from syncline.accounts.models import EmailAccount


class Form(models.Model):
    """A page or form of Dotdigital."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="forms")
    form_id = models.BigIntegerField()
    """Dotdigital's."""
    name = models.CharField(max_length=255)
    header = models.JSONField(default=dict)
    """Column of Dynamics → value, as Dotdigital's list of forms told it."""
    deleted = models.BooleanField(default=False)
    """In Dotdigital. What Dynamics was told stays there."""
    seen_in = models.BigIntegerField(default=0)
    """The run whose list of forms last showed it."""
    active_at = models.DateTimeField(null=True)
    """Up to when Dotdigital's clock had come when it last told of a change or a response."""
    questions = models.JSONField(default=list)
    """As last read, in order."""
    questions_as_of = models.CharField(max_length=32, blank=True)
    """When the form had last been changed as the questions were read; empty where they never were."""
    structure_told = models.CharField(max_length=32, blank=True)
    """Digest of questions and options as Dynamics was told; empty where it was told none."""
    digest = models.CharField(max_length=32, blank=True)
    """Of the columns as they are to be told."""
    told_digest = models.CharField(max_length=32, blank=True)
    """Of what Dynamics was told; empty where it knows nothing of the form."""
    told = models.JSONField(default=dict)
    """Column → value as Dynamics was last told."""
    read_to = models.DateTimeField(null=True)
    """Up to when, by Dotdigital's clock, all responses are carried over; null where none are."""
    synced_at = models.DateTimeField(null=True)
    """When a sync last read its responses to the end."""
    problem = models.TextField(blank=True)
    """What the last sync of it could not do, in words; empty where all went well."""
    refused_in = models.BigIntegerField(default=0)
    """The run in which Dynamics refused the form itself; the next one tries again."""
    creates = models.CharField(max_length=10, blank=True)
    """`contact` or `lead`: what somebody whom Dynamics does not know becomes; empty where nobody new is
    made.
    """

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "form_id"], name="one_form_per_number")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def columns(self) -> dict[str, Any]:
        """What Dynamics is to be told, without what never changes."""
        return {**self.header, "syncline_deleted": self.deleted}


IS_OWED: Final = ~Q(told_digest=F("digest"))
"""Dynamics was told otherwise of the form, or nothing yet."""


class FormField(models.Model):
    """The answer to a question goes into a column of contacts or leads."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="fields")
    entity = models.CharField(max_length=10)
    """`contact` or `lead`."""
    question_id = models.BigIntegerField()
    line_id = models.BigIntegerField(default=0)
    """Of a line of a grid; else 0."""
    crm_field = models.CharField(max_length=128)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "entity", "crm_field"], name="one_answer_per_column")
        ]


class UnappliedResponse(models.Model):
    """A complete response to a mapped form that has not reached its contact or lead yet."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    """Of the response in Dynamics."""
    form_key = models.BigIntegerField()
    """`Form.pk`."""
    person_key = models.CharField(max_length=320)
    completed = models.CharField(max_length=32)
    """UTC, so that earlier ones sort first."""
    answers = models.TextField()
    """JSON: of each answer the question, its line, and the words."""
    due = models.BooleanField(default=True)
    """False while it is held for a person to look at."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["account_id", "completed", "row_id"],
                condition=Q(due=True),
                name="unapplied_response_due",
            ),
            models.Index(fields=["account_id", "person_key"], name="unapplied_response_person"),
        ]


class LastSaid(models.Model):
    """When a person said what went into the columns of their contact or lead, so that an earlier response,
    which was held or came late, does not undo a later one.
    """

    pk = models.CompositePrimaryKey("account_id", "person_key")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    said = models.TextField()
    """JSON: column, as `table.column` → when the response was completed: UTC, as text that sorts."""


class KeptResponse(models.Model):
    """A response as Dynamics holds it."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    """In Dynamics."""
    data_set = models.CharField(max_length=24)
    person_key = models.CharField(max_length=320)
    """The address; where the person gave none, an @ and the row's id."""
    digest = models.CharField(max_length=32)
    """Of the columns that were written, and behind it that of the answers once all of them were."""
    record_id = models.CharField(max_length=36)
    """The contact or lead that the row is linked to; empty while Dynamics knows nobody with that address."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["account_id", "row_id"], condition=Q(record_id=""), name="response_of_unknown"
            ),
            models.Index(fields=["person_key"], name="response_person"),
        ]


class HeldResponse(models.Model):
    """A response that Dynamics refused, or one of its answers, kept as it was to be written, for a replay."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    data_set = models.CharField(max_length=24)
    form_key = models.BigIntegerField()
    """`Form.pk`."""
    person_key = models.CharField(max_length=320)
    columns = models.TextField()
    """JSON of the response as it was read."""
    due = models.BooleanField(default=False)
    """Whether the next run is to try it once more."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "person_key"], name="held_response_person"),
            models.Index(fields=["account_id", "row_id"], condition=Q(due=True), name="held_response_due"),
        ]
