"""Campaigns as last read, how far each of their sets of data has been carried over, and which rows Dynamics
holds of them.
"""

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import F, Q

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount


class Campaign(models.Model):
    """An email campaign of Dotdigital."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="campaigns")
    campaign_id = models.BigIntegerField()
    """Dotdigital's."""
    name = models.CharField(max_length=255)
    level = models.CharField(max_length=8, choices=CampaignLevel.choices, blank=True)
    """Empty: as the account's default says."""
    header = models.JSONField(default=dict)
    """Column of Dynamics → value, as Dotdigital's list of campaigns told it."""
    totals = models.JSONField(default=dict)
    """Column of Dynamics → value, of the campaign's life; empty before it was first sent."""
    sent_at = models.DateTimeField(null=True)
    """When it was first sent."""
    deleted = models.BooleanField(default=False)
    """In Dotdigital. What Dynamics was told stays there."""
    seen_in = models.BigIntegerField(default=0)
    """The run whose list of campaigns last showed it."""
    active_at = models.DateTimeField(null=True)
    """Up to when Dotdigital's clock had come when it last told of activity."""
    digest = models.CharField(max_length=32, blank=True)
    """Of header and totals as they are to be told."""
    told_digest = models.CharField(max_length=32, blank=True)
    """Of what Dynamics was told; empty where it knows nothing of the campaign."""
    told = models.JSONField(default=dict)
    """Column → value as Dynamics was last told."""
    settled_to = models.DateTimeField(null=True)
    """The earliest moment up to which every set of data is carried over."""
    synced_at = models.DateTimeField(null=True)
    """When a sync last wrote anything about it, or found that there was nothing to write."""
    problem = models.TextField(blank=True)
    """What the last sync of it could not do, in words; empty where all went well."""
    refused_in = models.BigIntegerField(default=0)
    """The run in which Dynamics refused the campaign itself; the next one tries again."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "campaign_id"], name="one_campaign_per_number")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def columns(self) -> dict[str, Any]:
        """What Dynamics is to be told, without what never changes."""
        return {**self.header, **self.totals, "syncline_deleted": self.deleted}

    @property
    def level_in_force(self) -> CampaignLevel:
        return CampaignLevel(self.level or self.account.campaign_level)


def has_level(*levels: CampaignLevel) -> Q:
    """Campaigns with one of these levels, their own or by the account's default."""
    return Q(level__in=levels) | Q(level="", account__campaign_level__in=levels)


IS_OWED: Final = ~Q(told_digest=F("digest"))
"""Dynamics was told otherwise of the campaign, or nothing yet."""


class DataSetCursor(models.Model):
    """How far one set of data of one campaign has been carried over."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="cursors")
    data_set = models.CharField(max_length=24)
    """EmailSendSummaries, EmailClicks…"""
    read_to = models.DateTimeField(null=True)
    """By Dotdigital's clock; null where nothing was read in full yet."""
    problem = models.TextField(blank=True)
    """Why the last attempt failed, in the vendor's words; empty where it did not."""
    rows = models.BigIntegerField(default=0)
    """How many rows Dynamics has been given."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "data_set"], name="one_cursor_per_data_set")
        ]


class DayKind(models.TextChoices):
    """What is counted by the day."""

    SENT = "sent", "Sent"
    OPENED = "opened", "Opened for the first time"
    CLICKED = "clicked", "Clicks"
    VIEWED = "viewed", "Page views"


class CampaignDay(models.Model):
    """How much of one kind happened on one day with a campaign, of what was carried over. Of nobody in
    particular.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    """In the account's time zone as it was when this was counted."""
    kind = models.CharField(max_length=8, choices=DayKind.choices)
    number = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "day", "kind"], name="one_number_per_day")
        ]


class Activity(models.Model):
    """A row about what somebody did, as Dynamics holds it. As many as there were sends, clicks and so on."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    """In Dynamics: derived from all that makes the row the one it is."""
    data_set = models.CharField(max_length=24)
    person_key = models.CharField(max_length=320)
    """The address; where Dotdigital tells none, an @ and its number of the contact."""
    digest = models.CharField(max_length=16)
    """Of the columns that were written."""
    record_id = models.CharField(max_length=36)
    """The contact or lead that the row is linked to; empty while Dynamics knows nobody with that address."""
    opened = models.BooleanField(db_default=False)
    """Of a send: whether its first opening is counted in the day's number."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["account_id", "row_id"], condition=Q(record_id=""), name="activity_of_unknown"
            ),
            models.Index(fields=["person_key"], name="activity_person"),
        ]


class HeldActivity(models.Model):
    """A row that Dynamics refused, kept as it was to be written, for a replay."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    data_set = models.CharField(max_length=24)
    campaign_key = models.BigIntegerField()
    """`Campaign.pk`."""
    person_key = models.CharField(max_length=320)
    contact_id = models.BigIntegerField()
    """Dotdigital's."""
    columns = models.TextField()
    """JSON object, without lookups at people."""
    due = models.BooleanField(default=False)
    """Whether the next run is to try it once more."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "person_key"], name="held_activity_person"),
            models.Index(fields=["account_id", "row_id"], condition=Q(due=True), name="held_activity_due"),
        ]
