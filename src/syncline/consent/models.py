"""Consent facts that no person row can carry: suppressed addresses, whether or not Dotdigital has a contact
for them.
"""

from django.db import models


class Suppression(models.Model):
    """An address on a Dotdigital account's suppression list, as last read."""

    pk = models.CompositePrimaryKey("account_id", "person_key")
    account_id = models.BigIntegerField()
    person_key = models.CharField(max_length=320)
    reason = models.CharField(max_length=32)
    """Dotdigital's reason: Unsubscribed, HardBounced, IspComplained…"""
    since = models.DateTimeField()
