"""Marketing lists of an account, their settings, and the Dotdigital lists (address books) they are joined
to.
"""

from typing import ClassVar

from django.db import models

from syncline.accounts.models import EmailAccount
from syncline.mapping.models import Entity


class MembershipAction(models.TextChoices):
    """What becomes of address-book members that are not in the static marketing list (product.md §10)."""

    IGNORE = "ignore", "Ignore"
    REMOVE = "remove", "Remove from the address book"
    ALLOW_KNOWN = "allow_known", "Allow known contacts into the list"
    ALLOW_NEW = "allow_new", "Allow new people into the list"
    """Whom Dynamics does not know becomes a contact or lead, after the kind of the list's members."""


class MarketingList(models.Model):
    """A Dynamics `list` row as far as Syncline cares, and its Dotdigital counterpart."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="lists")
    list_id = models.CharField(max_length=36)
    """Dataverse `listid`."""
    name = models.CharField(max_length=128)
    entity = models.CharField(max_length=10, choices=Entity.choices)
    dynamic = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    """False when the list was deactivated or deleted in Dynamics."""
    activated = models.BooleanField(default=False)
    """Activated for Email."""
    sync_order = models.IntegerField(default=1000)
    membership_action = models.CharField(
        max_length=16, choices=MembershipAction.choices, default=MembershipAction.IGNORE
    )
    address_book_id = models.BigIntegerField(null=True)
    crm_surplus = models.IntegerField(null=True)
    """Dynamics' member count less ours after the last full reading (0 but for rows that are counted and not
    shown).

    Null before the first reading. While the difference stays the same, nobody has left the list."""
    crm_members_since = models.CharField(max_length=40, blank=True)
    """`createdon` from which new `listmember` rows are to be read."""
    book_surplus = models.IntegerField(null=True)
    """Dotdigital's contact count less ours after the last full reading of the list there, likewise."""
    unsubscribed_since = models.CharField(max_length=40, blank=True)
    last_synced_at = models.DateTimeField(null=True)
    last_result = models.TextField(blank=True)
    manual_only = models.BooleanField(default=False)
    """Manual Sync Only: no scheduled run syncs the list. Set where it was not used for 90 days."""
    used_at = models.DateTimeField(null=True)
    """When the list was last used: synced by hand, changed by a person, or with a member coming or going."""
    audience = models.JSONField(default=dict)
    """As of `counted_at`: members, targets, no_address, unsubscribed, do_not_email, inactive, shared."""
    problem = models.TextField(blank=True)
    """Why this list cannot be synced at the moment, in words; empty when it can."""

    class Meta:
        ordering: ClassVar = ["sync_order", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "list_id"], name="marketing_list_per_account"),
            models.UniqueConstraint(fields=["account", "address_book_id"], name="address_book_linked_once"),
        ]

    def __str__(self) -> str:
        return self.name
