"""What an operator types in to add an account, and what can be wrong with it before anybody is called."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from syncline import dataverse, dotdigital
from syncline.accounts.certificates import UnusableCertificateError, read_certificate
from syncline.dotdigital import REGIONS, region_url

LONGEST_NAME = 200

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
_CLIENT = re.compile(r"[A-Za-z0-9-]{1,100}")


@dataclass(frozen=True, kw_only=True)
class AccountDetails:
    """An account that does not exist yet. Secrets do not show in its repr."""

    name: str
    dataverse_url: str
    tenant_id: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_certificate: str = field(default="", repr=False)
    """PEM with the certificate and its private key, in place of the secret."""
    dotdigital_url: str
    dotdigital_user: str
    dotdigital_password: str = field(default="", repr=False)
    description: str = ""
    owner: str = ""
    time_zone: str = "UTC"
    dataverse_authority: str = ""
    """Sandbox only."""
    dataverse_ca_file: str = ""
    """Sandbox only."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, with the remedy in its words."""

    field: str
    message: str


class AccountRefusedError(Exception):
    """The details of an account cannot be accepted as they are."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def tidied(details: AccountDetails) -> AccountDetails:
    """The same, as it is stored: no outer blanks, addresses cut to their roots, a region as its address."""
    return replace(
        details,
        name=details.name.strip(),
        description=details.description.strip(),
        dataverse_url=root_of(details.dataverse_url),
        dataverse_authority=details.dataverse_authority.strip().rstrip("/"),
        tenant_id=details.tenant_id.strip(),
        client_id=details.client_id.strip(),
        client_secret=details.client_secret.strip(),
        dotdigital_url=dotdigital_root(details.dotdigital_url),
        dotdigital_user=details.dotdigital_user.strip(),
        dotdigital_password=details.dotdigital_password.strip("\r\n"),
    )


def root_of(url: str) -> str:
    """An address as people paste it → its root: `contoso.crm.dynamics.com/main.aspx` → `https://contoso…com`."""
    text = url.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return text  # Not an address at all, which is for `problems_of` to say.
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def dotdigital_root(url_or_region: str) -> str:
    region = url_or_region.strip().lower()
    return region_url(region) if region in REGIONS else root_of(url_or_region)


def problems_of(details: AccountDetails, *, allow_loopback: bool) -> Iterator[Problem]:
    """Everything that can be told without calling anybody. Expects `tidied` details."""
    yield from _naming_problems(details.name, details.time_zone)
    yield from _address_problems(details, allow_loopback)
    yield from _credential_problems(details)


def _naming_problems(name: str, time_zone: str) -> Iterator[Problem]:
    if not name:
        yield Problem("name", "Give the account a name.")
    elif len(name) > LONGEST_NAME:
        yield Problem("name", f"The name has {len(name)} characters; at most {LONGEST_NAME} are allowed.")
    if time_zone not in zoneinfo.available_timezones():
        yield Problem(
            "time_zone", f"{time_zone!r} is not a time zone; give an IANA name such as Europe/London."
        )


def _address_problems(details: AccountDetails, allow_loopback: bool) -> Iterator[Problem]:
    if not dataverse.allowed_host(details.dataverse_url, allow_loopback):
        yield Problem(
            "dataverse_url",
            f"{details.dataverse_url or 'An empty address'} is not a Dynamics environment; give the address "
            "that people open it with, https://….dynamics.com."
            f"{_about_loopback(details.dataverse_url, allow_loopback)}",
        )
    if not dotdigital.allowed_host(details.dotdigital_url, allow_loopback):
        yield Problem(
            "dotdigital_url",
            f"{details.dotdigital_url or 'An empty address'} is not a Dotdigital address; give the region "
            f"({', '.join(REGIONS)}) or the API endpoint that Settings > Access > API users shows."
            f"{_about_loopback(details.dotdigital_url, allow_loopback)}",
        )
    yield from _sandbox_problems(details, allow_loopback)


def _sandbox_problems(details: AccountDetails, allow_loopback: bool) -> Iterator[Problem]:
    """The secret is sent to the authority, so that one is bound to the same hosts."""
    if details.dataverse_authority and not _is_loopback(details.dataverse_authority, allow_loopback):
        yield Problem(
            "dataverse_authority",
            f"{details.dataverse_authority} cannot be the token authority: only a sandbox on this machine "
            "has one of its own. Leave it out.",
        )
    if details.dataverse_ca_file and not _is_loopback(details.dataverse_url, allow_loopback):
        yield Problem(
            "dataverse_ca_file",
            "A certificate file of its own is for a sandbox on this machine only. Leave it out.",
        )


def _credential_problems(details: AccountDetails) -> Iterator[Problem]:
    if not _TENANT.fullmatch(details.tenant_id):
        yield Problem(
            "tenant_id", "Give the directory (tenant) id from the app registration's overview page."
        )
    if not _CLIENT.fullmatch(details.client_id):
        yield Problem(
            "client_id", "Give the application (client) id from the app registration's overview page."
        )
    if bool(details.client_secret) == bool(details.client_certificate):
        yield Problem("client_secret", "Give either a client secret or a client certificate, and not both.")
    if details.client_certificate:
        try:
            read_certificate(details.client_certificate)
        except UnusableCertificateError as problem:
            yield Problem("client_certificate", str(problem))
    if not details.dotdigital_user:
        yield Problem("dotdigital_user", "Give the API user; it looks like apiuser-1234@apiconnector.com.")
    if not details.dotdigital_password:
        yield Problem("dotdigital_password", "Give the API user's password.")


def _is_loopback(url: str, allow_loopback: bool) -> bool:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return allow_loopback and host in dataverse.environment.LOOPBACK_HOSTS


def _about_loopback(url: str, allow_loopback: bool) -> str:
    if allow_loopback or not _is_loopback(url, True):
        return ""
    return " For a sandbox on this machine set SYNCLINE_ALLOW_LOOPBACK=1."
