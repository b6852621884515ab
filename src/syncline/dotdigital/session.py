"""One conversation with one account: signing, limits, retries and errors around each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import msgspec

from syncline.dotdigital import errors
from syncline.dotdigital.account import Account
from syncline.dotdigital.limits import HIGH, SCOPE, TierLimiter
from syncline.remote import Clock, Limiter, Patience, Retryable, SystemClock, with_patience
from syncline.remote.decoding import decoded
from syncline.remote.reach import unanswered

T = TypeVar("T")

CONNECT_TIMEOUT_S = 15.0
# The documentation asks clients to wait this long before they give a call up (contract §1.1).
READ_TIMEOUT_S = 121.0
REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
# Whole numbers and fractions are sent as numbers, so that a Numeric field takes them.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Answer(msgspec.Struct):
    """A typed answer; a `message` in it makes it an error whatever the status says."""

    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request before it is sent. `tier` is our guess of where it is counted, until an answer says."""

    method: str
    path: str
    route: str
    params: dict[str, str] | None = None
    body: Any = None
    record: str | None = None
    tier: str = HIGH
    repeatable: bool | None = None

    @property
    def label(self) -> str:
        """What was asked, without addresses of people: the route in place of the path."""
        return f"{self.method} {self.route}"

    @property
    def is_repeatable(self) -> bool:
        return self.method in REPEATABLE if self.repeatable is None else self.repeatable

    @property
    def content(self) -> bytes | None:
        body = self.body
        return body if body is None or isinstance(body, bytes) else _ENCODER.encode(body)


def call_to(method: str, path: str, *, route: str | None = None, **rest: Any) -> Call:
    """A call whose path holds nothing personal and so names itself."""
    return Call(method=method, path=path, route=route or path, **rest)


class Session:
    """Sends requests; everything that knows what a request means is elsewhere."""

    def __init__(
        self,
        account: Account,
        *,
        limiter: Limiter | None = None,
        patience: Patience | None = None,
        clock: Clock | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self.account = account
        self._clock = clock or SystemClock()
        self._limiter = limiter or TierLimiter(self._clock)
        self._patience = patience or Patience()
        self._tiers: dict[str, str] = {}
        self._http = httpx2.Client(
            auth=httpx2.BasicAuth(account.api_user, account.api_password),
            headers={"Accept": "application/json", "User-Agent": "Syncline"},
            timeout=httpx2.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def decoded(self, call: Call, type_: type[T]) -> T:
        """Send, and decode the JSON answer as `type_`; a body cut short is asked for again."""

        def attempt() -> T:
            response = self._attempt(call)
            try:
                found = decoded(response.content, type_)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if errors.detail(response.content) != ("", ""):
                    raise self._error(call, response) from error
                raise Retryable(
                    f"{call.label}: the answer is not the JSON that was expected ({error})",
                    outcome_unknown=True,
                    status=response.status_code,
                ) from error
            if isinstance(found, Answer) and found.message:
                raise self._error(call, response)
            return found

        return self._with_patience(call, attempt)

    def json(self, call: Call) -> Any:
        """Send, and decode whatever JSON comes; None for an empty body, and an error for an error's body."""

        def attempt() -> Any:
            response = self._attempt(call)
            if not response.content.strip():
                return None
            try:
                found = decoded(response.content, object)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Retryable(
                    f"{call.label}: the answer is not JSON ({error})",
                    outcome_unknown=True,
                    status=response.status_code,
                ) from error
            if errors.detail_of(found) != ("", ""):
                raise self._error(call, response)
            return found

        return self._with_patience(call, attempt)

    def _with_patience(self, call: Call, attempt: Callable[[], T]) -> T:
        return with_patience(
            attempt, repeatable=call.is_repeatable, patience=self._patience, clock=self._clock
        )

    def _attempt(self, call: Call) -> httpx2.Response:
        content = call.content
        headers = {"Content-Type": "application/json"} if content is not None else {}
        tier = self._tiers.get(call.label, call.tier)
        self._limiter.before_call(scope=tier)
        try:
            response = self._http.request(
                call.method,
                self.account.root + call.path,
                params=call.params,
                content=content,
                headers=headers,
            )
        except httpx2.HTTPError as error:
            raise unanswered(error, call.label, self.account.root) from error
        self._learn(call, tier, response)
        if 200 <= response.status_code < 300:
            return response
        raise self._error(call, response)

    def _learn(self, call: Call, tier: str, response: httpx2.Response) -> None:
        """The answer names the tier that the call was counted in: the next one like it goes there at once."""
        told = response.headers.get(SCOPE)
        if told:
            tier = self._tiers[call.label] = told
        self._limiter.after_response(response.headers, status=response.status_code, scope=tier)

    def _error(self, call: Call, response: httpx2.Response) -> Exception:
        return errors.from_response(
            response.status_code,
            response.headers,
            response.content,
            did=call.label,
            server=self.account.root,
            record=call.record,
            now=self._clock.now(),
        )


class OnSession:
    """What each part of the client shares: the session it speaks through."""

    _session: Session
