"""Who changed what about an account: before and after, never with a secret in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from syncline.accounts.models import AdminLogEntry, EmailAccount

SHOWN = (
    "name",
    "description",
    "time_zone",
    "owner",
    "is_default",
    "disabled",
    "dataverse_url",
    "dataverse_authority",
    "tenant_id",
    "client_id",
    "dotdigital_url",
    "dotdigital_user",
    "mark_do_not_bulk_email",
    "keep_crm_suppression_list",
    "only_open_and_active",
    "readmit_inactive",
    "record_priority",
    "plan_valid_h",
    "campaign_level",
)
"""What the log shows of an account. A column that is not named here, a secret above all, never gets in."""


@dataclass(frozen=True)
class Actor:
    """Whoever makes a change, and from where."""

    name: str
    origin: str


OPERATOR = Actor("operator", "command line")


def shown(account: EmailAccount) -> dict[str, object]:
    return {name: getattr(account, name) for name in SHOWN}


def last_change(account: EmailAccount, actions: Sequence[str], about: str = "") -> AdminLogEntry | None:
    """The newest entry of these actions; `about`: only of one that names this in before or after."""
    entries = AdminLogEntry.objects.filter(account=account, action__in=actions)
    if about:
        entries = entries.filter(Q(before__has_key=about) | Q(after__has_key=about))
    return entries.order_by("-pk").first()


def find_changes(
    *, account_id: int = 0, who: str = "", at_from: datetime | None = None, at_before: datetime | None = None
) -> QuerySet[AdminLogEntry]:
    """Entries by account, by a part of the actor's name, and by when; what is not given limits nothing."""
    entries = AdminLogEntry.objects.all()
    if account_id:
        entries = entries.filter(account_id=account_id)
    if who:
        entries = entries.filter(actor__icontains=who)
    if at_from:
        entries = entries.filter(at__gte=at_from)
    if at_before:
        entries = entries.filter(at__lt=at_before)
    return entries


def record_change(
    by: Actor,
    account: EmailAccount | None,
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """One entry with only what differs. Call it in the transaction that makes the change."""
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    AdminLogEntry.objects.create(
        actor=by.name,
        origin=by.origin,
        account=account,
        action=action,
        before={key: before[key] for key in changed if key in before},
        after={key: after[key] for key in changed if key in after},
    )
