"""The watchdog: imports that are refused as a whole, and addresses that nobody may write to.

The vendor's criteria are secret. Ours: an address or a list's name with the word "watchdog" in it, or, in
an import of some size, more than a set share of role addresses and texts that are no addresses.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import domain_of
from syncline_sandbox.dotdigital.vocabulary import ROLE_LOCAL_PARTS, WATCHDOG_WORD

REJECTED = "RejectedByWatchdog"
OVER_LIMIT = "ExceedsAllowedContactLimit"


def is_rejected(account: Account, emails: Iterable[str], rows: int, list_ids: set[int]) -> bool:
    """Whether an import with these normalised addresses into these lists is refused."""
    suspects = 0
    for email in emails:
        if WATCHDOG_WORD in email:
            return True
        local, at, _ = email.partition("@")
        suspects += not at or local in ROLE_LOCAL_PARTS
    settings = account.settings
    if rows >= settings.watchdog_min_rows and suspects > settings.watchdog_share * rows:
        return True
    names = account.connection.execute("SELECT id FROM lists WHERE name_key LIKE ?", (f"%{WATCHDOG_WORD}%",))
    return any(row[0] in list_ids for row in names)


def banned_kind(account: Account, email: str) -> str | None:
    """global, domain or blocked when nobody may write to this address, else None."""
    banned = account.banned
    if not banned:
        return None
    if ("global", email) in banned:
        return "global"
    if ("domain", domain_of(email)) in banned:
        return "domain"
    return "blocked" if ("blocked", email) in banned else None
