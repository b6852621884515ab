"""The token endpoint, as Microsoft Entra ID has it, and what bearer tokens are worth here.

Tokens look like JWTs and are signed with a key of this data directory, so they outlive a restart. They expire
on the sandbox's clock, and all at once when the control address revokes them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlsplit
from uuid import uuid4

import msgspec

from syncline_sandbox.dataverse.organisation import (
    APPLICATION_USER_ID,
    CLIENT_ID,
    CLIENT_SECRET,
    TENANT_ID,
    Organisation,
)

TENANT_NAMES = frozenset({TENANT_ID, "sandbox.onmicrosoft.com"})
KEY_FILE = "token.key"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})


class EntraError(Exception):
    """An error of the token endpoint: HTTP status, OAuth error, AADSTS number and text."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.number = number
        self.text = text

    def body(self, timestamp: str) -> dict[str, Any]:
        trace, correlation = str(uuid4()), str(uuid4())
        return {
            "error": self.error,
            "error_description": (
                f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} "
                f"Timestamp: {timestamp}"
            ),
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }


@dataclass(frozen=True)
class Identity:
    """Who a token stands for."""

    client_id: str
    user_id: str


class InvalidToken(Exception):
    """The bearer token is missing, malformed, expired or revoked."""


class Entra:
    """One tenant with its registered applications."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._signing_key: bytes | None = None

    # Applications

    def applications(self) -> dict[str, dict[str, str]]:
        """Secret and user by client id."""
        kept = self._organisation.database.state("applications")
        return kept or {CLIENT_ID: {"secret": CLIENT_SECRET, "user_id": APPLICATION_USER_ID}}

    def register(self, client_id: str, secret: str, user_id: str) -> None:
        with self._organisation.database.transaction():
            applications = self.applications()
            applications[client_id.lower()] = {"secret": secret, "user_id": user_id}
            self._organisation.database.set_state("applications", applications)

    # Tokens

    def issue(
        self, tenant: str, form: Mapping[str, str], authorization: str | None, *, version: int
    ) -> dict[str, Any]:
        """Answer a token request; raises EntraError."""
        if tenant.lower() not in TENANT_NAMES:
            raise EntraError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
                "signing into the correct cloud.",
            )
        grant = form.get("grant_type")
        if not grant:
            raise EntraError(
                400,
                "invalid_request",
                900144,
                "The request body must contain the following parameter: 'grant_type'.",
            )
        if grant != "client_credentials":
            raise EntraError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{grant}'.",
            )
        client_id, user_id = self._authenticate(tenant, form, authorization)
        audience = _audience_v2(form) if version == 2 else _audience_v1(form)
        lifetime_s = self._organisation.settings.token_lifetime_s
        token = self._sign(client_id, user_id, audience, lifetime_s)
        if version == 1:
            now = int(self._organisation.clock.epoch_s())
            return {
                "token_type": "Bearer",
                "expires_in": str(lifetime_s),
                "ext_expires_in": str(lifetime_s),
                "expires_on": str(now + lifetime_s),
                "not_before": str(now),
                "resource": audience,
                "access_token": token,
            }
        return {
            "token_type": "Bearer",
            "expires_in": lifetime_s,
            "ext_expires_in": lifetime_s,
            "access_token": token,
        }

    def _authenticate(
        self, tenant: str, form: Mapping[str, str], authorization: str | None
    ) -> tuple[str, str]:
        client_id, secret = form.get("client_id"), form.get("client_secret")
        if authorization is not None and authorization.lower().startswith("basic "):
            client_id, secret = _basic(authorization[6:])
        if not client_id:
            raise EntraError(
                400,
                "invalid_request",
                900144,
                "The request body must contain the following parameter: 'client_id'.",
            )
        application = self.applications().get(client_id.lower())
        if application is None:
            raise EntraError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory '{tenant}'.",
            )
        if secret is None:
            raise EntraError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or "
                "'client_secret'.",
            )
        if not hmac.compare_digest(secret.encode(), application["secret"].encode()):
            raise EntraError(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the "
                f"client secret value, not the client secret ID, for a secret added to app '{client_id}'.",
            )
        return client_id.lower(), application["user_id"]

    def _key(self) -> bytes:
        """Kept beside the data, not in it: tokens stay good when the organisation begins again."""
        if self._signing_key is None:
            path = self._organisation.data_dir / KEY_FILE
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(secrets.token_hex(32))
            self._signing_key = bytes.fromhex(path.read_text())
        return self._signing_key

    def _generation(self) -> int:
        return int(self._organisation.database.state("token_generation") or 0)

    def revoke_all(self) -> None:
        """Tokens given out so far are worth nothing from now on."""
        with self._organisation.database.transaction():
            self._organisation.database.set_state("token_generation", self._generation() + 1)

    def _sign(self, client_id: str, user_id: str, audience: str, lifetime_s: int) -> str:
        now = int(self._organisation.clock.epoch_s())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_s,
            "appid": client_id,
            "appidacr": "1",
            "idtyp": "app",
            "oid": user_id,
            "sub": user_id,
            "tid": TENANT_ID,
            "uti": secrets.token_urlsafe(12),
            "ver": "1.0",
            "generation": self._generation(),
        }
        text = ".".join(
            _encode(msgspec.json.encode(part)) for part in ({"typ": "JWT", "alg": "HS256"}, claims)
        )
        signature = hmac.new(self._key(), text.encode(), hashlib.sha256).digest()
        return f"{text}.{_encode(signature)}"

    def identify(self, authorization: str | None) -> Identity:
        """Who the Authorization header speaks for; raises InvalidToken."""
        if not authorization or not authorization.lower().startswith("bearer "):
            raise InvalidToken("The request has no bearer token.")
        text, _, signature = authorization[7:].strip().rpartition(".")
        expected = hmac.new(self._key(), text.encode(), hashlib.sha256).digest()
        try:
            if not hmac.compare_digest(_decode(signature), expected):
                raise InvalidToken("The token's signature is not valid.")
            claims = msgspec.json.decode(_decode(text.rpartition(".")[2]))
        except (ValueError, msgspec.DecodeError) as error:
            raise InvalidToken("The token is malformed.") from error
        if claims["exp"] <= self._organisation.clock.epoch_s():
            raise InvalidToken("The token has expired.")
        if claims["generation"] < self._generation():
            raise InvalidToken("The token has been revoked.")
        return Identity(claims["appid"], claims["oid"])


def _audience_v2(form: Mapping[str, str]) -> str:
    """``{org}/.default``; nothing else is possible for client credentials."""
    scope = form.get("scope")
    if not scope:
        raise EntraError(
            400, "invalid_request", 900144, "The request body must contain the following parameter: 'scope'."
        )
    wanted = [part for part in scope.split() if part not in ("openid", "profile", "offline_access")]
    if len(wanted) != 1 or not wanted[0].endswith("/.default"):
        raise EntraError(
            400,
            "invalid_scope",
            70011,
            f"The provided request must include a 'scope' input parameter. The provided value for the input "
            f"parameter 'scope' is not valid. The scope {scope} is not valid.",
        )
    return _audience(wanted[0].removesuffix(".default"))


def _audience_v1(form: Mapping[str, str]) -> str:
    resource = form.get("resource")
    if not resource:
        raise EntraError(
            400,
            "invalid_request",
            900144,
            "The request body must contain the following parameter: 'resource'.",
        )
    return _audience(resource)


def _audience(resource: str) -> str:
    """The organisation's root, under any of the names it is reached by."""
    parts = urlsplit(resource)
    if parts.scheme not in ("http", "https") or parts.hostname not in _LOCAL_NAMES or parts.path.strip("/"):
        raise EntraError(
            400,
            "invalid_resource",
            500011,
            f"The resource principal named {resource} was not found in the tenant named Sandbox. This can "
            "happen if the application has not been installed by the administrator of the tenant or "
            "consented to by any user in the tenant. You might have sent your authentication request to "
            "the wrong tenant.",
        )
    return resource


def _basic(text: str) -> tuple[str, str | None]:
    try:
        client_id, _, secret = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise EntraError(401, "invalid_client", 7000216, "The Authorization header is malformed.") from error
    # RFC 6749 wants both form-encoded; clients that do not encode are met as well, for nothing here
    # decodes further.
    return unquote_plus(client_id), unquote_plus(secret) if "%" in secret else secret


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
