"""How much of an email campaign is synced (product.md §4)."""

from django.db.models import TextChoices


class CampaignLevel(TextChoices):
    NONE = "none", "None"
    SUMMARY = "summary", "Summary"
    """The campaign itself and its totals."""
    DETAILED = "detailed", "Detailed"
    """What each person did with it as well."""
