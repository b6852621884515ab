"""Writes down every change that a person makes in the console."""

from typing import Any

from django.http import HttpRequest

from syncline.accounts.models import AdminLogEntry, EmailAccount


def record_change(
    request: HttpRequest,
    account: EmailAccount | None,
    action: str,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """One log entry with only what differs. Call it in the transaction that makes the change."""
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if not changed:
        return
    AdminLogEntry.objects.create(
        actor=request.user.get_username(),
        origin=request.META.get("REMOTE_ADDR", ""),
        account=account,
        action=action,
        before={key: before[key] for key in sorted(changed) if key in before},
        after={key: after[key] for key in sorted(changed) if key in after},
    )
