"""One conversation with one environment: tokens, limits, retries and errors around each request."""

from __future__ import annotations

import http.cookiejar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

from syncline.dataverse import errors
from syncline.dataverse.environment import Environment
from syncline.dataverse.limits import BurstLimiter, Gate
from syncline.dataverse.tokens import TokenProvider
from syncline.remote import (
    Clock,
    Limiter,
    Misconfigured,
    Patience,
    Permanent,
    RemoteError,
    Retryable,
    SystemClock,
    with_patience,
)
from syncline.remote.decoding import decoded
from syncline.remote.reach import trust, unanswered

T = TypeVar("T")

API_PATH = "/api/data/v9.2/"
CONNECT_TIMEOUT_S = 15.0
USUAL_HEADERS = {
    "Accept": "application/json",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
    "User-Agent": "Syncline",
}
JSON_TYPE = "application/json; charset=utf-8"
# Repeating these is harmless: the second time finds the first one's effect.
REPEATABLE = frozenset({"GET", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request before it is sent; everything that may differ from call to call.

    `path` is relative to the API root or an absolute link of the same origin. `body` is sent as JSON, or as
    it is when bytes. `record` names the row that a write is about. `accept` are statuses besides 2xx that are
    no error here. `repeatable` overrides what the method says about repeating after a lost answer. With
    `repeat_timeouts` false a time-out goes to the caller, who can ask for less at once.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    record: str | None = None
    accept: frozenset[int] = frozenset()
    repeatable: bool | None = None
    repeat_timeouts: bool = True

    @property
    def label(self) -> str:
        """What was asked, short enough for a message, without the query (which may hold a person's data)."""
        return f"{self.method} {self.path.split('?', 1)[0].rsplit(API_PATH, 1)[-1]}"

    @property
    def is_repeatable(self) -> bool:
        return self.method in REPEATABLE if self.repeatable is None else self.repeatable

    @property
    def content(self) -> bytes | None:
        body = self.body
        return body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)


class Session:
    """Sends requests; everything that knows what a request means is elsewhere."""

    def __init__(
        self,
        environment: Environment,
        *,
        limiter: Limiter | None = None,
        patience: Patience | None = None,
        clock: Clock | None = None,
        read_timeout_s: float = 130.0,
    ) -> None:
        self.environment = environment
        self.api = environment.root + API_PATH
        self._clock = clock or SystemClock()
        self._limiter = limiter or BurstLimiter(self._clock)
        self._patience = patience or Patience()
        self._gate = Gate()
        self._tokens = TokenProvider(environment, self._clock)
        self._http = httpx2.Client(
            verify=trust(environment.ca_file),
            timeout=httpx2.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
            limits=httpx2.Limits(max_connections=32, max_keepalive_connections=16),
            cookies=no_cookies(),
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()
        self._tokens.close()

    def sign_in(self) -> None:
        """Get a token, or say why there is none."""
        with_patience(self._tokens.token, repeatable=True, patience=self._patience, clock=self._clock)

    def get(self, path: str, type_: type[T], *, headers: Mapping[str, str] | None = None) -> T:
        """The decoded body of a GET; a body cut short is asked for again."""
        # The literal text "null" defeats stale caches on the way (contract §2.1).
        return self.decoded(
            Call(method="GET", path=path, headers={"If-None-Match": "null", **(headers or {})}), type_
        )

    def decoded(self, call: Call, type_: type[T]) -> T:
        """Send, and decode the JSON answer as `type_`."""

        def attempt() -> T:
            response = self._attempt(call)
            try:
                return decoded(response.content, type_)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Retryable(
                    f"{call.label}: the answer is not the JSON that was expected ({error})",
                    outcome_unknown=True,
                    status=response.status_code,
                ) from error

        return self._with_patience(call, attempt)

    def send(self, call: Call) -> httpx2.Response:
        """Send, and give back the raw answer."""
        return self._with_patience(call, lambda: self._attempt(call))

    def error_from(
        self, status: int, headers: Mapping[str, str], body: bytes, call_label: str, record: str | None
    ) -> RemoteError:
        return errors.from_response(
            status, headers, body, did=call_label, record=record, now=self._clock.now()
        )

    def _with_patience(self, call: Call, attempt: Callable[[], T]) -> T:
        return with_patience(
            attempt, repeatable=call.is_repeatable, patience=self._patience, clock=self._clock
        )

    def _attempt(self, call: Call) -> httpx2.Response:
        token = self._tokens.token()
        response = self._exchange(call, token)
        if response.status_code == 401:
            # A token can end before its time (revoked, or clocks apart): one new one, then it is an error.
            response = self._exchange(call, self._tokens.renew(token))
        status = response.status_code
        if 200 <= status < 300 or status in call.accept:
            return response
        if 300 <= status < 400:
            raise Misconfigured(
                f"{call.label}: {self.environment.root} answers with a redirect",
                "Give the environment's own address, as its Developer resources page shows it.",
                status=status,
            )
        raise self.error_from(status, response.headers, response.content, call.label, call.record)

    def _exchange(self, call: Call, token: str) -> httpx2.Response:
        url, content = self.url_of(call.path), call.content
        headers = {**USUAL_HEADERS, **call.headers, "Authorization": f"Bearer {token}"}
        if content is not None:
            headers.setdefault("Content-Type", JSON_TYPE)
        self._limiter.before_call()
        with self._gate.enter():
            try:
                response = self._http.request(call.method, url, content=content, headers=headers)
            except httpx2.HTTPError as error:
                raise unanswered(
                    error, call.label, self.environment.root, repeat_timeouts=call.repeat_timeouts
                ) from error
        self._limiter.after_response(response.headers, status=response.status_code)
        self._gate.learn(response.headers)
        return response

    def url_of(self, path: str) -> str:
        """The absolute URL of `path`. A link to another origin is refused: links come from stored data."""
        if "://" not in path.split("?", 1)[0]:
            return self.api + path
        if not _same_service(self.api, path):
            raise Permanent(f"A stored link does not belong to {self.environment.root}")
        return path


def _same_service(api: str, link: str) -> bool:
    here = urlsplit(api)
    try:
        there = urlsplit(link)
        same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return False
    return same and there.username is None and there.path.startswith("/api/data/")


def no_cookies() -> http.cookiejar.CookieJar:
    """Nothing is kept: the affinity cookie would tie bulk work to one web server (contract §5.1)."""
    return http.cookiejar.CookieJar(policy=http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))


class OnSession:
    """What each part of the client shares: the session it speaks through."""

    _session: Session
