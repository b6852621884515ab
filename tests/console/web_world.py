"""Builds visits as a sync leaves them; for the tests in the browser too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncline.accounts.models import EmailAccount
from syncline.web_behaviour.models import WebVisit


def make_visit(account: EmailAccount, key: str, days_ago: float = 0, **more: object) -> WebVisit:
    began = datetime.now(UTC) - timedelta(days=days_ago, minutes=5)
    number = WebVisit.objects.count()
    about = {
        "digest": "1",
        "pages": 3,
        "entry_title": "Tents",
        "site": "shop.example",
        "entry_url": "https://shop.example/tents",
    }
    return WebVisit.objects.create(
        account_id=account.pk,
        row_id=f"{number:036d}",
        contact_id=number,
        person_key=key,
        started_at=began,
        ended_at=began,
        **{**about, **more},
    )


def make_visits(account: EmailAccount) -> None:
    """One that Dynamics has, one that waits, one that was refused, and one of nobody in particular."""
    make_visit(account, "alice@example.com", 1, told_digest="1")
    make_visit(account, "a.rather.long.address.of.somebody@a.rather.long.domain.example", 3)
    make_visit(account, "bob@example.com", 9, refused_digest="1", entry_title="")
    make_visit(account, "@gone:7", 40, site="")
