"""Which Dotdigital account, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

# r1 Europe, r2 North America, r3 Asia Pacific (contract §1.1).
REGIONS = ("r1", "r2", "r3")
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Account:
    """The region's address and the API user; calls are signed with HTTP Basic."""

    base_url: str
    api_user: str
    api_password: str = field(repr=False)

    @classmethod
    def in_region(cls, region: str, api_user: str, api_password: str) -> Self:
        return cls(base_url=region_url(region), api_user=api_user, api_password=api_password)

    @property
    def root(self) -> str:
        return self.base_url.rstrip("/")


def region_url(region: str) -> str:
    """`r1` → `https://r1-api.dotdigital.com`."""
    if region not in REGIONS:
        raise ValueError(f"{region!r} is not a Dotdigital region; the regions are {', '.join(REGIONS)}")
    return f"https://{region}-api.dotdigital.com"


def allowed_host(url: str, allow_loopback: bool) -> bool:
    """Whether `url` may be called as Dotdigital.

    Only https on a host below dotdigital.com or, from older days, dotmailer.com, on the standard port and
    with nothing else in the address; and loopback, on http too, where the sandbox is allowed.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        return False
    if host in LOOPBACK_HOSTS:
        return allow_loopback and parts.scheme in ("http", "https")
    return (
        parts.scheme == "https"
        and port in (None, 443)
        and host.endswith((".dotdigital.com", ".dotmailer.com"))
    )
