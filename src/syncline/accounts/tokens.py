"""Tokens of the API: made and revoked by the operator, shown once, kept as a digest only."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from django.db.models import Q

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import ApiToken
from syncline.accounts.roles import Role

PREFIX: Final = "sl_"
"""So that people, and programs that look for leaked secrets, know what they have found."""
RANDOM_BYTES: Final = 32
USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly `last_used_at` is kept: a write for every call would cost more than it tells."""


class Standing(StrEnum):
    """Whether a token opens the door, and if not, why."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"


def make_token(name: str, role: Role, expires_at: datetime | None, *, by: Actor) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can be shown again.

    The text is 256 random bits, so a plain SHA-256 of it is as good as a slow one: there is nothing to guess.
    """
    text = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token = ApiToken.objects.create(name=name, digest=digest_of(text), role=role, expires_at=expires_at)
    until = expires_at.isoformat() if expires_at else "never"
    record_change(by, None, "API token added", {}, {"token": name, "role": role.value, "expires": until})
    return token, text


def revoke_token(token: ApiToken, now: datetime, *, by: Actor) -> None:
    """From the next call on the token opens nothing. It stays in the list, which explains its past calls."""
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    record_change(by, None, "API token revoked", {"token": token.name}, {})


def find_token(text: str) -> ApiToken | None:
    """By its digest: what is compared tells nothing about the text, however long the comparison takes."""
    return ApiToken.objects.filter(digest=digest_of(text)).first()


def standing_of(token: ApiToken, now: datetime) -> Standing:
    if token.revoked_at is not None:
        return Standing.REVOKED
    if token.expires_at is not None and token.expires_at <= now:
        return Standing.EXPIRED
    return Standing.GOOD


def note_use(token: ApiToken, now: datetime) -> None:
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def digest_of(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
