"""The roles of product.md §2. What each may do is decided in `accounts/rights.py`."""

from django.db.models import TextChoices


class Role(TextChoices):
    MANAGER = "manager", "Email Marketing Manager"
    PROFESSIONAL = "professional", "Email Marketing Professional"
    VIEWER = "viewer", "Email Marketing Viewer"
    CONNECTOR = "connector", "Connector Service"
    MONITOR = "monitor", "Monitoring"
    """Ours: for the token of a program that watches the installation. Nobody signs in with it."""
