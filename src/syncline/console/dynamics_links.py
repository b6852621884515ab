"""Addresses of records in Dynamics, as its own pages can be opened by them."""

from urllib.parse import urlencode

from syncline.accounts.models import EmailAccount


def record_address(account: EmailAccount, table: str, record_id: str) -> str:
    """Where a row of a Dataverse table (`contact`, `list`…) is opened; empty where there is none to open.

    Source: "Open apps, forms, views, dialogs, and reports with a URL" in Microsoft's documentation of
    model-driven apps.
    """
    if not table or not record_id:
        return ""
    query = urlencode({"pagetype": "entityrecord", "etn": table, "id": record_id})
    return f"{account.dataverse_url}/main.aspx?{query}"
