"""What can be mapped (CRM fields and labels) and what is mapped, per account and entity."""

from typing import ClassVar

from django.db import models

from syncline.accounts.models import EmailAccount


class Entity(models.TextChoices):
    """The Dynamics tables whose rows are people or stand for one."""

    CONTACT = "contact", "Contact"
    LEAD = "lead", "Lead"
    ACCOUNT = "account", "Account"


class LabelType(models.TextChoices):
    """Dotdigital's four data-field types, in the API's own words."""

    TEXT = "String", "Text"
    NUMERIC = "Numeric", "Numeric"
    DATE = "Date", "Date"
    YES_NO = "Boolean", "Yes/No"


class Label(models.Model):
    """An Email Data Label: a Dotdigital contact data field."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=20)
    """Upper-case, as Dotdigital returns it; compared ignoring case."""
    type = models.CharField(max_length=10, choices=LabelType.choices)
    private = models.BooleanField(default=True)
    default_value = models.JSONField(null=True, blank=True)
    description = models.CharField(max_length=500, blank=True)
    in_dotdigital = models.BooleanField(default=False)
    """False until the label sync has carried a label that was made here over to Dotdigital."""
    error = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "name"], name="label_name_per_account")
        ]

    def __str__(self) -> str:
        return self.name


class CrmField(models.Model):
    """A column of contact, lead, account, or of a table looked up from them, as CRM metadata last saw it."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="crm_fields")
    entity = models.CharField(max_length=128)
    """Logical name of the table: contact, lead or account, or one that a mapped lookup points at."""
    logical_name = models.CharField(max_length=128)
    display_name = models.CharField(max_length=300)
    type = models.CharField(max_length=32)
    """Dataverse's AttributeType: String, Memo, Picklist, MultiSelectPicklist, State, Status, Boolean,
    Integer, BigInt, Decimal, Double, Money, DateTime, Lookup, Customer, Owner…"""
    max_length = models.IntegerField(null=True)
    precision = models.IntegerField(null=True)
    """Digits that a decimal, floating or money column keeps after the point."""
    min_value = models.FloatField(null=True)
    max_value = models.FloatField(null=True)
    date_only = models.BooleanField(default=False)
    date_behavior = models.CharField(max_length=32, blank=True)
    """UserLocal, DateOnly or TimeZoneIndependent."""
    options = models.JSONField(default=dict)
    """Option value (as text) → label; for yes/no columns `0` and `1`."""
    targets = models.JSONField(default=list)
    """Logical names of the tables that a lookup may point at."""
    readable = models.BooleanField(default=True)
    writable = models.BooleanField(default=True)
    required = models.CharField(max_length=24, blank=True)
    """Dataverse's RequiredLevel: None, Recommended, ApplicationRequired or SystemRequired."""
    refreshed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["entity", "display_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "entity", "logical_name"], name="crm_field_per_entity")
        ]


class Direction(models.TextChoices):
    TO_DOTDIGITAL = "to_dotdigital", "To Dotdigital"
    TO_DYNAMICS = "to_dynamics", "To Dynamics"
    BOTH = "both", "Both ways"


class ConflictRule(models.TextChoices):
    """Whose value stands when both sides changed since they last agreed."""

    DYNAMICS_WINS = "dynamics", "Dynamics wins"
    DOTDIGITAL_WINS = "dotdigital", "Dotdigital wins"
    NEWEST_WINS = "newest", "Newest wins"
    """The side whose record was changed last, as far as each side's clock of the record tells."""
    MOST_RESTRICTIVE_WINS = "restrictive", "Most restrictive wins"
    """Of a yes/no value the one that allows less; offered for yes/no columns only."""


class FieldMapping(models.Model):
    """CRM field ↔ label for one entity of one account."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="mappings")
    entity = models.CharField(max_length=10, choices=Entity.choices)
    crm_field = models.CharField(max_length=128)
    """A column of the entity, or of the table that `through` points at."""
    through = models.CharField(max_length=128, blank=True)
    """The entity's lookup column whose row the value is read from; empty for a column of its own."""
    through_table = models.CharField(max_length=128, blank=True)
    """Logical name of the table that `through` points at; empty for a column of its own."""
    label = models.CharField(max_length=20)
    direction = models.CharField(max_length=16, choices=Direction.choices, default=Direction.BOTH)
    conflict_rule = models.CharField(
        max_length=12, choices=ConflictRule.choices, default=ConflictRule.DYNAMICS_WINS
    )
    blank_overwrites = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["entity", "label"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "entity", "label"], name="one_source_per_label"),
        ]
