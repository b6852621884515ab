"""Who changed what, before and after, when and from where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from syncline.accounts.admin_log import find_changes
from syncline.accounts.models import AdminLogEntry
from syncline.accounts.rights import Right
from syncline.api.errors import answers
from syncline.api.guard import needs
from syncline.api.moments import Moment
from syncline.api.paging import TEXT, Page, Paging, page

router = Router(tags=["Admin log"])


class ChangeFacts(Schema):
    """One change that somebody made. Never a secret."""

    id: int
    at: datetime
    by: str = Field(description="Whoever made it; `operator` on the command line.", examples=["alice"])
    origin: str = Field(description="IP address, or `command line`.", examples=["192.0.2.7"])
    account_id: int | None = Field(
        description="Null for what concerns the whole installation, and where the account is gone."
    )
    what: str = Field(examples=["account changed"])
    before: dict[str, Any] = Field(description="What differs, as it was.")
    after: dict[str, Any] = Field(description="What differs, as it is since.")


class ChangeSearch(Paging):
    """Which changes; what is not given limits nothing."""

    account_id: int = Field(0, ge=0, le=2**31 - 1)
    by: str = Field("", max_length=320, pattern=TEXT, description="A part of the name, in any case.")
    at_from: Moment | None = None
    at_before: Moment | None = None


@router.get("/admin-log", auth=needs(Right.ADMINISTER), response=answers(Page[ChangeFacts], refusals=(422,)))
def list_changes(request: HttpRequest, search: Query[ChangeSearch]) -> dict[str, object]:
    """Every change that an administrator made, the newest first."""
    found = find_changes(
        account_id=search.account_id, who=search.by, at_from=search.at_from, at_before=search.at_before
    ).order_by("-pk")
    if search.start:
        found = found.filter(pk__lt=search.start)
    return page(found[: search.limit + 1], search.limit, change_facts)


def change_facts(entry: AdminLogEntry) -> ChangeFacts:
    return ChangeFacts(
        id=entry.pk,
        at=entry.at,
        by=entry.actor,
        origin=entry.origin,
        account_id=entry.account_id,
        what=entry.action,
        before=entry.before,
        after=entry.after,
    )
