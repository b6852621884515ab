"""Behaviour switches of the sandbox, changed over the control address."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Every switch with its default; the README says what each one does."""

    # Service protection, per user
    limit_requests: int = 6000
    limit_window_s: float = 300.0
    limit_execution_ms: int = 1_200_000
    limit_concurrency: int = 52
    dop_hint: int = 10
    # Added to the measured time of every request when execution time is added up.
    execution_ms_per_request: int = 0
    # How long the service takes over every request, in real milliseconds: makes concurrency visible.
    service_time_ms: int = 0
    # Tokens
    token_lifetime_s: int = 3599
    # Change tracking
    delta_token_days: int | None = None
    # Which page of the first read the token is stamped at: changes to rows of earlier pages are then missed.
    delta_stamped_at: Literal["last_page", "first_page"] = "last_page"
    # Alternate keys
    key_index_delay_s: float = 0.0
    # Batches
    strict_crlf: bool = False
    # Duplicate detection: the status of 0x80040333.
    duplicate_status: Literal[412, 500] = 412
    # Actions that this organisation is to be without, and tables whose bulk messages it is to be without.
    hidden_actions: list[str] = []
    no_bulk_messages: list[str] = []
    # Privileges that the application user's role is to lack, such as prvReadContact; with ":Global"
    # only the depth.
    denied: list[str] = []
    # False takes the application user's role away.
    has_role: bool = True
    # True disables the application user.
    user_disabled: bool = False
    # Whether adding someone who is in the list already is an error instead of nothing.
    readd_member_fails: bool = False
    # Tables that this organisation is to be without, as one without the sales and marketing apps.
    hidden_tables: list[str] = []


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """A copy with these switches changed; msgspec.ValidationError names what is wrong."""
    return msgspec.convert({**msgspec.to_builtins(settings), **changes}, Settings)
