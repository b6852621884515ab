"""Deny by default: which right each operation needs, and whether the caller's token has it.

An operation names its right with `auth=needs(...)`. One that names none is refused to everybody, for the API
as a whole carries a guard that lets nobody through. People's sessions in the console open nothing here, so
there is nothing that a foreign page could make a browser do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.http import HttpAuthBase

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import ApiToken
from syncline.accounts.rights import Right, role_may
from syncline.accounts.roles import Role
from syncline.accounts.tokens import Standing, find_token, note_use, standing_of
from syncline.api.errors import ApiError

log = structlog.get_logger()

Rule = Right | Callable[[Mapping[str, Any]], Right]
"""A right, or how to tell it from the parts of the address."""

ASK_OPERATOR: Final = "Ask whoever runs this installation for a token: syncline token add."


class ApiRequest(HttpRequest):
    """A call that has passed its guard."""

    auth: ApiToken


class BearerToken(HttpAuthBase):
    """`Authorization: Bearer sl_…`"""

    openapi_scheme = "bearer"

    def __init__(self, rule: Rule | None) -> None:
        super().__init__()
        self.rule = rule

    def __call__(self, request: HttpRequest) -> ApiToken:
        token = _token_of(request)
        right = self.right(request)
        if right is None or not role_may(Role(token.role), right):
            _tell_refusal(request, "not_allowed", token)
            raise _forbidden(token, right)
        note_use(token, timezone.now())
        return token

    def right(self, request: HttpRequest) -> Right | None:
        """None where nobody thought of naming one."""
        if self.rule is None or isinstance(self.rule, Right):
            return self.rule
        match = request.resolver_match
        return self.rule(match.kwargs if match else {})


def needs(rule: Rule) -> BearerToken:
    """The guard of an operation."""
    return BearerToken(rule)


REFUSE_ALL: Final = BearerToken(None)
"""The guard of the API as a whole: whoever names no right is shut, not open."""


def actor_of(request: ApiRequest) -> Actor:
    """Who is behind a call, for runs and for the admin log."""
    return Actor(f"API token {request.auth.name}", str(request.META.get("REMOTE_ADDR", "")))


def _token_of(request: HttpRequest) -> ApiToken:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise _unauthorized("token_missing", "The call carries no token.")
    token = find_token(text.strip())
    if token is None:
        _tell_refusal(request, "unknown", None)
        raise _unauthorized("token_unknown", "There is no such token.")
    standing = standing_of(token, timezone.now())
    if standing is not Standing.GOOD:
        _tell_refusal(request, standing.value, token)
        raise _unauthorized(f"token_{standing.value}", f"The token {token.name} is {standing.value}.")
    return token


def _tell_refusal(request: HttpRequest, why: str, token: ApiToken | None) -> None:
    """Who knocked, at which door, and why it stayed shut; never with the token itself."""
    log.warning(
        "A call of the API was refused",
        action="call_refused",
        why=why,
        token=token.name if token else "",
        method=request.method,
        path=request.path,
        origin=str(request.META.get("REMOTE_ADDR", "")),
    )


def _unauthorized(code: str, message: str) -> ApiError:
    return ApiError(
        HTTPStatus.UNAUTHORIZED, code, message, ASK_OPERATOR, headers={"WWW-Authenticate": "Bearer"}
    )


def _forbidden(token: ApiToken, right: Right | None) -> ApiError:
    wanted = f"this needs the right to {right.value}" if right else "nobody has been given the right to this"
    return ApiError(
        HTTPStatus.FORBIDDEN,
        "not_allowed",
        f"The token {token.name} has the role {token.get_role_display()}, and {wanted}.",
        "Ask whoever runs this installation for a token with another role." if right else "",
    )
