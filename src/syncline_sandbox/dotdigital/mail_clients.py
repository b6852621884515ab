"""Programs that open mail and follow links: people's, and machines' that look at it before people do.

All addresses lie in ranges that are kept for documentation.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class MailClient(NamedTuple):
    """``weight`` is how common it is among people."""

    name: str
    version: str
    user_agent: str
    weight: int


_MOZILLA = "Mozilla/5.0"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"

MAIL_CLIENTS = (
    MailClient(
        "Apple iPhone", "iOS 18", f"{_MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148", 34
    ),
    MailClient("Gmail", "Gmail", f"{_MOZILLA} (Linux; Android 14) {_WEBKIT} Chrome/131.0 Mobile Safari", 27),
    MailClient(
        "Outlook", "Outlook 365", f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/131.0", 21
    ),
    MailClient("Apple Mail", "16.0", f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", 9),
    MailClient(
        "Thunderbird", "Thunderbird 128", f"{_MOZILLA} (X11; Linux x86_64; rv:128.0) Gecko/20100101", 5
    ),
    MailClient("Yahoo! Mail", "Yahoo! Mail", f"{_MOZILLA} (Windows NT 10.0) {_WEBKIT} Edg/131.0", 4),
)
# Apple loads the pictures of a mail for whoever protects their privacy, whether it is read or not.
PRIVACY_PROXY = MailClient("Apple Mail", "Apple Privacy", _MOZILLA, 0)
# A security scanner follows every link within seconds of delivery, and calls itself an old browser.
SCANNER = MailClient(
    "Unknown", "Unknown", f"{_MOZILLA} (Windows NT 6.1; WOW64) {_WEBKIT} Chrome/79.0.3945.88 Safari/537.36", 0
)


def of_person(chance: Random) -> MailClient:
    return chance.choices(MAIL_CLIENTS, [client.weight for client in MAIL_CLIENTS])[0]


def home_address(chance: Random) -> str:
    return f"{chance.choice(('198.51.100', '203.0.113'))}.{chance.randrange(1, 255)}"


def machine_address(chance: Random) -> str:
    return f"192.0.2.{chance.randrange(1, 255)}"
