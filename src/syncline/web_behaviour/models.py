"""Page views as Dotdigital recorded them, the visits they make, what Dynamics was told of both, and how the
account's collection names things.
"""

from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q

from syncline.accounts.models import EmailAccount


class WebSettings(models.Model):
    """Where an account's web behaviour is, and how its records name things, where that is otherwise than is
    assumed.
    """

    account = models.OneToOneField(EmailAccount, on_delete=models.CASCADE, related_name="web_settings")
    collection = models.CharField(max_length=255, blank=True)
    """Empty: the one that Dotdigital's script fills."""
    fields = models.JSONField(default=dict)
    """What a value means → how the records name it; what is not said is named as is assumed."""


class _Told(models.Model):
    """A row that Dynamics is told of."""

    account_id = models.BigIntegerField()
    row_id = models.CharField(max_length=36)
    """In Dynamics."""
    person_key = models.CharField(max_length=320)
    """The address; where none is known, an @ and Dotdigital's number of the contact."""
    digest = models.CharField(max_length=16, blank=True)
    """Of the columns as they are to be told."""
    told_digest = models.CharField(max_length=16, blank=True)
    """Of what Dynamics was told; empty where it knows nothing of the row."""
    refused_digest = models.CharField(max_length=16, blank=True)
    """Of what Dynamics refused; that is not sent again until somebody replays it or it changes."""

    class Meta:
        abstract = True


IS_OWED: Final = ~Q(told_digest=F("digest")) & ~Q(refused_digest=F("digest"))
"""Dynamics was told otherwise of the row, or nothing yet."""


class WebVisit(_Told):
    """Page views of one person with no 35 minutes between them."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    contact_id = models.BigIntegerField()
    """Dotdigital's."""
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    """When the last page was opened."""
    pages = models.IntegerField()
    entry_title = models.CharField(max_length=200, blank=True)
    entry_url = models.CharField(max_length=2000, blank=True)
    site = models.CharField(max_length=255, blank=True)
    user_agent = models.CharField(max_length=500, blank=True)
    ip = models.CharField(max_length=50, blank=True)
    record_id = models.CharField(max_length=36, blank=True)
    """The contact or lead that the row is linked to."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "contact_id", "started_at"], name="web_visit_contact"),
            models.Index(fields=["account_id", "started_at"], name="web_visit_started"),
            models.Index(fields=["person_key"], name="web_visit_person"),
            models.Index(fields=["account_id", "row_id"], condition=IS_OWED, name="web_visit_owed"),
        ]


class WebPageView(_Told):
    """A page that somebody looked at."""

    pk = models.CompositePrimaryKey("account_id", "row_id")
    visit_row = models.CharField(max_length=36)
    """`WebVisit.row_id`."""
    viewed_at = models.DateTimeField()
    title = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    minutes = models.FloatField()
    """For which the page was looked at; 0 where that is not known."""
    site = models.CharField(max_length=255, blank=True)
    user_agent = models.CharField(max_length=500, blank=True)
    ip = models.CharField(max_length=50, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "visit_row", "viewed_at"], name="web_page_view_visit"),
            models.Index(fields=["person_key"], name="web_page_view_person"),
            models.Index(fields=["account_id", "row_id"], condition=IS_OWED, name="web_page_view_owed"),
        ]
