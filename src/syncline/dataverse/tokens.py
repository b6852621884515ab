"""Access tokens by the client-credentials flow, through Microsoft's own msal."""

from __future__ import annotations

import re
import threading
from typing import Any

import httpx2
import msal

from syncline.dataverse.environment import Environment
from syncline.dataverse.errors import retry_after_s
from syncline.remote import Clock, Misconfigured, Permanent, Retryable, SystemClock
from syncline.remote.reach import trust, unanswered

# A token is replaced this long before it ends, so that it does not end on its way.
SPARE_S = 300.0
TOKEN_TIMEOUT_S = 30.0

# What Entra's codes mean here, and what to do. The codes are Entra's published ones.
_REMEDIES: dict[str, tuple[str, str]] = {
    "7000215": (
        "the client secret is wrong",
        "Copy the secret's Value (not its ID) from the app registration, or make a new one.",
    ),
    "7000222": ("the client secret has expired", "Make a new client secret in the app registration."),
    "700016": (
        "the app registration is not known in this tenant",
        "Check the application (client) id, and that it was registered in this tenant.",
    ),
    "90002": ("the tenant is not known", "Check the directory (tenant) id."),
    "900023": ("the tenant id is malformed", "Check the directory (tenant) id."),
    "700027": (
        "the certificate does not match the app registration",
        "Upload the certificate's public part to the app registration, and check the thumbprint.",
    ),
    "500011": (
        "the environment's address is not known in this tenant",
        "Check the environment's address, and that it belongs to this tenant.",
    ),
    "70011": ("the environment's address is not a valid scope", "Check the environment's address."),
}
_CODE = re.compile(r"AADSTS(\d+)")


class TokenProvider:
    """The current access token of one environment; safe to share between threads."""

    def __init__(self, environment: Environment, clock: Clock | None = None) -> None:
        self._environment = environment
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        # msal takes any client with the get and post of requests; this one shares our settings and errors.
        self._http = httpx2.Client(
            verify=trust(environment.ca_file),
            timeout=TOKEN_TIMEOUT_S,
            event_hooks={"response": [self._raise_if_busy]},
        )
        self._app: Any = None
        self._token = ""
        self._ends_at = 0.0

    def token(self) -> str:
        """A token good for some minutes more. Raises `Misconfigured` with the remedy, or `Retryable`."""
        with self._lock:
            if not self._token or self._clock.now() > self._ends_at - SPARE_S:
                self._acquire()
            return self._token

    def renew(self, refused: str) -> str:
        """A token other than `refused`; another thread may have fetched it already."""
        with self._lock:
            if self._token == refused:
                self._acquire()
            return self._token

    def close(self) -> None:
        self._http.close()

    def _raise_if_busy(self, response: httpx2.Response) -> None:
        """Before msal sees it: its own memory of such answers would outlast the wait that was asked for."""
        if response.status_code == 429 or response.status_code >= 500:
            raise Retryable(
                f"No access token for {self._environment.root}: the login server is busy "
                f"(HTTP {response.status_code})",
                after_s=retry_after_s(response.headers, self._clock.now()),
                status=response.status_code,
            )

    def _acquire(self) -> None:
        scope = f"{self._environment.root}/.default"
        try:
            self._app = self._app or self._application()
            # msal keeps tokens too, and would give back the very one that is no longer wanted.
            self._app.remove_tokens_for_client()
            answer: dict[str, Any] = self._app.acquire_token_for_client(scopes=[scope])
        except httpx2.HTTPError as error:
            raise unanswered(error, "token", self._environment.authority_url) from error
        except ValueError as error:
            raise self._refused(str(error)) from error
        if "access_token" not in answer:
            raise self._refused(str(answer.get("error_description") or answer.get("error") or ""))
        self._token = str(answer["access_token"])
        self._ends_at = self._clock.now() + float(answer.get("expires_in", 0))

    def _application(self) -> Any:
        environment = self._environment
        public = not environment.authority_is_loopback
        return msal.ConfidentialClientApplication(
            environment.client_id,
            client_credential=self._credential(),
            authority=environment.authority_url,
            validate_authority=public,
            instance_discovery=None if public else False,
            http_client=self._http,
        )

    def _credential(self) -> str | dict[str, str]:
        certificate = self._environment.certificate
        if certificate is not None:
            return {"private_key": certificate.private_key_pem, "thumbprint": certificate.thumbprint}
        if self._environment.client_secret is None:
            raise Misconfigured(
                f"No credential is set for the environment {self._environment.root}",
                "Give a client secret or a certificate of the app registration.",
            )
        return self._environment.client_secret

    def _refused(self, description: str) -> Misconfigured | Permanent | Retryable:
        found = _CODE.search(description)
        number = found.group(1) if found else ""
        code = f"AADSTS{number}" if number else ""
        where = f"No access token for {self._environment.root}"
        if number in _REMEDIES:
            meaning, remedy = _REMEDIES[number]
            return Misconfigured(f"{where}: {meaning} ({code})", remedy, code=code)
        if "temporarily_unavailable" in description or number in {"90033", "50196", "90024"}:
            return Retryable(f"{where}: the login server is busy", code=code)
        # The first sentence only: what follows are trace ids and times.
        sentence = description.split("Trace ID", 1)[0].strip()[:300]
        return Misconfigured(
            f"{where}: {sentence or 'the login server refused without a reason'}",
            "Check tenant id, client id, secret or certificate, and the environment's address.",
            code=code,
        )
