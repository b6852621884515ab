"""The Dotdigital side, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from syncline.doctor.checks import Check, Side, chain
from syncline.doctor.reaching import reach
from syncline.dotdigital import AccountInfo, Dotdigital
from syncline.dotdigital.account import LOOPBACK_HOSTS

SIDE: Side = "dotdigital"
# Below this share of the allowance a day's syncs may meet the limit.
SCARCE = 0.2


def dotdigital_checks(client: Dotdigital) -> Iterator[Check]:
    """Each needs the one before: an API user who cannot sign in can read nothing."""
    info: list[AccountInfo] = []

    def sign_in() -> Check:
        info.append(client.account_info())
        return _ok("API user", f"Signed in to the account {info[0].name or info[0].id}.")

    yield from chain(
        SIDE,
        [
            ("Server", lambda: reach(SIDE, "Server", client.account.root)),
            ("API user", sign_in),
            ("Region", lambda: region(client.account.root, info[0])),
            ("Call budget", lambda: budget(info[0])),
            ("Data fields", lambda: _fields(client)),
            ("Lists", lambda: _lists(client)),
            ("Contacts", lambda: _contacts(client)),
        ],
    )


def region(base_url: str, info: AccountInfo) -> Check:
    """Compared, not tried: another region than the account's own answers this one question too."""
    ours, own = urlsplit(base_url).hostname, urlsplit(info.api_endpoint).hostname
    if own is None or ours in LOOPBACK_HOSTS or ours == own:
        return _ok("Region", f"The account is served at {ours}.")
    return Check(
        side=SIDE,
        name="Region",
        state="fail",
        detail=f"The account belongs to {own}, and the address set here is {ours}.",
        remedy=f"Set the account's address to https://{own}.",
    )


def budget(info: AccountInfo) -> Check:
    used, left = info.calls_in_last_hour, info.calls_remaining
    if used is None or left is None:
        return _ok("Call budget", "The account does not tell its allowance of API calls.")
    detail = f"{used} API calls in the last hour, {left} left."
    if left < SCARCE * (used + left):
        return Check(
            side=SIDE,
            name="Call budget",
            state="warn",
            detail=detail,
            remedy="Lengthen the intervals of the syncs, or ask Dotdigital for a larger allowance.",
        )
    return _ok("Call budget", detail)


def _fields(client: Dotdigital) -> Check:
    return _ok("Data fields", f"{len(client.data_fields())} data fields can be read.")


def _lists(client: Dotdigital) -> Check:
    return _ok("Lists", f"{len(client.address_books())} lists can be read.")


def _contacts(client: Dotdigital) -> Check:
    next(client.contacts(limit=1))
    return _ok("Contacts", "Contacts can be read.")


def _ok(name: str, detail: str) -> Check:
    return Check(side=SIDE, name=name, state="ok", detail=detail)
