"""Which Dataverse environment, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

LOGIN_HOST = "https://login.microsoftonline.com"
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate credential of the app registration; the key never appears in a repr."""

    private_key_pem: str = field(repr=False)
    thumbprint: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment's address and the app registration that enters it.

    `url` is the root, e.g. https://contoso.crm11.dynamics.com. `authority` is None for the public cloud; else
    a login host, or a full authority ending in the tenant (as the sandbox prints it). `ca_file` is trusted in
    place of the system's certificates, for servers with a certificate of their own.
    """

    url: str
    tenant_id: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    certificate: Certificate | None = None
    authority: str | None = None
    ca_file: str | None = None

    @property
    def root(self) -> str:
        return self.url.rstrip("/")

    @property
    def authority_url(self) -> str:
        authority = (self.authority or LOGIN_HOST).rstrip("/")
        return authority if urlsplit(authority).path.strip("/") else f"{authority}/{self.tenant_id}"

    @property
    def authority_is_loopback(self) -> bool:
        return urlsplit(self.authority_url).hostname in LOOPBACK_HOSTS


def allowed_host(url: str, allow_loopback: bool) -> bool:
    """Whether `url` may be called as a Dataverse environment.

    Only https on a host below dynamics.com, on the standard port and with nothing else in the address; and
    loopback, on http too, where the sandbox is allowed.
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
    return parts.scheme == "https" and port in (None, 443) and host.endswith(".dynamics.com")
